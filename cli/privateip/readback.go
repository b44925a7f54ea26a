package privateip

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// check reads back whether a change has taken effect.
type check func(context.Context) (observation, error)

// observation is what reading back has seen of a change.
type observation struct {
	inventory.PrivateIP
	as ownership
}

type ownership int

const (
	nothing   ownership = iota // no effect: nothing is there, or another's for sure
	contested                  // the address is in use, and nothing tells whose it is
	probable                   // the address is held, which was free before, and nothing tells whose it is
	ours
)

// assigned reads back whether an assignment took effect. Neutron keeps the
// intent in the port's description. The VPC API has no room for it: there the
// address itself is the handle, which works because it was seen to be free
// before the intent, and because the journal allows one intent for it at a time.
func assigned(e *command.Env, p command.Project, subnet inventory.ID, addr netip.Addr, intent string, at time.Time) check {
	if p.Provider() == config.OpenStack {
		return assignedPort(p, subnet, addr, intent, at)
	}
	return func(ctx context.Context) (observation, error) {
		for ip, err := range command.Readable(e, p.PrivateIPs(ctx, subnet.String())) {
			if apierr.AbsenceOf(err) == apierr.ProvenAbsent && deleted(ctx, p, subnet) {
				return observation{}, nil
			}
			if err != nil {
				return observation{}, fmt.Errorf("list private IPs of subnet %q: %w", subnet, err)
			}
			if ip.Addr == addr {
				return observation{ip, probable}, nil
			}
		}
		return observation{}, nil
	}
}

// assignedPort asks for the port that holds the address, whose description tells
// whose work it is. Where none holds it, the port that bears the intent may have
// been moved, which is an error.
func assignedPort(p command.Project, subnet inventory.ID, addr netip.Addr, intent string, at time.Time) check {
	return func(ctx context.Context) (observation, error) {
		h, found, err := p.HolderOf(ctx, subnet, addr)
		switch {
		case err != nil:
			return observation{}, err
		case found:
			return observation{h.PrivateIP, ownershipOf(h, intent, at)}, nil
		}
		ip, found, err := p.PrivateIPByIntent(ctx, intent, addr)
		if err != nil || !found {
			return observation{}, err
		}
		return observation{ip, ours}, nil
	}
}

// lateBy is how much younger or older than the intent a port is that cannot be
// its work, however wrong a clock goes.
const lateBy = time.Hour

// ownershipOf tells whose work a port is that holds the address of an intent of at.
// An empty description tells too: Neutron keeps the intent where it keeps any.
// Only where the cloud has no descriptions at all is there room for doubt.
func ownershipOf(h cloudapi.Holding, intent string, at time.Time) ownership {
	switch {
	case h.Described && h.Description == intent:
		return ours
	case h.Described, !h.Created.IsZero() && h.Created.Sub(at).Abs() > lateBy:
		return nothing
	case h.Device.IsZero() && h.Owner == "":
		return probable
	}
	return contested
}

// deleted reports whether the listing of the subnets no longer has one. That a
// subnet is not found does not tell: without the role for it the answer is the
// same.
func deleted(ctx context.Context, p command.Project, subnet inventory.ID) bool {
	for s, err := range p.Subnets(ctx) {
		if err != nil || s.ID == subnet { // one that cannot be read may be it
			return false
		}
	}
	return true
}

// released reads back whether a private IP is gone.
func released(p command.Project, id string) check {
	return func(ctx context.Context) (observation, error) {
		_, err := p.PrivateIP(ctx, id)
		if apierr.AbsenceOf(err) == apierr.ProvenAbsent {
			return observation{inventory.PrivateIP{ID: inventory.ParseID(id)}, ours}, nil
		}
		if err != nil {
			err = fmt.Errorf("read private IP %q: %w", id, err)
		}
		return observation{}, err
	}
}
