package estate

import (
	"net/netip"
	"slices"
	"strings"
)

// State is everything that a cloud holds.
type State struct {
	opts     Shape
	names    Namer
	Projects []*Project
	VPCs     []*VPC
	Networks []*Network
	Ports    []*Port // in order of id
	Servers  []*Server
	Groups   []*Group

	PublicIPs     []*PublicIP
	Pools         []*Pool
	SubnetPools   []*SubnetPool
	SubInterfaces []*SubInterface

	Quotas map[string][]Quota // by project id

	made map[string]int // how many of each kind have an id
	Zone string
	next netip.Addr // where the next added network begins
}

// New makes the estate of a shape: the same shape makes the same estate.
func New(o Shape) *State {
	e := &State{opts: o, names: Namer{Seed: o.Seed}, Quotas: map[string][]Quota{}, made: map[string]int{}, next: netip.MustParseAddr("10.64.0.0")}
	e.Zone = o.Region + "-01"
	if o.Provider == OpenStack {
		e.Zone = "nova"
		e.buildOpenStack()
	} else {
		e.buildHuawei()
	}
	e.fill()
	e.Sort()
	return e
}

// ID is the next id of a kind.
func (e *State) ID(kind string) string { return e.UUID(kind).String() }

// UUID returns the next id of a kind.
func (e *State) UUID(kind string) UUID {
	e.made[kind]++
	return e.names.uuid(kind, e.made[kind])
}

func (e *State) addProject(name string) *Project {
	e.made["project"]++
	p := &Project{ID: e.names.Hex32("project", e.made["project"]), Name: name}
	e.Projects = append(e.Projects, p)
	return p
}

func (e *State) addVPC(p *Project, name, cidr string) *VPC {
	v := &VPC{ID: e.ID("vpc"), Name: name, CIDR: cidr, Status: "OK", Project: p}
	e.VPCs = append(e.VPCs, v)
	return v
}

// AddNetwork makes a network without subnets.
func (e *State) AddNetwork(p *Project, v *VPC, name string) *Network {
	n := &Network{ID: e.ID("network"), Name: name, Project: p, VPC: v, Status: "ACTIVE"}
	e.Networks = append(e.Networks, n)
	return n
}

// AddSubnet adds one address family. Without pools, all that the provider can
// hand out by default is handed out.
func (e *State) AddSubnet(n *Network, name, cidr string, pools ...addrRange) *Subnet {
	prefix := netip.MustParsePrefix(cidr)
	s := &Subnet{ID: e.ID("subnet"), Name: name, Network: n, Prefix: prefix, Gateway: prefix.Addr().Next(), Pools: pools}
	if len(pools) == 0 {
		s.Pools = e.defaultPools(prefix)
	}
	s.cursor = s.Pools[0].From
	n.Subnets = append(n.Subnets, s)
	return s
}

// defaultPools leave out network, gateway and broadcast; on Huawei Cloud and
// OTC two more: of a /24 there are .0, .1, .253, .254 and .255.
func (e *State) defaultPools(p netip.Prefix) []addrRange {
	from, last := p.Addr().Next().Next(), LastAddr(p)
	if p.Addr().Is6() {
		return []addrRange{{from, last}}
	}
	to := last.Prev()
	if e.opts.Provider != OpenStack {
		to = to.Prev().Prev()
	}
	return []addrRange{{from, to}}
}

// LastAddr returns the last address of a prefix.
func LastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// take hands out the next free address; ok is false when none is left.
func (s *Subnet) take() (a netip.Addr, ok bool) {
	for s.cursor.IsValid() {
		a, s.cursor = s.cursor, s.cursor.Next()
		if s.Contains(a) && a != s.Gateway {
			return a, true
		}
		if a.Compare(s.Pools[len(s.Pools)-1].To) > 0 {
			break
		}
	}
	return a, false
}

// AddPort adds a port with the next free address of each given subnet.
func (e *State) AddPort(n *Network, owner, device, status string, in ...*Subnet) *Port {
	p := &Port{ID: e.UUID("port"), Network: n, Project: n.Project, Owner: owner, Device: device, Status: status}
	for _, s := range in {
		if a, ok := s.take(); ok {
			p.Fixed = append(p.Fixed, FixedIP{s.ID, a})
		}
	}
	e.Ports = append(e.Ports, p)
	return p
}

