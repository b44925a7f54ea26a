package privateip

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// check reads back whether a change has taken effect.
type check func(context.Context) (observation, error)

// observation is what reading back found of a change.
type observation struct {
	inventory.PrivateIP
	as ownership
}

// ownership is whose work an address is.
type ownership int

const (
	nothing   ownership = iota // nobody's, or surely another's: the change has no effect
	contested                  // the address is in use, and the cloud does not say whose it is
	probable                   // the address was free before our request and is taken now; the cloud does not say by whom
	ours
)

// assigned reads back whether an assignment took effect. Neutron keeps the intent
// in the port's description. The VPC API cannot keep it: there the address itself
// identifies the change, because the address was free before the intent and the
// journal allows one intent for it at a time.
func assigned(e *command.Env, p command.Project, subnet inventory.ID, addr netip.Addr, intent string, at time.Time) check {
	if provider.Named(p.Provider()).KeepsIntent {
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

// assignedPort asks for the port that has the address: its description shows whose
// work it is. Where no port has it, the port with the intent may have been moved,
// which is an error.
func assignedPort(p command.Project, subnet inventory.ID, addr netip.Addr, intent string, at time.Time) check {
	return func(ctx context.Context) (observation, error) {
		h, found, err := p.PortAt(ctx, subnet, addr)
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

// lateBy is the difference in age from which a port cannot be the work of an
// intent, however wrong a clock is.
const lateBy = time.Hour

// ownershipOf returns whose work a port is that has the address of an intent of at.
// Neutron keeps the intent in the description, so that another description, or none,
// is another's port. Only a cloud that has no descriptions leaves it open.
func ownershipOf(h cloudapi.PortClaim, intent string, at time.Time) ownership {
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

// deleted reports whether the listing of the subnets no longer has a subnet. A 404
// for the subnet proves nothing: without the role for it the answer is the same.
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
