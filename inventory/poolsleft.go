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
	type counted struct {
		pools        *netipx.IPSet
		seen, inside float64
	}
	by := make(map[ID]*counted, len(subnets))
	for _, s := range subnets {
		by[s.NeutronID] = &counted{pools: space.Set(s.Pools...)}
	}
	for from, r := range ports.records() {
		for f := range ports.addresses(from, r) {
			if c := by[f.SubnetID]; c != nil {
				c.seen++
				if c.pools.Contains(f.Addr) {
					c.inside++
				}
			}
		}
	}
	for _, s := range subnets {
		c := by[s.NeutronID]
		free := max(0, space.Size(c.pools)-c.inside-max(0, s.Usage.Used-c.seen))
		s.Usage.Free = &free
	}
}
