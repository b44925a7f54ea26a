package cli

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// effect reads back whether a change has taken effect.
type effect func(context.Context) (seen, error)

// seen is what reading back has seen of a change.
type seen struct {
	inventory.PrivateIP
	as sight
}

type sight int

const (
	nothing  sight = iota // no effect: nothing is there, or another's for sure
	doubtful              // the address is in use, and nothing tells whose it is
	likely                // the address is held, which was free before, and nothing tells whose it is
	ours
)

// assigned reads back whether an assignment took effect. Neutron keeps the
// intent in the port's description. The VPC API has no room for it: there the
// address itself is the handle, which works because it was seen to be free
// before the intent, and because the journal allows one intent for it at a time.
func (e *Env) assigned(p Project, subnet inventory.ID, addr netip.Addr, intent string, at time.Time) effect {
	if p.Provider() == config.OpenStack {
		return assignedPort(p, subnet, addr, intent, at)
	}
	return func(ctx context.Context) (seen, error) {
		for ip, err := range readable(e, p.PrivateIPs(ctx, subnet.String())) {
			if apierr.IsGone(err) && deleted(ctx, p, subnet) {
				return seen{}, nil
			}
			if err != nil {
				return seen{}, fmt.Errorf("list private IPs of subnet %q: %w", subnet, err)
			}
			if ip.Addr == addr {
				return seen{ip, likely}, nil
			}
		}
		return seen{}, nil
	}
}

// assignedPort asks for the port that holds the address, whose description tells
// whose work it is. Where none holds it, the port that bears the intent may have
// been moved, which is an error.
func assignedPort(p Project, subnet inventory.ID, addr netip.Addr, intent string, at time.Time) effect {
	return func(ctx context.Context) (seen, error) {
		h, found, err := p.HolderOf(ctx, subnet, addr)
		switch {
		case err != nil:
			return seen{}, err
		case found:
			return seen{h.PrivateIP, judge(h, intent, at)}, nil
		}
		ip, found, err := p.PrivateIPByIntent(ctx, intent, addr)
		if err != nil || !found {
			return seen{}, err
		}
		return seen{ip, ours}, nil
	}
}

// lateBy is how much younger or older than the intent a port is that cannot be
// its work, however wrong a clock goes.
const lateBy = time.Hour

// judge tells whose work a port is that holds the address of an intent of at.
// An empty description tells too: Neutron keeps the intent where it keeps any.
// Only where the cloud has no descriptions at all is there room for doubt.
func judge(h cloudapi.Holding, intent string, at time.Time) sight {
	switch {
	case h.Described && h.Description == intent:
		return ours
	case h.Described, !h.Created.IsZero() && h.Created.Sub(at).Abs() > lateBy:
		return nothing
	case h.Device.IsZero() && h.Owner == "":
		return likely
	}
	return doubtful
}

// deleted reports whether the listing of the subnets no longer has one. That a
// subnet is not found does not tell: without the role for it the answer is the
// same.
func deleted(ctx context.Context, p Project, subnet inventory.ID) bool {
	for s, err := range p.Subnets(ctx) {
		if err != nil || s.ID == subnet { // one that cannot be read may be it
			return false
		}
	}
	return true
}

// released reads back whether a private IP is gone.
func released(p Project, id string) effect {
	return func(ctx context.Context) (seen, error) {
		_, err := p.PrivateIP(ctx, id)
		if apierr.IsGone(err) {
			return seen{inventory.PrivateIP{ID: inventory.ParseID(id)}, ours}, nil
		}
		if err != nil {
			err = fmt.Errorf("read private IP %q: %w", id, err)
		}
		return seen{}, err
	}
}
