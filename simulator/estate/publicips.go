package estate

import (
	"fmt"
	"net/netip"
	"strings"
)

// PublicIP is an EIP of Huawei Cloud or OTC, or a floating IP of OpenStack.
type PublicIP struct {
	ID       string
	Project  *Project
	Addr     netip.Addr
	Pool     string   // name of the pool, which is its type too
	Network  *Network // OpenStack: the floating network
	Status   string
	Port     *Port      // at which it points; nil for none
	Private  netip.Addr // for which it stands
	Instance string     // Huawei: kind of the service that has it: PORT, ELB, NATGW; "" for none
	Forwards bool       // OpenStack: some of its ports are forwarded
}

// Pool is a pool of public IPs.
type Pool struct {
	ID, Name   string
	Size, Used int
}

// addEIP makes an EIP that points at an address of a port, or at nothing.
func (e *State) addEIP(p *Project, pool, status string, port *Port) *PublicIP {
	n := e.made["publicip"]
	ip := &PublicIP{ID: e.ID("publicip"), Project: p, Pool: pool, Status: status, Addr: netip.AddrFrom4([4]byte{198, 18 + byte(n>>16), byte(n >> 8), byte(n)})}
	if port != nil {
		ip.Port, ip.Private, ip.Instance = port, port.Fixed[0].Addr, "PORT"
	}
	e.PublicIPs = append(e.PublicIPs, ip)
	return ip
}

// huaweiPublicIPs makes EIPs of every kind, and the pools that they are from.
func (e *State) huaweiPublicIPs(p *Project, nets map[string]*Network) {
	a := nets["app-a"]
	for i, s := range e.Servers {
		if s.Project == p && len(s.Ports) > 0 && i%2 == 0 {
			e.addEIP(p, "5_bgp", "ACTIVE", s.Ports[0])
		}
	}
	e.addEIP(p, "5_bgp", "ACTIVE", e.AddPort(nets["odd"], "", "", "DOWN", nets["odd"].V4())) // a port that nothing else uses
	for _, status := range []string{"DOWN", "DOWN", "FREEZED", "PENDING_CREATE", "ERROR"} {
		e.addEIP(p, "5_gray", status, nil)
	}
	lb := e.AddPort(a, "neutron:LOADBALANCERV3", e.ID("device"), "ACTIVE", a.V4())
	balanced := e.addEIP(p, "5_bgp", "ELB", nil) // a dedicated load balancer: no port, an address
	balanced.Private, balanced.Instance = lb.Fixed[0].Addr, "ELB"
	e.addEIP(p, "own \"pool\"", "ACTIVE", nil).Instance = "NATGW" // neither port nor address
	for i, name := range []string{"5_bgp", "5_gray", "own \"pool\""} {
		e.Pools = append(e.Pools, &Pool{ID: e.ID("pool"), Name: name, Size: 100 + 28*i, Used: 20 + i})
	}
}

// openstackPublicIPs makes the floating IPs of the ports that the external network has
// for them.
func (e *State) openstackPublicIPs(nets map[string]*Network, alpha, beta *Project) {
	ext := nets["ext"]
	targets := []*Port{e.AddPort(nets["dual"], "", "", "DOWN", nets["dual"].V4()), nil, nil, nil}
	i := 0
	for _, p := range e.Ports {
		if p.Network == ext && p.Owner == "network:floatingip" {
			e.addFloatingIP(beta, p, targets[i])
			i++
		}
	}
	e.PublicIPs[1].Project, e.PublicIPs[2].Status = alpha, "ERROR"
	e.PublicIPs[3].Forwards, e.PublicIPs[3].Status = true, "ACTIVE"
	for _, s := range e.Servers {
		for _, a := range s.Floating {
			own := e.addPortAt(ext, "network:floatingip", e.ID("floatingip"), "N/A", ext.V4().ID, a)
			own.Project = nil
			e.addFloatingIP(s.Project, own, s.Ports[0])
		}
	}
}

// addFloatingIP makes the floating IP whose own port is given.
func (e *State) addFloatingIP(p *Project, own, target *Port) *PublicIP {
	ip := &PublicIP{ID: own.Device, Project: p, Network: own.Network, Pool: own.Network.ID, Status: "DOWN", Addr: own.Fixed[0].Addr}
	if target != nil {
		ip.Port, ip.Private, ip.Status = target, target.Fixed[0].Addr, "ACTIVE"
	}
	e.PublicIPs = append(e.PublicIPs, ip)
	return ip
}

