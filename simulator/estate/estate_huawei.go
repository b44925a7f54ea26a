package estate

import (
	"fmt"
	"net/netip"
)

// buildHuawei makes the odd cases of Huawei Cloud and OTC.
func (e *State) buildHuawei() {
	main := e.addProject(e.opts.Region)
	if e.opts.Plain {
		e.addVPC(main, "vpc-plain", "10.0.0.0/8")
		e.Quotas[main.ID] = e.huaweiQuotas()
		return
	}
	sub := e.addProject(e.opts.Region + "_research")
	e.addProject("MOS").Description = "built-in project of object storage"
	nets := e.huaweiNetworks(main)
	e.huaweiPorts(nets)
	e.huaweiServers(main, nets)
	e.huaweiGroups(main)
	e.huaweiSubInterfaces(main, nets)
	e.huaweiPublicIPs(main, nets)
	e.huaweiSecond(sub)
	e.setTags()
	for _, p := range e.Projects {
		e.Quotas[p.ID] = e.huaweiQuotas()
	}
}

// huaweiNet makes a VPC subnet with its gateway and DHCP ports.
func (e *State) huaweiNet(v *VPC, name, cidr string) *Network {
	n := e.AddNetwork(v.Project, v, name)
	e.AddSubnet(n, name, cidr)
	e.infrastructure(n)
	return n
}

func (e *State) huaweiNetworks(p *Project) map[string]*Network {
	prod := e.addVPC(p, "vpc-prod", "10.20.0.0/16")
	prod.Extended = []string{"10.19.0.0/16", "10.24.0.0/20"}
	staging := e.addVPC(p, "vpc-staging", "10.21.128.0/17")
	staging.Extended = []string{"10.21.0.0/22"} // most of its subnets are in it
	e.addVPC(p, "vpc-ancient", "")              // very old VPCs have no CIDR
	e.addVPC(p, "vpc-new", "10.23.0.0/16").Status = "CREATING"
	nets := map[string]*Network{}
	nets["app-a"] = e.huaweiNet(prod, "app-a", "10.20.0.0/24")
	e.addV6(nets["app-a"], "2001:db8:20::/64")
	nets["app-b"] = e.customGateway(prod, "app-b", "10.20.1.0/24", "10.20.1.254")
	nets["app-b"].EmptyV6 = true
	nets["full"] = e.huaweiNet(prod, "db-full", "10.20.2.0/28")
	nets["reserved"] = e.huaweiNet(prod, "with-reservation", "10.20.3.0/26")
	shrink(nets["reserved"].V4(), 8) // a CIDR reservation: no longer CIDR size less five
	nets["odd"] = e.huaweiNet(staging, "we\"ird\\\n<b>näme</b> 子网", "10.21.0.0/24")
	nets["odd"].Old = true
	nets["twin1"] = e.huaweiNet(staging, "twin", "10.21.1.0/26")
	nets["twin2"] = e.huaweiNet(staging, "twin", "10.21.2.0/26")
	nets["twin2"].Sharer = e.names.Hex32("sharer", 1)
	nets["twin2"].Hide(2) // theirs
	nets["empty"] = e.huaweiNet(staging, "not-attached", "10.21.3.0/24")
	nets["empty"].Status = "UNKNOWN"
	nets["dual"] = e.huaweiNet(staging, "dual-big", "10.21.128.0/20")
	e.addV6(nets["dual"], "2001:db8:21::/64")
	nets["app-a"].withheld = 3
	nets["foreign"] = e.huaweiNet(staging, "of-somebody-else", "10.99.0.0/24")
	nets["foreign"].Unlisted = true
	return nets
}

func (e *State) addV6(n *Network, cidr string) {
	s := e.AddSubnet(n, n.Name, cidr)
	s.cursor = hostAddr(s.Prefix, 0x10)
}

