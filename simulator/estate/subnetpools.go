package estate

import "net/netip"

// addSubnetPool makes a subnet pool, from which the listed networks have the subnets that
// lie in it.
func (e *State) addSubnetPool(p *Project, name string, shared bool, prefixes ...string) *SubnetPool {
	pool := &SubnetPool{ID: e.ID("subnetpool"), Name: name, Project: p, Shared: shared}
	for _, text := range prefixes {
		prefix := netip.MustParsePrefix(text)
		pool.Prefixes = append(pool.Prefixes, prefix)
		for _, n := range e.Networks {
			for _, s := range n.Subnets {
				if !n.Unlisted && prefix.Contains(s.Prefix.Addr()) {
					s.Pool = pool
				}
			}
		}
	}
	e.SubnetPools = append(e.SubnetPools, pool)
	return pool
}

// openstackPools makes subnet pools: one shared by all, one without room, one of IPv6 and
// one that nobody uses.
func (e *State) openstackPools(admin, alpha, beta *Project) {
	e.addSubnetPool(admin, "tenants", true, "10.2.0.0/15", "10.4.0.0/16")
	e.addSubnetPool(alpha, "full", false, "10.1.0.0/28")
	e.addSubnetPool(alpha, "six", false, "fd00:4::/30")
	e.addSubnetPool(beta, "pool \"quoted\"\n<b>", false, "172.31.0.0/16", "172.28.0.0/24")
}