// Kind is the type of an EIP, which v1 of the API tells instead of its pool.
func (ip *PublicIP) Kind() string {
	if strings.HasPrefix(ip.Pool, "5_") {
		return ip.Pool
	}
	return "5_bgp"
}

// Attached reports whether something uses the public IP.
func (ip *PublicIP) Attached() bool { return ip.Port != nil || ip.Instance != "" || ip.Forwards }

// fillPublicIPs adds ordinary EIPs until there are as many as asked for; a third is
// attached to nothing.
func (e *State) fillPublicIPs(main *Project) {
	if e.opts.Provider == OpenStack {
		return
	}
	ports := e.Ports
	for i := len(e.PublicIPs); i < e.opts.PublicIPs; i++ {
		if i%3 == 0 || i >= len(ports) || len(ports[i].Fixed) == 0 || ports[i].Project != main {
			e.addEIP(main, "5_bgp", "DOWN", nil)
			continue
		}
		e.addEIP(main, "5_bgp", "ACTIVE", ports[i])
	}
}

// PublicIPOf returns the public IP that points at a port, nil for none.
func (e *State) PublicIPOf(p *Port) *PublicIP {
	for _, ip := range e.PublicIPs {
		if ip.Port == p {
			return ip
		}
	}
	return nil
}

// SubInterface is a supplementary network interface of VPC v3: a container has it, on a
// port of its host.
type SubInterface struct {
	ID      string
	Network *Network
	Addrs   []netip.Addr
	Parent  *Port
	Shown   bool // the listing of ports shows it as well, under its own id there
	VLAN    int
}

// AddSubInterface makes one with the next free address of each given subnet.
func (e *State) AddSubInterface(parent *Port, n *Network, in ...*Subnet) *SubInterface {
	i := &SubInterface{ID: e.ID("subinterface"), Network: n, Parent: parent, VLAN: e.made["subinterface"]}
	for _, s := range in {
		if a, ok := s.take(); ok {
			i.Addrs = append(i.Addrs, a)
		}
	}
	e.SubInterfaces = append(e.SubInterfaces, i)
	n.subs = append(n.subs, i)
	return i
}

// huaweiSubInterfaces makes those of two hosts: some that the listing of ports shows too,
// and addresses that are used and that no listing shows.
func (e *State) huaweiSubInterfaces(p *Project, nets map[string]*Network) {
	dual, b := nets["dual"], nets["app-b"]
	for i := range 9 {
		host := e.Servers[i%2].Ports[0]
		sub := e.AddSubInterface(host, dual, dual.Subnets...)
		if i%3 != 0 {
			continue
		}
		sub.Shown = true
		shown := e.AddPort(dual, "compute:subeni", "", "ACTIVE")
		for j, s := range dual.Subnets {
			shown.Fixed = append(shown.Fixed, FixedIP{s.ID, sub.Addrs[j]})
		}
	}
	e.AddSubInterface(e.Servers[0].Ports[0], b, b.V4())
	b.Hide(6)
}

// Hide uses up addresses in a way that no listing shows, as managed services do.
func (n *Network) Hide(count int) {
	for range count {
		if a, ok := n.V4().take(); ok {
			n.Hidden = append(n.Hidden, a)
		}
	}
}

// unlisted are the addresses in use that no port has.
func (n *Network) unlisted() []netip.Addr {
	all := append([]netip.Addr{}, n.Hidden...)
	for _, i := range n.subs {
		if !i.Shown {
			all = append(all, i.Addrs...)
		}
	}
	return all
}

// setTags gives the subnets tags in every shape.
func (e *State) setTags() {
	for i, n := range e.Networks {
		switch i % 4 {
		case 0:
			n.Tags = []Tag{{"team", "net"}, {"cost-centre", fmt.Sprint(4000 + i)}}
		case 1:
			n.Tags = []Tag{{"team", "data \"x\""}, {"managed", ""}}
		case 2:
			n.Tags = []Tag{{"other", "1"}}
		}
	}
}

// Tag is a tag of a subnet; a plain one has no value.
type Tag struct{ Key, Value string }
