package inventory

import (
	"net/netip"

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
