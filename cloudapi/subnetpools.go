package cloudapi

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// SubnetPools lists the subnet pools.
func (p *Project) SubnetPools(ctx context.Context) iter.Seq2[inventory.SubnetPool, error] {
	return listBy(ctx, p, provider.SubnetPools, subnetPoolAPIs)
}

var subnetPoolAPIs = listings[inventory.SubnetPool]{
	// Networking API v2.0, "List subnet pools".
	"neutron": {kind: "subnet pool", key: "subnetpools", of: ofSubnetPools},
}

// ofSubnetPools: of a shared pool, and of one of another project, only who sees the whole
// cloud sees all subnets.
func ofSubnetPools(ctx context.Context, p *Project, l *listing[inventory.SubnetPool]) error {
	all, err := p.AllTenants(ctx)
	if err != nil {
		return err
	}
	own, err := p.Narrow(ctx)
	if err == nil && own == "" {
		own, err = p.session.Scope(ctx)
	}
	l.item = func(s *page.Scanner, pools []inventory.SubnetPool) []inventory.SubnetPool {
		pool, owner := readSubnetPool(s)
		pool.Hidden = !all && (pool.Hidden || !owner.IsZero() && owner != inventory.ParseID(own))
		return append(pools, pool)
	}
	return err
}

// readSubnetPool reads a subnet pool, Hidden where it is shared, and its project.
func readSubnetPool(s *page.Scanner) (pool inventory.SubnetPool, owner inventory.ID) {
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			pool.ID = s.ItemID()
		case "name":
			pool.Name = s.Str()
		case "ip_version":
			pool.IPVersion = readIPVersion(s)
		case "shared":
			pool.Hidden = s.Peek() == jsontext.KindTrue
		case "project_id", "tenant_id":
			readOwner(s, key, &owner)
		case "prefixes":
			s.Array(func() {
				p := s.Prefix()
				if len(pool.Prefixes) == mostPrefixes {
					s.Refuse(errors.New("it has too many prefixes"))
					return
				}
				pool.Prefixes = append(pool.Prefixes, p)
			})
		}
	})
	if pool.IPVersion == "" && len(pool.Prefixes) > 0 {
		pool.IPVersion = inventory.IPVersion(pool.Prefixes[0].Addr())
	}
	if pool.IPVersion == "" {
		s.Refuse(errors.New("it has neither ip_version nor prefixes"))
	}
	pool.Prefixes = slices.DeleteFunc(pool.Prefixes, func(p netip.Prefix) bool { return inventory.IPVersion(p.Addr()) != pool.IPVersion })
	return pool, owner
}
