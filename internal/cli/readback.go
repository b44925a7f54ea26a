package cli

import (
	"context"
	"fmt"
	"net/netip"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/config"
	"cloudip_exporter/internal/inventory"
)

// assigned reads back whether an assignment took effect. Neutron keeps the
// intent in the port's description. The VPC API has no room for it: there the
// address itself is the handle, which works because it was seen to be free
// before the intent, and because the journal allows one intent for it at a time.
func (e *Env) assigned(p Project, s inventory.Subnet, addr netip.Addr, intent string) effect {
	if p.Provider() == config.OpenStack {
		return func(ctx context.Context) (inventory.PrivateIP, bool, error) {
			return p.PrivateIPByIntent(ctx, intent, addr)
		}
	}
	return func(ctx context.Context) (inventory.PrivateIP, bool, error) {
		for ip, err := range readable(e, p.PrivateIPs(ctx, s.ID.String())) {
			if noneSuch(err) && deleted(ctx, p, s.ID) {
				return inventory.PrivateIP{}, false, nil
			}
			if err != nil {
				return inventory.PrivateIP{}, false, fmt.Errorf("list private IPs of subnet %q: %w", s.ID, err)
			}
			if ip.Addr == addr {
				return ip, true, nil
			}
		}
		return inventory.PrivateIP{}, false, nil
	}
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

// noneSuch reports whether the cloud does not have what was asked for. The
// gateway's 404 is about an API that is not served there.
func noneSuch(err error) bool {
	return cloudapi.IsNotFound(err) && !cloudapi.IsCode(err, "APIGW.0101", "APIG.0101")
}

// released reads back whether a private IP is gone.
func released(p Project, id string) effect {
	return func(ctx context.Context) (inventory.PrivateIP, bool, error) {
		_, err := p.PrivateIP(ctx, id)
		if noneSuch(err) {
			return inventory.PrivateIP{ID: inventory.ParseID(id)}, true, nil
		}
		if err != nil {
			err = fmt.Errorf("read private IP %q: %w", id, err)
		}
		return inventory.PrivateIP{}, false, err
	}
}