// customGateway makes a subnet whose gateway is not the first address.
func (e *State) customGateway(v *VPC, name, cidr, gateway string) *Network {
	n := e.AddNetwork(v.Project, v, name)
	prefix := netip.MustParsePrefix(cidr)
	to := LastAddr(prefix).Prev().Prev().Prev().Prev()
	s := e.AddSubnet(n, name, cidr, addrRange{prefix.Addr().Next(), to})
	s.Gateway = netip.MustParseAddr(gateway)
	e.infrastructure(n)
	return n
}

// shrink takes the last n addresses out of the pool.
func shrink(s *Subnet, n int) {
	for range n {
		s.Pools[0].To = s.Pools[0].To.Prev()
	}
}

// hostAddr is the address with the given number in the prefix.
func hostAddr(p netip.Prefix, n int) netip.Addr {
	b := p.Addr().AsSlice()
	for i := len(b) - 1; i >= 0 && n > 0; i-- {
		n += int(b[i])
		b[i] = byte(n)
		n >>= 8
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// huaweiPorts makes every odd port of the reference's section 13.
func (e *State) huaweiPorts(nets map[string]*Network) {
	a, b, odd := nets["app-a"], nets["app-b"], nets["odd"]
	e.AddPort(a, "", "", "DOWN", a.V4()).Quirk = NoDeviceKey
	e.AddPort(a, "compute:"+e.Zone, e.ID("device"), "ACTIVE", a.V4())
	e.AddPort(a, "compute:"+e.Zone, e.ID("device"), "BUILD") // empty fixed_ips
	e.AddPort(a, "network:ucmp", e.ID("device"), "ACTIVE", a.V4())
	e.AddPort(a, "neutron:VIP_PORT", "", "DOWN", a.V4())
	e.AddPort(a, "neutron:LOADBALANCERV2", e.ID("device"), "ACTIVE", a.V4())
	e.AddPort(a, "neutron:LOADBALANCERV3", e.ID("device"), "ACTIVE", a.Subnets...)
	e.AddPort(b, "network:nat_gateway", e.ID("device"), "ACTIVE", b.V4())
	e.AddPort(b, "network:endpoint_interface", e.ID("device"), "ACTIVE", b.V4())
	e.AddPort(b, "compute:", e.ID("device"), "DOWN", b.V4())
	e.AddPort(b, "Compute:upper", e.ID("device"), "ERROR", b.V4()) // case matters
	e.AddPort(b, "weird \"owner\"\n", "", "STRANGE", b.V4())
	var virtual *Port
	for range 3 { // reserved and not used by anybody, but for the last
		virtual = e.AddPort(odd, "", "", "DOWN", odd.V4())
	}
	e.AddPort(nets["dual"], "", "", "DOWN", nets["dual"].Subnets...)
	e.AddPort(nets["dual"], "", "", "DOWN", nets["dual"].V6())
	lost, _ := odd.V4().take()
	e.addPortAt(odd, "compute:"+e.Zone, e.ID("device"), "ACTIVE", e.ID("subnet nobody lists"), lost).Pairs = virtual.PairsOf()
	f := nets["foreign"]
	e.AddPort(f, "compute:"+e.Zone, e.ID("device"), "ACTIVE", f.V4())
	for e.AddPort(nets["full"], "compute:"+e.Zone, e.ID("device"), "ACTIVE", nets["full"].V4()).Fixed != nil {
	}
	e.Ports = e.Ports[:len(e.Ports)-1] // the one that got no address
	e.Ports[0].Quirk |= Repeated
}

func (e *State) huaweiServers(p *Project, nets map[string]*Network) {
	a, b := nets["app-a"], nets["app-b"]
	metal := e.AddServer(p, "metal-01", "ACTIVE", "physical.s4.large", a, b) // two NICs of one VPC under one key
	metal.Tags = []string{"__type_baremetal", "team=net"}
	e.AddServer(p, "metal-02", "ACTIVE", "physical.o2.medium", b) // no tag: the flavor tells
	tagged := e.AddServer(p, "metal-03", "SHUTOFF", "bms.custom", nets["twin1"])
	tagged.Tags = []string{"__type_baremetal"} // the tag alone tells
	none := e.AddServer(p, "metal-04-building", "BUILD", "physical.s4.large")
	none.Tags = []string{"__type_baremetal"}
	e.AddServer(p, "metal-05-broken", "ERROR", "physical.s4.large", nets["twin2"]).Tags = []string{"__type_baremetal"}
	e.AddServer(p, "vm-01", "ACTIVE", "s3.large.2", a).Floating = []netip.Addr{netip.MustParseAddr("198.51.100.20")}
	e.AddServer(p, "vm-02", "MIGRATING", "s3.large.2", nets["dual"], nets["odd"])
	e.AddServer(p, "twin", "REBOOT", "s3.large.2", b)
	e.AddServer(p, "twin", "HARD_REBOOT", "s3.large.2", b).Tags = []string{"__type_baremetal_no"}
	e.AddServer(p, "we\"ird\\\n<i>sérver</i> 服务器", "ACTIVE", "physical.s4.large", a)
}

func (e *State) huaweiGroups(p *Project) {
	office := e.addGroup(p, "office-ranges", 4, "192.0.2.0/28", "198.51.100.7", "203.0.113.10-203.0.113.20")
	office.Entries[0].Remarks = "north"
	office.Updated = "2026-01-02T03:04:05"
	e.addGroup(p, "redundant", 4, "10.0.0.0/8", "10.1.2.3", "10.1.2.3", "10.5.0.0/16", "192.0.2.0-192.0.2.127", "192.0.2.128-192.0.2.255", "192.0.2.0/24").Updated = "2026-01-02T03:04:05Z"
	big := e.addGroup(p, "more-than-twenty", 4)
	for i := range 35 {
		big.Entries = append(big.Entries, Entry{Text: fmt.Sprintf("10.%d.0.1", i)})
	}
	big.Updated = "2026-01-02T03:04:05+00:00"
	failed := e.addGroup(p, "failed", 4, "203.0.113.5")
	failed.Status, failed.Message = "UPDATE_FAILED", "task failed: timeout"
	e.addGroup(p, "updating", 4, "203.0.113.6/24").Status = "UPDATING" // host bits set
	e.addGroup(p, "six", 6, "2001:db8::/32", "2001:db8:20::17", "fd00::1-fd00::ff")
	e.addGroup(p, "empty", 4)
	e.addGroup(p, "twin", 4, "203.0.113.7").Bare = true
	e.addGroup(p, "twin", 4, "203.0.113.8")
	e.addGroup(p, "reversed", 4, "203.0.113.20-203.0.113.10", "203.0.113.9")
	full := e.addGroup(p, "nearly-full", 4)
	for i := range 19 {
		full.Entries = append(full.Entries, Entry{Text: fmt.Sprintf("198.51.100.%d", i*2)})
	}
}

// huaweiSecond fills the region's sub-project with a little.
func (e *State) huaweiSecond(p *Project) {
	v := e.addVPC(p, "vpc-research", "10.30.0.0/16")
	n := e.huaweiNet(v, "lab", "10.30.0.0/25")
	e.AddServer(p, "metal-lab", "ACTIVE", "physical.s4.large", n).Tags = []string{"__type_baremetal"}
	e.AddPort(n, "", "", "DOWN", n.V4())
	e.addGroup(p, "lab", 4, "10.30.0.0/16")
}

func (e *State) huaweiQuotas() []Quota {
	rows := []Quota{
		{"vpc", 5, 4, false}, {"subnet", 100, 9, false}, {"securityGroup", 100, 7, false}, {"securityGroupRule", 5000, 60, false},
		{"publicIp", 10, 9, false}, {"vpn", 5, 0, false}, {"vpcPeer", 50, 1, false}, {"firewall", 200, 0, false},
		{"loadbalancer", -1, 3, false}, {"listener", 10, 10, false}, {"shareBandwidth", 0, 0, false}, {"flow_log", 10, 2, false},
	}
	if e.opts.Provider == OTC {
		rows = append(rows, Quota{"address_group", 50, 11, true})
	}
	return rows
}