// addPortAt adds a port with one address of the caller's choice.
func (e *State) addPortAt(n *Network, owner, device, status, subnetID string, a netip.Addr) *Port {
	p := e.AddPort(n, owner, device, status)
	p.Fixed = []FixedIP{{subnetID, a}}
	return p
}

// infrastructure adds what every network has: the gateway's and DHCP's port.
func (e *State) infrastructure(n *Network) {
	s := n.V4()
	if e.opts.Provider == OpenStack {
		if s != nil && s.Gateway.IsValid() {
			e.addPortAt(n, "network:router_interface", e.ID("router"), "ACTIVE", s.ID, s.Gateway)
		}
		e.AddPort(n, "network:dhcp", "dhcp"+e.ID("dhcp"), "ACTIVE", n.Subnets...)
		return
	}
	e.addPortAt(n, "network:router_interface_distributed", n.VPC.ID, "ACTIVE", s.ID, s.Gateway)
	dhcp := LastAddr(s.Prefix).Prev()
	if dhcp == s.Gateway {
		dhcp = dhcp.Prev()
	}
	e.addPortAt(n, "network:dhcp", "dhcp-"+n.ID, "ACTIVE", s.ID, dhcp)
}

// AddServer adds a server with one NIC in each of the networks.
func (e *State) AddServer(p *Project, name, status, flavor string, nets ...*Network) *Server {
	s := &Server{ID: e.ID("server"), Name: name, Status: status, Zone: e.Zone, Project: p, Flavor: flavor}
	s.Created = len(e.Servers) * 60
	owner := "compute:" + e.Zone
	for _, n := range nets {
		port := e.AddPort(n, owner, s.ID, "ACTIVE", n.Subnets...)
		port.Project = p
		s.Ports = append(s.Ports, port)
	}
	e.Servers = append(e.Servers, s)
	return s
}

func (e *State) addGroup(p *Project, name string, version int, entries ...string) *Group {
	g := &Group{ID: e.ID("group"), Name: name, Project: p, Version: version, Max: 20, Status: "NORMAL", Updated: "2026-01-02T03:04:05.000+00:00"}
	for _, t := range entries {
		g.Entries = append(g.Entries, Entry{Text: t})
	}
	e.Groups = append(e.Groups, g)
	return g
}

// Sort brings everything in the order in which the clouds list it: by id, and
// servers newest first.
func (e *State) Sort() {
	slices.SortFunc(e.Ports, ComparePorts)
	slices.SortFunc(e.VPCs, func(a, b *VPC) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Networks, func(a, b *Network) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Groups, func(a, b *Group) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(e.PublicIPs, func(a, b *PublicIP) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(e.Pools, func(a, b *Pool) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(e.SubnetPools, func(a, b *SubnetPool) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(e.SubInterfaces, func(a, b *SubInterface) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(e.Servers, func(a, b *Server) int { return b.Created - a.Created })
	counts := map[*Network]int{}
	for _, p := range e.Ports {
		counts[p.Network]++
	}
	for _, n := range e.Networks {
		n.Ports = make([]*Port, 0, counts[n])
	}
	for _, p := range e.Ports {
		p.Network.Ports = append(p.Network.Ports, p)
	}
}

// Insert adds a port to the sorted estate.
func (e *State) Insert(p *Port) {
	e.Ports = insertPort(e.Ports, p)
	p.Network.Ports = insertPort(p.Network.Ports, p)
}

// Remove takes a port out of the sorted estate.
func (e *State) Remove(p *Port) {
	is := func(q *Port) bool { return q == p }
	e.Ports = slices.DeleteFunc(e.Ports, is)
	p.Network.Ports = slices.DeleteFunc(p.Network.Ports, is)
}

func insertPort(ps []*Port, p *Port) []*Port {
	i, _ := slices.BinarySearchFunc(ps, p.ID, ComparePortID)
	return slices.Insert(ps, i, p)
}
