package estate

import (
	"fmt"
	"math/bits"
	"net/netip"
)

// fill adds ordinary networks, servers, groups and ports until the sizes of
// the options are reached.
func (e *State) fill() {
	main := e.Projects[0]
	if e.opts.Provider == OpenStack && len(e.Projects) > 1 {
		main = e.Projects[1]
	}
	nets := e.fillNetworks(main)
	e.fillServers(main, nets)
	for i := Count(e.Groups, func(g *Group) bool { return e.mine(g.Project) }); i < e.opts.AddressGroups; i++ {
		version := 4
		if e.opts.Provider == OpenStack {
			version = 0
		}
		e.addGroup(main, fmt.Sprintf("group-%03d", i), version, fmt.Sprintf("10.%d.0.0/16", i%200), fmt.Sprintf("172.16.%d.1", i%250))
		if e.opts.Provider == OpenStack {
			e.Groups[len(e.Groups)-1].Entries[1].Text += "/32"
		}
	}
	e.fillPorts(nets)
	e.fillPublicIPs(main)
}

// mine reports whether something of project p counts against the sizes: those
// are of the region's project, or of the whole OpenStack.
func (e *State) mine(p *Project) bool {
	return e.opts.Provider == OpenStack || p == e.Projects[0]
}

// Count is how many of the items count against the sizes.
func Count[T any](items []T, mine func(T) bool) int {
	n := 0
	for _, item := range items {
		if mine(item) {
			n++
		}
	}
	return n
}

func (e *State) countSubnets() int {
	n := 0
	for _, net := range e.Networks {
		switch {
		case net.Unlisted || !e.mine(net.Project):
		case e.opts.Provider == OpenStack:
			n += len(net.Subnets)
		default:
			n++
		}
	}
	return n
}

// fillNetworks adds networks that are large enough for the ports to come.
// Every fifth is dual-stack, if that does not overshoot.
func (e *State) fillNetworks(main *Project) []*Network {
	have := e.countSubnets()
	missing := e.opts.Subnets - have
	if missing <= 0 && e.missingPorts() > 0 {
		missing = 1
	}
	var v *VPC
	if e.opts.Provider != OpenStack && missing > 0 {
		v = e.VPCs[0]
		if !e.opts.Plain {
			v = e.addVPC(main, "vpc-added", "10.64.0.0/10")
		}
	}
	var nets []*Network
	for i := 0; missing > 0; i++ {
		n := e.AddNetwork(main, v, fmt.Sprintf("net-%04d", i))
		share := 0.0
		if i == 0 {
			share = e.opts.Skew
		}
		want := float64(e.opts.Ports) * max(share, 1/float64(max(e.opts.Subnets-have, 1)))
		e.AddSubnet(n, n.Name, e.carve(int(want*1.1)+16).String())
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
func (e *State) carve(n int) netip.Prefix {
	host := max(bits.Len(uint(n)), 8)
	p := netip.PrefixFrom(e.next, 32-host)
	if p.Masked().Addr() != e.next { // round up
		p = netip.PrefixFrom(LastAddr(p).Next(), 32-host)
	}
	e.next = LastAddr(p).Next()
	return p
}

func (e *State) fillServers(main *Project, nets []*Network) {
	if len(nets) == 0 {
		for _, n := range e.Networks {
			if n.Project == main && !n.Unlisted && n.V4() != nil && n.V4().Prefix.Bits() <= 24 {
				nets = append(nets, n)
			}
		}
	}
	statuses := []string{"ACTIVE", "ACTIVE", "ACTIVE", "SHUTOFF", "ACTIVE", "ACTIVE", "REBUILD"}
	for i := Count(e.Servers, func(s *Server) bool { return e.mine(s.Project) }); i < e.opts.Servers && len(nets) > 0; i++ {
		s := e.AddServer(main, fmt.Sprintf("server-%03d", i), statuses[i%len(statuses)], "s3.large.2", nets[i%len(nets)])
		if i%2 == 0 && e.opts.Provider != OpenStack {
			s.Flavor, s.Tags = "physical.s4.large", []string{"__type_baremetal"}
		}
	}
}

// holders are owners of added ports in their proportions.
var holders = [...]string{"compute:", "compute:", "compute:", "compute:", "compute:", "compute:", "compute:", "", "neutron:LOADBALANCERV3", "neutron:VIP_PORT"}

func (e *State) missingPorts() int {
	return e.opts.Ports - Count(e.Ports, func(p *Port) bool { return e.mine(p.Project) })
}

func (e *State) fillPorts(nets []*Network) {
	missing := e.missingPorts()
	if missing <= 0 || len(nets) == 0 {
		return
	}
	statuses := [...]string{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "DOWN", "ACTIVE", "BUILD"}
	compute := "compute:" + e.Zone
	skewed := int(float64(missing) * e.opts.Skew)
	device := ""
	all := make([]Port, missing) // one piece: a million of them
	fixed := make([]FixedIP, 0, missing+missing/4)
	e.Ports = append(make([]*Port, 0, len(e.Ports)+missing), e.Ports...)
	for i := range missing {
		n := nets[i%len(nets)]
		if i < skewed {
			n = nets[0]
		}
		if i%4 == 0 {
			device = e.ID("device")
		}
		p := &all[i]
		*p = Port{ID: e.UUID("port"), Network: n, Project: n.Project, Owner: holders[i*7%10], Status: statuses[i*3%10], Device: device}
		switch p.Owner {
		case "compute:":
			p.Owner = compute
		case "", "neutron:VIP_PORT":
			p.Device, p.Status = "", "DOWN"
		}
		from := len(fixed)
		for _, s := range n.Subnets {
			if a, ok := s.take(); ok {
				fixed = append(fixed, FixedIP{s.ID, a})
			}
		}
		p.Fixed = fixed[from:len(fixed):len(fixed)]
		e.Ports = append(e.Ports, p)
		if i%100 == 0 && p.Device != "" && i > 0 {
			p.Pairs = pairsWith(all[:i], n)
		}
	}
}

// pairsWith are two pairs of a port in n: the address of a port that nothing uses,
// as keepalived has it, and a prefix, which does not count.
func pairsWith(ports []Port, n *Network) []netip.Prefix {
	for i := len(ports) - 1; i >= max(0, len(ports)-100); i-- {
		p := &ports[i]
		if p.Network == n && p.Owner == "" && len(p.Fixed) > 0 {
			return p.PairsOf()
		}
	}
	return nil
}
