package inventory

import (
	"net/netip"

	"iter"

	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// joiner finds the subnet of an address on a port: by the Neutron subnet that
// the port names, else, where a network is one subnet of the cloud, by network
// and address family. Answers are indexes into the subnets that it was made of.
type joiner struct {
	bySubnet  map[ID]int
	byNetwork [2]map[ID]int // IPv4, IPv6; nil where a network holds several subnets
}

func newJoiner(subnets []Subnet, cloud string) *joiner {
	j := &joiner{bySubnet: make(map[ID]int, len(subnets))}
	byNetwork := provider.Named(cloud).NetworkIsSubnet
	if byNetwork {
		j.byNetwork = [2]map[ID]int{make(map[ID]int), make(map[ID]int)}
	}
	for i := range subnets {
		s := &subnets[i]
		put(j.bySubnet, s.NeutronID, i)
		if byNetwork {
			f := familyIndex(s.Prefix.Addr())
			put(j.byNetwork[f], s.NetworkID, i)
			put(j.byNetwork[f], s.ID, i)
		}
	}
	return j
}

// put keeps the first subnet of an id; an id that is missing joins nothing.
func put(m map[ID]int, id ID, i int) {
	if _, taken := m[id]; !taken && !id.IsZero() {
		m[id] = i
	}
}

func familyIndex(a netip.Addr) int {
	if a.Unmap().Is4() {
		return 0
	}
	return 1
}

// subnet returns the index of the subnet that an address belongs to.
func (j *joiner) subnet(neutronSubnet, network ID, a netip.Addr) (int, bool) {
	if i, ok := j.bySubnet[neutronSubnet]; ok {
		return i, true
	}
	return j.network(neutronSubnet, network, familyIndex(a))
}

func (j *joiner) network(neutronSubnet, network ID, family int) (int, bool) {
	if i, ok := j.byNetwork[family][network]; ok {
		return i, true
	}
	// Some answers call the network by the name of the subnet.
	i, ok := j.byNetwork[family][neutronSubnet]
	return i, ok
}

// SubnetOf returns a function that finds the subnet, among those given, of an
// address on a port; nil when it is not among them.
func SubnetOf(subnets []Subnet, cloud string) func(*Port, FixedIP) *Subnet {
	j := newJoiner(subnets, cloud)
	return func(p *Port, f FixedIP) *Subnet {
		if i, ok := j.subnet(f.SubnetID, p.NetworkID, f.Addr); ok {
			return &subnets[i]
		}
		return nil
	}
}

// SubnetIDOf returns a function that finds the id by which the cloud's own
// console calls the subnet of an address on a port, also of one that is not
// among those given.
func SubnetIDOf(subnets []Subnet, cloud string) func(*Port, FixedIP) ID {
	subnetOf := SubnetOf(subnets, cloud)
	return func(p *Port, f FixedIP) ID {
		switch s := subnetOf(p, f); {
		case s != nil:
			return s.ID
		case provider.Named(cloud).NetworkIsSubnet:
			return p.NetworkID
		}
		return f.SubnetID
	}
}

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

// addresses goes over the addresses of all ports that are in a subnet, with its index,
// but for those on ports of the owners to leave out.
func (c *portJoins) addresses(leaveOut func(owner string) bool) iter.Seq2[int32, netip.Addr] {
	return func(yield func(int32, netip.Addr) bool) {
		out := make([]bool, len(c.ports.kinds.values)) // by kind
		one := make([]int32, len(out))
		for i := range out {
			kind := &c.ports.kinds.values[i]
			out[i], one[i] = leaveOut(kind.Owner), -1
			if kind.Form == oneIPv4 {
				one[i] = c.ofKind(kind)
			}
		}
		for from, r := range c.ports.records() {
			kind := &c.ports.kinds.values[r.kind]
			switch {
			case out[r.kind] || kind.Form == noAddress:
			case kind.Form == manyAddresses:
				for f := range from.fixedOf(r) {
					if at := c.of(kind, f); at >= 0 && !yield(at, f.address()) {
						return
					}
				}
			case one[r.kind] >= 0:
				if !yield(one[r.kind], space.Addr4(r.addrOrOffset)) {
					return
				}
			}
		}
	}
}

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
	for at, a := range on.addresses(func(string) bool { return false }) {
		seen[at]++
		if pools[at].Contains(a) {
			inside[at]++
		}
	}
	for i, s := range subnets {
		free := max(0, space.Size(pools[i])-inside[i]-max(0, s.Usage.Used-seen[i]))
		s.Usage.Free = &free
	}
}
