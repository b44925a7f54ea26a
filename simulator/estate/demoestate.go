package estate

import (
	"fmt"
	"net/netip"
	"slices"
)

// demoNet is one network of the demo, how full it is at rest, and with what.
type demoNet struct {
	name, cidr string
	servers    int    // with one NIC each
	metal      int    // of these, machines
	balancers  int    // load balancer and VIP ports
	idle       int    // ports that nothing uses
	v6         string // second family
}

// demoNets are the same for all clouds; the second octet tells them apart.
func demoNets(octet int) []demoNet {
	at := func(rest string) string { return fmt.Sprintf("10.%d.%s", octet, rest) }
	return []demoNet{
		{"payments-prod", at("0.0/26"), 12, 0, 3, 1, ""},
		{"web-frontend", at("1.0/25"), 60, 0, 8, 2, fmt.Sprintf("2001:db8:%d:1::/64", octet)},
		{"batch-workers", at("2.0/24"), 40, 0, 2, 3, ""},
		{"databases", at("3.0/26"), 14, 8, 2, 0, ""},
		{"ci-runners", at("4.0/24"), 30, 0, 1, 4, ""},
		{"kubernetes-nodes", at("8.0/22"), 90, 0, 12, 6, fmt.Sprintf("2001:db8:%d:8::/64", octet)},
		{"management", at("5.0/27"), 6, 2, 0, 1, ""},
		{"legacy-dmz", at("6.0/28"), 9, 0, 1, 0, ""},
		{"analytics", at("12.0/23"), 20, 0, 1, 0, ""},
	}
}

// demoSpace is what the networks of the demo are cut from: no /24 of it is free.
func demoSpace(octet int) []string {
	var all []string
	for _, rest := range []string{"0.0/22", "4.0/23", "6.0/24", "8.0/22", "12.0/23"} {
		all = append(all, fmt.Sprintf("10.%d.%s", octet, rest))
	}
	return all
}

// NewDemo makes a small company's cloud at rest.
func NewDemo(o Shape) *State {
	e := &State{opts: o, names: Namer{Seed: o.Seed + 77}, Quotas: map[string][]Quota{}, made: map[string]int{}, next: netip.MustParseAddr("10.64.0.0")}
	e.Zone = o.Region + "-01"
	name, octet := o.Region, 40
	switch o.Provider {
	case OTC:
		octet = 60
	case OpenStack:
		name, octet, e.Zone = "admin", 80, "nova"
	}
	p := e.addProject(name)
	var v *VPC
	if o.Provider != OpenStack {
		v = e.addVPC(p, "vpc-production", fmt.Sprintf("10.%d.0.0/22", octet))
		v.Extended = demoSpace(octet)[1:]
	}
	for _, d := range demoNets(octet) {
		e.demoNetwork(p, v, d)
	}
	if v == nil {
		e.addSubnetPool(p, "tenants", false, demoSpace(octet)...)
	}
	e.demoPublic(p)
	e.demoGroups(p)
	e.Quotas[p.ID] = e.demoQuotas()
	e.Sort()
	return e
}

func (e *State) demoNetwork(p *Project, v *VPC, d demoNet) {
	n := e.AddNetwork(p, v, d.name)
	subnetName := d.name
	if v == nil {
		subnetName += "-v4"
	}
	e.AddSubnet(n, subnetName, d.cidr)
	if d.v6 != "" {
		e.addV6(n, d.v6)
		if v == nil {
			n.Subnets[1].Name = d.name + "-v6"
		}
	}
	e.infrastructure(n)
	for i := range d.servers {
		s := e.AddServer(p, fmt.Sprintf("%s-%02d", d.name, i+1), "ACTIVE", "s3.xlarge.4", n)
		if i < d.metal {
			e.demoMetal(s)
		}
	}
	for i := range d.balancers {
		owner := []string{"neutron:LOADBALANCERV3", "neutron:VIP_PORT"}[i%2]
		if v == nil {
			owner = "Octavia"
		}
		e.AddPort(n, owner, e.ID("balancer"), "ACTIVE", n.V4())
	}
	for range d.idle {
		e.AddPort(n, "", "", "DOWN", n.V4())
	}
}

func (e *State) demoMetal(s *Server) {
	s.Name = "metal-" + s.Name
	if e.opts.Provider == OpenStack {
		s.Flavor, s.Ports[0].Owner = "bm.large", "baremetal:none"
		return
	}
	s.Flavor, s.Tags = "physical.o2.medium", []string{"__type_baremetal"}
}

func (e *State) demoGroups(p *Project) {
	version, single := 4, ""
	if e.opts.Provider == OpenStack {
		version, single = 0, "/32"
	}
	e.addGroup(p, "office-networks", version, "192.0.2.0/26", "198.51.100.0/27", "203.0.113.7"+single)
	partners := e.addGroup(p, "partners", version)
	for i := range 14 {
		partners.Entries = append(partners.Entries, Entry{Text: fmt.Sprintf("198.51.100.%d%s", 64+2*i, single)})
	}
	e.addGroup(p, "blocked", version, "203.0.113.0/25", "203.0.113.9"+single, "203.0.113.64/26", "192.0.2.200"+single)
	e.addGroup(p, "monitoring", version, "10.0.0.0/8")
}

func (e *State) demoQuotas() []Quota {
	if e.opts.Provider == OpenStack {
		return []Quota{{"network", 20, 8, false}, {"subnet", 40, 10, false}, {"port", 2000, 320, false}, {"router", 10, 2, false}, {"floatingip", 50, 12, false}, {"security_group", -1, 31, false}}
	}
	return []Quota{
		{"vpc", 5, 1, false}, {"subnet", 100, 8, false}, {"securityGroup", 100, 31, false}, {"securityGroupRule", 5000, 640, false},
		{"publicIp", 20, 12, false}, {"loadbalancer", -1, 14, false}, {"vpcPeer", 50, 1, false},
	}
}

// Named finds a network of the demo.
func (e *State) Named(name string) *Network {
	i := slices.IndexFunc(e.Networks, func(n *Network) bool { return n.Name == name })
	return e.Networks[i]
}
