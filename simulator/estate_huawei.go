package simulator

import (
	"fmt"
	"net/netip"
)

// buildHuawei makes the odd cases of Huawei Cloud and OTC.
func (e *estate) buildHuawei() {
	main := e.addProject(e.opts.Region)
	if e.opts.Plain {
		e.addVPC(main, "vpc-plain", "10.0.0.0/8")
		e.quotas[main.id] = e.huaweiQuotas()
		return
	}
	sub := e.addProject(e.opts.Region + "_research")
	e.addProject("MOS").description = "built-in project of object storage"
	nets := e.huaweiNetworks(main)
	e.huaweiPorts(nets)
	e.huaweiServers(main, nets)
	e.huaweiGroups(main)
	e.huaweiSecond(sub)
	for _, p := range e.projects {
		e.quotas[p.id] = e.huaweiQuotas()
	}
}

// huaweiNet makes a VPC subnet with its gateway and DHCP ports.
func (e *estate) huaweiNet(v *vpc, name, cidr string) *network {
	n := e.addNetwork(v.project, v, name)
	e.addSubnet(n, name, cidr)
	e.infrastructure(n)
	return n
}

func (e *estate) huaweiNetworks(p *project) map[string]*network {
	prod := e.addVPC(p, "vpc-prod", "10.20.0.0/16")
	staging := e.addVPC(p, "vpc-staging", "10.21.0.0/16")
	e.addVPC(p, "vpc-ancient", "") // very old VPCs have no CIDR
	e.addVPC(p, "vpc-new", "10.23.0.0/16").status = "CREATING"
	nets := map[string]*network{}
	nets["app-a"] = e.huaweiNet(prod, "app-a", "10.20.0.0/24")
	e.addV6(nets["app-a"], "2001:db8:20::/64")
	nets["app-b"] = e.customGateway(prod, "app-b", "10.20.1.0/24", "10.20.1.254")
	nets["app-b"].emptyV6 = true
	nets["full"] = e.huaweiNet(prod, "db-full", "10.20.2.0/28")
	nets["reserved"] = e.huaweiNet(prod, "with-reservation", "10.20.3.0/26")
	shrink(nets["reserved"].v4(), 8) // a CIDR reservation: no longer CIDR size less five
	nets["odd"] = e.huaweiNet(staging, "we\"ird\\\n<b>näme</b> 子网", "10.21.0.0/24")
	nets["odd"].old = true
	nets["twin1"] = e.huaweiNet(staging, "twin", "10.21.1.0/26")
	nets["twin2"] = e.huaweiNet(staging, "twin", "10.21.2.0/26")
	nets["empty"] = e.huaweiNet(staging, "not-attached", "10.21.3.0/24")
	nets["empty"].status = "UNKNOWN"
	nets["dual"] = e.huaweiNet(staging, "dual-big", "10.21.128.0/20")
	e.addV6(nets["dual"], "2001:db8:21::/64")
	nets["app-a"].withheld = 3
	nets["foreign"] = e.huaweiNet(staging, "of-somebody-else", "10.99.0.0/24")
	nets["foreign"].unlisted = true
	return nets
}

func (e *estate) addV6(n *network, cidr string) {
	s := e.addSubnet(n, n.name, cidr)
	s.cursor = hostAddr(s.prefix, 0x10)
}

// customGateway makes a subnet whose gateway is not the first address.
func (e *estate) customGateway(v *vpc, name, cidr, gateway string) *network {
	n := e.addNetwork(v.project, v, name)
	prefix := netip.MustParsePrefix(cidr)
	to := lastAddr(prefix).Prev().Prev().Prev().Prev()
	s := e.addSubnet(n, name, cidr, addrRange{prefix.Addr().Next(), to})
	s.gateway = netip.MustParseAddr(gateway)
	e.infrastructure(n)
	return n
}

