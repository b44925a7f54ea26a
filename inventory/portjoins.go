package inventory

import (
	"iter"
	"net/netip"

	"cloudip_exporter/inventory/space"
)

// portJoins joins the addresses on ports with subnets. What ports have in common is
// joined once.
type portJoins struct {
	ports    *Ports
	joins    *joiner
	bySubnet []int32 // by number of a subnet in the store: index of the subnet with that Neutron id, or -1
}

func newPortJoins(ports *Ports, joins *joiner) portJoins {
	c := portJoins{ports: ports, joins: joins, bySubnet: make([]int32, len(ports.subnets.values))}
	for i, id := range ports.subnets.values {
		c.bySubnet[i] = -1
		if at, ok := joins.bySubnet[id]; ok {
			c.bySubnet[i] = int32(at)
		}
	}
	return c
}

// ofKind is the index of the subnet that ports of a kind of one IPv4 address are in, -1
// for none.
func (c *portJoins) ofKind(kind *portKind) int32 {
	if i, ok := c.joins.bySubnet[kind.Subnet]; ok {
		return int32(i)
	}
	return c.byNetwork(kind.Subnet, kind.Network, true)
}

// of is the index of the subnet that an address in the store is in, -1 for none.
func (c *portJoins) of(kind *portKind, f *fixedRecord) int32 {
	if at := c.bySubnet[f.subnet]; at >= 0 {
		return at
	}
	return c.byNetwork(c.ports.subnets.values[f.subnet], kind.Network, f.is4)
}

func (c *portJoins) byNetwork(neutronSubnet, network ID, is4 bool) int32 {
	family := 1
	if is4 {
		family = 0
	}
	if at, ok := c.joins.network(neutronSubnet, network, family); ok {
		return int32(at)
	}
	return -1
}

// portAddress is an address on a port.
type portAddress struct {
	port *portRecord
	netip.Addr
}

// addresses goes over the addresses on ports that are in a subnet, with its index. Only
// ports at these places, in order of id, count (nil: all), and none of the owners to leave
// out (nil: none).
func (c *portJoins) addresses(only bitset, leaveOut func(owner string) bool) iter.Seq2[int32, portAddress] {
	return func(yield func(int32, portAddress) bool) {
		out := make([]bool, len(c.ports.kinds.values)) // by kind
		one := make([]int32, len(out))
		for i := range out {
			kind := &c.ports.kinds.values[i]
			out[i], one[i] = leaveOut != nil && leaveOut(kind.Owner), -1
			if kind.Form == oneIPv4 {
				one[i] = c.ofKind(kind)
			}
		}
		records := c.ports.records()
		if only != nil {
			records = c.ports.some(only)
		}
		for from, r := range records {
			if out[r.kind] {
				continue
			}
			if at := one[r.kind]; at >= 0 {
				if !yield(at, portAddress{r, space.Addr4(r.addrOrOffset)}) {
					return
				}
				continue
			}
			kind := &c.ports.kinds.values[r.kind]
			if kind.Form != manyAddresses {
				continue
			}
			for f := range fixedOf(from, r) {
				if at := c.of(kind, f); at >= 0 && !yield(at, portAddress{r, f.address()}) {
					return
				}
			}
		}
	}
}
