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
	s.Fields(page.Fields{
		{"id", func() { pool.ID = s.ItemID() }},
		{"name", func() { pool.Name = s.Str() }},
		{"ip_version", func() { pool.IPVersion = readIPVersion(s) }},
		{"shared", func() { pool.Hidden = s.Peek() == jsontext.KindTrue }},
		{"project_id", func() { readOwner(s, true, &owner) }},
		{"tenant_id", func() { readOwner(s, false, &owner) }},
		{"prefixes", func() {
			s.Array(func() {
				p := s.Prefix()
				if len(pool.Prefixes) == mostPrefixes {
					s.Refuse(errors.New("it has too many prefixes"))
					return
				}
				pool.Prefixes = append(pool.Prefixes, p)
			})
		}},
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
