package simulator

import (
	"net/netip"
	"slices"
)

// estate is everything that a cloud holds.
type estate struct {
	opts     Options
	names    namer
	projects []*project
	vpcs     []*vpc
	networks []*network
	ports    []*port // in order of id
	servers  []*server
	groups   []*group
	quotas   map[string][]quota // by project id

	made map[string]int // how many of each kind have an id
	zone string
	next netip.Addr // where the next added network begins
}

func newEstate(o Options) *estate {
	e := &estate{opts: o, names: namer{o.Seed}, quotas: map[string][]quota{}, made: map[string]int{}, next: netip.MustParseAddr("10.64.0.0")}
	e.zone = o.Region + "-01"
	if o.Provider == OpenStack {
		e.zone = "nova"
		e.buildOpenStack()
	} else {
		e.buildHuawei()
	}
	e.fill()
	e.sort()
	return e
}

// id is the next id of a kind.
func (e *estate) id(kind string) string { return e.uuid(kind).String() }

func (e *estate) uuid(kind string) uuid {
	e.made[kind]++
	return e.names.uuid(kind, e.made[kind])
}

func (e *estate) addProject(name string) *project {
	e.made["project"]++
	p := &project{id: e.names.hex32("project", e.made["project"]), name: name}
	e.projects = append(e.projects, p)
	return p
}

func (e *estate) addVPC(p *project, name, cidr string) *vpc {
	v := &vpc{id: e.id("vpc"), name: name, cidr: cidr, status: "OK", project: p}
	e.vpcs = append(e.vpcs, v)
	return v
}

// addNetwork makes a network without subnets.
func (e *estate) addNetwork(p *project, v *vpc, name string) *network {
	n := &network{id: e.id("network"), name: name, project: p, vpc: v, status: "ACTIVE"}
	e.networks = append(e.networks, n)
	return n
}

// addSubnet adds one address family. Without pools, all that the provider can
// hand out by default is handed out.
func (e *estate) addSubnet(n *network, name, cidr string, pools ...addrRange) *subnet {
	prefix := netip.MustParsePrefix(cidr)
	s := &subnet{id: e.id("subnet"), name: name, network: n, prefix: prefix, gateway: prefix.Addr().Next(), pools: pools}
	if len(pools) == 0 {
		s.pools = e.defaultPools(prefix)
	}
	s.cursor = s.pools[0].from
	n.subnets = append(n.subnets, s)
	return s
}

// defaultPools leave out network, gateway and broadcast; on Huawei Cloud and
// OTC two more: of a /24 there are .0, .1, .253, .254 and .255.
func (e *estate) defaultPools(p netip.Prefix) []addrRange {
	from, last := p.Addr().Next().Next(), lastAddr(p)
	if p.Addr().Is6() {
		return []addrRange{{from, last}}
	}
	to := last.Prev()
	if e.opts.Provider != OpenStack {
		to = to.Prev().Prev()
	}
	return []addrRange{{from, to}}
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// take hands out the next free address; ok is false when none is left.
func (s *subnet) take() (a netip.Addr, ok bool) {
	for s.cursor.IsValid() {
		a, s.cursor = s.cursor, s.cursor.Next()
		if s.contains(a) && a != s.gateway {
			return a, true
		}
		if a.Compare(s.pools[len(s.pools)-1].to) > 0 {
			break
		}
	}
	return a, false
}

// addPort adds a port with the next free address of each given subnet.
func (e *estate) addPort(n *network, owner, device, status string, in ...*subnet) *port {
	p := &port{id: e.uuid("port"), network: n, project: n.project, owner: owner, device: device, status: status}
	for _, s := range in {
		if a, ok := s.take(); ok {
			p.fixed = append(p.fixed, fixedIP{s.id, a})
		}
	}
	e.ports = append(e.ports, p)
	return p
}

// addPortAt adds a port with one address of the caller's choice.
func (e *estate) addPortAt(n *network, owner, device, status, subnetID string, a netip.Addr) *port {
	p := e.addPort(n, owner, device, status)
	p.fixed = []fixedIP{{subnetID, a}}
	return p
}

// infrastructure adds what every network has: the gateway's and DHCP's port.
func (e *estate) infrastructure(n *network) {
	s := n.v4()
	if e.opts.Provider == OpenStack {
		if s != nil && s.gateway.IsValid() {
			e.addPortAt(n, "network:router_interface", e.id("router"), "ACTIVE", s.id, s.gateway)
		}
		e.addPort(n, "network:dhcp", "dhcp"+e.id("dhcp"), "ACTIVE", n.subnets...)
		return
	}
	e.addPortAt(n, "network:router_interface_distributed", n.vpc.id, "ACTIVE", s.id, s.gateway)
	dhcp := lastAddr(s.prefix).Prev()
	if dhcp == s.gateway {
		dhcp = dhcp.Prev()
	}
	e.addPortAt(n, "network:dhcp", "dhcp-"+n.id, "ACTIVE", s.id, dhcp)
}

// addServer adds a server with one NIC in each of the networks.
func (e *estate) addServer(p *project, name, status, flavor string, nets ...*network) *server {
	s := &server{id: e.id("server"), name: name, status: status, zone: e.zone, project: p, flavor: flavor}
	s.created = len(e.servers) * 60
	owner := "compute:" + e.zone
	for _, n := range nets {
		port := e.addPort(n, owner, s.id, "ACTIVE", n.subnets...)
		port.project = p
		s.ports = append(s.ports, port)
	}
	e.servers = append(e.servers, s)
	return s
}

func (e *estate) addGroup(p *project, name string, version int, entries ...string) *group {
	g := &group{id: e.id("group"), name: name, project: p, version: version, max: 20, status: "NORMAL", updated: "2026-01-02T03:04:05.000+00:00"}
	for _, t := range entries {
		g.entries = append(g.entries, entry{text: t})
	}
	e.groups = append(e.groups, g)
	return g
}

// sort brings everything in the order in which the clouds list it: by id, and
// servers newest first.
func (e *estate) sort() {
	slices.SortFunc(e.ports, comparePorts)
	slices.SortFunc(e.vpcs, func(a, b *vpc) int { return cmpText(a.id, b.id) })
	slices.SortFunc(e.networks, func(a, b *network) int { return cmpText(a.id, b.id) })
	slices.SortFunc(e.groups, func(a, b *group) int { return cmpText(a.id, b.id) })
	slices.SortStableFunc(e.servers, func(a, b *server) int { return b.created - a.created })
	counts := map[*network]int{}
	for _, p := range e.ports {
		counts[p.network]++
	}
	for _, n := range e.networks {
		n.ports = make([]*port, 0, counts[n])
	}
	for _, p := range e.ports {
		p.network.ports = append(p.network.ports, p)
	}
}

// insert adds a port to the sorted estate.
func (e *estate) insert(p *port) {
	e.ports = insertPort(e.ports, p)
	p.network.ports = insertPort(p.network.ports, p)
}

// remove takes a port out of the sorted estate.
func (e *estate) remove(p *port) {
	is := func(q *port) bool { return q == p }
	e.ports = slices.DeleteFunc(e.ports, is)
	p.network.ports = slices.DeleteFunc(p.network.ports, is)
}

func insertPort(ps []*port, p *port) []*port {
	i, _ := slices.BinarySearchFunc(ps, p.id, comparePortID)
	return slices.Insert(ps, i, p)
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
