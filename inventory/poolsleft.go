package inventory

import (
	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
)

// SetFree sets how many addresses Neutron can still hand out of the allocation pools
// of subnets whose use is known: pool size less the port addresses inside, less what is
// used on ports that the credential does not see, which may all lie in the pools. The
// figure is never too high. It is safe for concurrent use on frozen ports.
func SetFree(ports *Ports, subnets []*Subnet) {
	joins := &joiner{bySubnet: make(map[ID]int, len(subnets))}
	pools, seen, inside := make([]*netipx.IPSet, len(subnets)), make([]float64, len(subnets)), make([]float64, len(subnets))
	for i, s := range subnets {
		put(joins.bySubnet, s.NeutronID, i)
		pools[i] = space.Set(s.Pools...)
	}
	on := newPortJoins(ports, joins)
	for at, a := range on.addresses(nil, nil) {
		seen[at]++
		if pools[at].Contains(a.Addr) {
			inside[at]++
		}
	}
	for i, s := range subnets {
		s.Usage.Free = new(max(0, space.Size(pools[i])-inside[i]-max(0, s.Usage.Used-seen[i])))
	}
}
