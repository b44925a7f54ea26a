package simulator

import (
	"fmt"
	"math/bits"
	"net/netip"
)

// fill adds ordinary networks, servers, groups and ports until the sizes of
// the options are reached.
func (e *estate) fill() {
	main := e.projects[0]
	if e.opts.Provider == OpenStack && len(e.projects) > 1 {
		main = e.projects[1]
	}
	nets := e.fillNetworks(main)
	e.fillServers(main, nets)
	for i := count(e.groups, func(g *group) bool { return e.mine(g.project) }); i < e.opts.AddressGroups; i++ {
		version := 4
		if e.opts.Provider == OpenStack {
			version = 0
		}
		e.addGroup(main, fmt.Sprintf("group-%03d", i), version, fmt.Sprintf("10.%d.0.0/16", i%200), fmt.Sprintf("172.16.%d.1", i%250))
		if e.opts.Provider == OpenStack {
			e.groups[len(e.groups)-1].entries[1].text += "/32"
		}
	}
	e.fillPorts(nets)
}

// mine reports whether something of project p counts against the sizes: those
// are of the region's project, or of the whole OpenStack.
func (e *estate) mine(p *project) bool {
	return e.opts.Provider == OpenStack || p == e.projects[0]
}

// count is how many of the items count against the sizes.
func count[T any](items []T, mine func(T) bool) int {
	n := 0
	for _, item := range items {
		if mine(item) {
			n++
		}
	}
	return n
}

func (e *estate) countSubnets() int {
	n := 0
	for _, net := range e.networks {
		switch {
		case net.unlisted || !e.mine(net.project):
		case e.opts.Provider == OpenStack:
			n += len(net.subnets)
		default:
			n++
		}
	}
	return n
}

// fillNetworks adds networks that are large enough for the ports to come.
// Every fifth is dual-stack, if that does not overshoot.
func (e *estate) fillNetworks(main *project) []*network {
	have := e.countSubnets()
	missing := e.opts.Subnets - have
	if e.opts.Plain && missing <= 0 && e.opts.Ports > 0 {
		missing = 1
	}
	var v *vpc
	if e.opts.Provider != OpenStack && missing > 0 {
		v = e.vpcs[0]
		if !e.opts.Plain {
			v = e.addVPC(main, "vpc-added", "10.64.0.0/10")
		}
	}
	var nets []*network
	for i := 0; missing > 0; i++ {
		n := e.addNetwork(main, v, fmt.Sprintf("net-%04d", i))
		share := 0.0
		if i == 0 {
			share = e.opts.Skew
		}
		want := float64(e.opts.Ports) * max(share, 1/float64(max(e.opts.Subnets-have, 1)))
		e.addSubnet(n, n.name, e.carve(int(want*1.1)+16).String())
		missing--
		if dual := i%5 == 4 && !e.opts.Plain; dual && (v != nil || missing > 0) {
			e.addV6(n, fmt.Sprintf("2001:db8:%x::/64", 0x1000+i))
			if v == nil {
				missing--
			}
		}
		if !e.opts.Plain {
			e.infrastructure(n)
		}
		nets = append(nets, n)
	}
	return nets
}

// carve takes the next prefix that holds n addresses, at least a /24.
func (e *estate) carve(n int) netip.Prefix {
	host := max(bits.Len(uint(n)), 8)
	p := netip.PrefixFrom(e.next, 32-host)
	if p.Masked().Addr() != e.next { // round up
		p = netip.PrefixFrom(lastAddr(p).Next(), 32-host)
	}
	e.next = lastAddr(p).Next()
	return p
}

func (e *estate) fillServers(main *project, nets []*network) {
	if len(nets) == 0 {
		for _, n := range e.networks {
			if n.project == main && !n.unlisted && n.v4() != nil && n.v4().prefix.Bits() <= 24 {
				nets = append(nets, n)
			}
		}
	}
	statuses := []string{"ACTIVE", "ACTIVE", "ACTIVE", "SHUTOFF", "ACTIVE", "ACTIVE", "REBUILD"}
	for i := count(e.servers, func(s *server) bool { return e.mine(s.project) }); i < e.opts.Servers && len(nets) > 0; i++ {
		s := e.addServer(main, fmt.Sprintf("server-%03d", i), statuses[i%len(statuses)], "s3.large.2", nets[i%len(nets)])
		if i%2 == 0 && e.opts.Provider != OpenStack {
			s.flavor, s.tags = "physical.s4.large", []string{"__type_baremetal"}
		}
	}
}

// holders are owners of added ports in their proportions.
var holders = [...]string{"compute:", "compute:", "compute:", "compute:", "compute:", "compute:", "compute:", "", "neutron:LOADBALANCERV3", "neutron:VIP_PORT"}

func (e *estate) fillPorts(nets []*network) {
	missing := e.opts.Ports - count(e.ports, func(p *port) bool { return e.mine(p.project) })
	if missing <= 0 || len(nets) == 0 {
		return
	}
	statuses := [...]string{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "DOWN", "ACTIVE", "BUILD"}
	compute := "compute:" + e.zone
	skewed := int(float64(missing) * e.opts.Skew)
	device := ""
	all := make([]port, missing) // one piece: a million of them
	fixed := make([]fixedIP, 0, missing+missing/4)
	e.ports = append(make([]*port, 0, len(e.ports)+missing), e.ports...)
	for i := range missing {
		n := nets[i%len(nets)]
		if i < skewed {
			n = nets[0]
		}
		if i%4 == 0 {
			device = e.id("device")
		}
		p := &all[i]
		*p = port{id: e.uuid("port"), network: n, project: n.project, owner: holders[i*7%10], status: statuses[i*3%10], device: device}
		switch p.owner {
		case "compute:":
			p.owner = compute
		case "", "neutron:VIP_PORT":
			p.device, p.status = "", "DOWN"
		}
		from := len(fixed)
		for _, s := range n.subnets {
			if a, ok := s.take(); ok {
				fixed = append(fixed, fixedIP{s.id, a})
			}
		}
		p.fixed = fixed[from:len(fixed):len(fixed)]
		e.ports = append(e.ports, p)
	}
}