// shrink takes the last n addresses out of the pool.
func shrink(s *subnet, n int) {
	for range n {
		s.pools[0].to = s.pools[0].to.Prev()
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
func (e *estate) huaweiPorts(nets map[string]*network) {
	a, b, odd := nets["app-a"], nets["app-b"], nets["odd"]
	e.addPort(a, "", "", "DOWN", a.v4()).quirk = noDeviceKey
	e.addPort(a, "compute:"+e.zone, e.id("device"), "ACTIVE", a.v4()).quirk = adminText
	e.addPort(a, "compute:"+e.zone, e.id("device"), "BUILD") // empty fixed_ips
	e.addPort(a, "network:ucmp", e.id("device"), "ACTIVE", a.v4())
	e.addPort(a, "neutron:VIP_PORT", "", "DOWN", a.v4())
	e.addPort(a, "neutron:LOADBALANCERV2", e.id("device"), "ACTIVE", a.v4())
	e.addPort(a, "neutron:LOADBALANCERV3", e.id("device"), "ACTIVE", a.subnets...)
	e.addPort(b, "network:nat_gateway", e.id("device"), "ACTIVE", b.v4())
	e.addPort(b, "network:endpoint_interface", e.id("device"), "ACTIVE", b.v4())
	e.addPort(b, "compute:", e.id("device"), "DOWN", b.v4())
	e.addPort(b, "Compute:upper", e.id("device"), "ERROR", b.v4()) // case matters
	e.addPort(b, "weird \"owner\"\n", "", "STRANGE", b.v4())
	for range 3 { // reserved and not used by anybody
		e.addPort(odd, "", "", "DOWN", odd.v4())
	}
	e.addPort(nets["dual"], "", "", "DOWN", nets["dual"].subnets...)
	e.addPort(nets["dual"], "", "", "DOWN", nets["dual"].v6())
	lost, _ := odd.v4().take()
	e.addPortAt(odd, "compute:"+e.zone, e.id("device"), "ACTIVE", e.id("subnet nobody lists"), lost)
	f := nets["foreign"]
	e.addPort(f, "compute:"+e.zone, e.id("device"), "ACTIVE", f.v4())
	for e.addPort(nets["full"], "compute:"+e.zone, e.id("device"), "ACTIVE", nets["full"].v4()).fixed != nil {
	}
	e.ports = e.ports[:len(e.ports)-1] // the one that got no address
	e.ports[0].quirk |= repeated
}

func (e *estate) huaweiServers(p *project, nets map[string]*network) {
	a, b := nets["app-a"], nets["app-b"]
	metal := e.addServer(p, "metal-01", "ACTIVE", "physical.s4.large", a, b) // two NICs of one VPC under one key
	metal.tags = []string{"__type_baremetal", "team=net"}
	e.addServer(p, "metal-02", "ACTIVE", "physical.o2.medium", b) // no tag: the flavor tells
	tagged := e.addServer(p, "metal-03", "SHUTOFF", "bms.custom", nets["twin1"])
	tagged.tags = []string{"__type_baremetal"} // the tag alone tells
	none := e.addServer(p, "metal-04-building", "BUILD", "physical.s4.large")
	none.tags = []string{"__type_baremetal"}
	e.addServer(p, "metal-05-broken", "ERROR", "physical.s4.large", nets["twin2"]).tags = []string{"__type_baremetal"}
	e.addServer(p, "vm-01", "ACTIVE", "s3.large.2", a).floating = []netip.Addr{netip.MustParseAddr("198.51.100.20")}
	e.addServer(p, "vm-02", "MIGRATING", "s3.large.2", nets["dual"], nets["odd"])
	e.addServer(p, "twin", "REBOOT", "s3.large.2", b)
	e.addServer(p, "twin", "HARD_REBOOT", "s3.large.2", b).tags = []string{"__type_baremetal_no"}
	e.addServer(p, "we\"ird\\\n<i>sérver</i> 服务器", "ACTIVE", "physical.s4.large", a)
}

func (e *estate) huaweiGroups(p *project) {
	office := e.addGroup(p, "office-ranges", 4, "192.0.2.0/28", "198.51.100.7", "203.0.113.10-203.0.113.20")
	office.entries[0].remarks = "north"
	office.updated = "2026-01-02T03:04:05"
	e.addGroup(p, "redundant", 4, "10.0.0.0/8", "10.1.2.3", "10.1.2.3", "10.5.0.0/16", "192.0.2.0-192.0.2.127", "192.0.2.128-192.0.2.255", "192.0.2.0/24").updated = "2026-01-02T03:04:05Z"
	big := e.addGroup(p, "more-than-twenty", 4)
	for i := range 35 {
		big.entries = append(big.entries, entry{text: fmt.Sprintf("10.%d.0.1", i)})
	}
	big.updated = "2026-01-02T03:04:05+00:00"
	failed := e.addGroup(p, "failed", 4, "203.0.113.5")
	failed.status, failed.message = "UPDATE_FAILED", "task failed: timeout"
	e.addGroup(p, "updating", 4, "203.0.113.6/24").status = "UPDATING" // host bits set
	e.addGroup(p, "six", 6, "2001:db8::/32", "2001:db8:20::17", "fd00::1-fd00::ff")
	e.addGroup(p, "empty", 4)
	e.addGroup(p, "twin", 4, "203.0.113.7").bare = true
	e.addGroup(p, "twin", 4, "203.0.113.8")
	e.addGroup(p, "reversed", 4, "203.0.113.20-203.0.113.10", "203.0.113.9")
	full := e.addGroup(p, "nearly-full", 4)
	for i := range 19 {
		full.entries = append(full.entries, entry{text: fmt.Sprintf("198.51.100.%d", i*2)})
	}
}

// huaweiSecond fills the region's sub-project with a little.
func (e *estate) huaweiSecond(p *project) {
	v := e.addVPC(p, "vpc-research", "10.30.0.0/16")
	n := e.huaweiNet(v, "lab", "10.30.0.0/25")
	e.addServer(p, "metal-lab", "ACTIVE", "physical.s4.large", n).tags = []string{"__type_baremetal"}
	e.addPort(n, "", "", "DOWN", n.v4())
	e.addGroup(p, "lab", 4, "10.30.0.0/16")
}

func (e *estate) huaweiQuotas() []quota {
	rows := []quota{
		{"vpc", 5, 4, false}, {"subnet", 100, 9, false}, {"securityGroup", 100, 7, false}, {"securityGroupRule", 5000, 60, false},
		{"publicIp", 10, 9, false}, {"vpn", 5, 0, false}, {"vpcPeer", 50, 1, false}, {"firewall", 200, 0, false},
		{"loadbalancer", -1, 3, false}, {"listener", 10, 10, false}, {"shareBandwidth", 0, 0, false}, {"flow_log", 10, 2, false},
	}
	if e.opts.Provider == OTC {
		rows = append(rows, quota{"address_group", 50, 11, true})
	}
	return rows
}
