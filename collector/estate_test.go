package collector

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// The snapshots of this file hold every odd case that the rows must survive.

var hostileName = "x\"} 1\nfake 1 \xff\x00" + strings.Repeat("é", 100)

func id(s string) inventory.ID { return inventory.ParseID(s) }

func ref(f float64) *float64 { return &f }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func entries(texts ...string) []inventory.AddressGroupEntry {
	var list []inventory.AddressGroupEntry
	for _, text := range texts {
		r, _ := space.ParseEntry(text)
		list = append(list, inventory.AddressGroupEntry{Text: text, Range: r})
	}
	return list
}

func portsOf(list ...inventory.Port) *inventory.Ports {
	ports := &inventory.Ports{}
	for _, p := range list {
		ports.Append(p)
	}
	ports.Freeze()
	return ports
}

func aPort(name, network, device, owner, status string, fixed ...string) inventory.Port {
	p := inventory.Port{ID: id(name), NetworkID: id(network), DeviceID: id(device), Owner: owner, Status: status}
	for i := 0; i+1 < len(fixed); i += 2 {
		p.Fixed = append(p.Fixed, inventory.FixedIP{SubnetID: id(fixed[i]), Addr: addr(fixed[i+1])})
	}
	return p
}

func complete(collector string, p inventory.Part) inventory.State {
	return inventory.State{Collector: collector, Part: &p, Success: true, Duration: 1500 * time.Millisecond, LastSuccess: time.Unix(1770000000, 250e6)}
}

// huaweiLike is a project of Huawei Cloud or OTC.
func huaweiLike(provider string) *inventory.Snapshot {
	subnets := []inventory.Subnet{
		{ID: id("net-a"), NeutronID: id("sub-a4"), NetworkID: id("net-a"), VPCID: id("vpc-1"), Name: "app", Prefix: prefix("10.20.0.0/24"),
			Tags:  inventory.Tags{"team": hostileName, "cost-centre": "4001"},
			Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: ref(251), Used: 12, Free: ref(239), Reserved: ref(5)}},
		{ID: id("net-a"), NeutronID: id("sub-a6"), NetworkID: id("net-a"), VPCID: id("vpc-1"), Name: "app", Prefix: prefix("2001:db8:20::/64"),
			Tags:  inventory.Tags{"team": "", "cost-centre": "true"},
			Usage: inventory.Usage{Source: inventory.FromNowhere, Used: 1}},
		{ID: id("net-full"), NeutronID: id("sub-full"), NetworkID: id("net-full"), VPCID: id("vpc-1"), Name: "app", Prefix: prefix("10.20.1.0/28"),
			Tags:  inventory.Tags{"team": "asked before cost-centre was"},
			Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: ref(11), Used: 11, Free: ref(0), Reserved: ref(5)}},
		{ID: id("net-p2p"), NeutronID: id("sub-p2p"), NetworkID: id("net-p2p"), VPCID: id("vpc-2"), Name: hostileName, Prefix: prefix("10.20.2.0/31"),
			Usage: inventory.Usage{Source: inventory.FromEstimate, Capacity: ref(0), Used: 2, Free: ref(0), Reserved: ref(2)}},
		{ID: id("net-empty"), NeutronID: id("sub-empty"), NetworkID: id("net-empty"), VPCID: id("vpc-unknown"), Prefix: prefix("10.20.3.0/24"),
			Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: ref(251), Used: 0, Free: ref(251), Reserved: ref(5)}},
	}
	ports := portsOf(
		aPort("port-1", "net-a", "metal-1", "compute:az1", "ACTIVE", "sub-a4", "10.20.0.5", "sub-a6", "2001:db8:20::5"),
		aPort("port-2", "net-a", "vm-1", "compute:az1", "DOWN", "sub-a4", "10.20.0.6", "sub-a4", "10.20.0.7"),
		aPort("port-3", "net-a", "", "", "DOWN", "sub-a4", "10.20.0.8"),
		aPort("port-4", "net-a", "dhcp", "network:dhcp", "ACTIVE", "sub-a4", "10.20.0.254"),
		aPort("port-5", "net-a", "r", "network:router_interface_distributed", "ACTIVE", "sub-a4", "10.20.0.1"),
		aPort("port-6", "net-full", "lb", "neutron:LOADBALANCERV2", "ACTIVE", "unlisted", "10.20.1.9"),
		aPort("port-7", "net-gone", "x", "trunk:subport", "N/A", "unlisted", "10.99.0.9"),
		aPort("port-8", "net-empty", "y", hostileName, hostileName),
	)
	max20, zero := 20, 0
	return &inventory.Snapshot{Cloud: "prod", Project: "eu-de", Provider: provider, States: []inventory.State{
		complete("subnets", inventory.Part{Items: 4, Missing: inventory.Missing{N: 1}, Data: inventory.SubnetData{Subnets: subnets, VPCs: []inventory.VPC{
			{ID: id("vpc-1"), Name: "main", CIDR: "10.20.0.0/16", Status: "OK", Prefixes: []netip.Prefix{prefix("10.20.0.0/16"), prefix("10.30.0.0/24")}},
			{ID: id("vpc-2"), Name: "main", Status: "CREATING"},
		}}}),
		complete("ports", inventory.Part{Items: 8, Data: inventory.PortData{Ports: ports, Subnets: subnets, SubInterfaces: inventory.NewSubInterfaces([]inventory.SubInterface{
			{ID: id("sub-eni-1"), SubnetID: id("net-a"), DeviceID: id("vm-1"), Addrs: []netip.Addr{addr("10.20.0.6"), addr("2001:db8:20::6")}}, // port-2 has the first
			{ID: id("sub-eni-2"), SubnetID: id("net-full"), DeviceID: id("vm-1"), Addrs: []netip.Addr{addr("10.20.1.4")}},
		})}}),
		complete("servers", inventory.Part{Items: 3, Data: inventory.ServerData{
			{ID: id("metal-1"), Name: "db", BareMetal: true, Status: "ACTIVE", Flavor: "physical.s4", Zone: "az1", Addresses: []inventory.ServerAddress{
				{Network: "vpc-1", Addr: addr("10.20.0.5")}, {Network: "vpc-1", Addr: addr("2001:db8:20::5")}, {Network: "vpc-1", Addr: addr("10.20.0.5")}}},
			{ID: id("metal-2"), Name: "db", BareMetal: true, Status: "SHELVED_OFFLOADED", Flavor: "physical.s4", Zone: "az2"},
			{ID: id("vm-1"), Name: hostileName, Status: "ERROR"},
		}}),
		complete("address_groups", inventory.Part{Items: 3, Missing: inventory.Missing{N: 1}, Data: inventory.AddressGroupData{
			{ID: id("group-1"), Name: "office", Version: "4", Max: &max20, Status: "NORMAL", Updated: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
				Entries: entries("192.0.2.0/28", "192.0.2.3", "198.51.100.7", "203.0.113.10-203.0.113.20", "10.0.0.9-10.0.0.1")},
			{ID: id("group-2"), Name: "v6", Version: "6", Max: &zero, Status: "UPDATE_FAILED", Entries: entries("2001:db8::/56", "2001:db8:0:1::/64")},
			{ID: id("group-3"), Name: "empty", Version: "4", Max: &max20, Status: "DELETING"},
		}}),
		complete("private_ips", inventory.Part{Items: 4, Data: inventory.PrivateIPData{IPs: privateIPList(
			inventory.PrivateIP{ID: id("ip-1"), SubnetID: id("net-a"), Status: "ACTIVE", Owner: "network:dhcp", Addr: addr("10.20.0.254")},
			inventory.PrivateIP{ID: id("ip-2"), SubnetID: id("net-a"), Status: "DOWN", Addr: addr("10.20.0.8")},
			inventory.PrivateIP{ID: id("ip-3"), SubnetID: id("net-a"), Status: "DOWN", Addr: addr("10.20.0.9")},
			inventory.PrivateIP{ID: id("ip-4"), SubnetID: id("net-full"), Status: "ACTIVE", Owner: "compute:az1", Addr: addr("10.20.1.3")},
		)}}),
		complete("public_ips", inventory.Part{Items: 4, Data: inventory.PublicIPData{
			IPs: []inventory.PublicIP{
				{ID: id("eip-1"), Addr: addr("198.51.100.1"), Pool: "5_bgp", Status: "ACTIVE", Attached: true, PortID: id("port-1"), Private: addr("10.20.0.5")},
				{ID: id("eip-2"), Addr: addr("198.51.100.2"), Pool: "5_bgp", Status: "ELB", Attached: true, Private: addr("10.20.1.9")},
				{ID: id("eip-3"), Addr: addr("2001:db8:ffff::3"), Pool: hostileName, Status: "DOWN"},
				{ID: id("eip-4"), Pool: "5_bgp", Status: "PENDING_CREATE"},
			},
			Pools: []inventory.PublicIPPool{{ID: id("pool-1"), Name: "own", Size: ref(128), Used: ref(3)}, {ID: id("pool-2"), Name: "own", Size: ref(64)}, {ID: id("pool-3"), Name: "unknown"}},
		}}),
		complete("quotas", inventory.Part{Items: 3, Data: inventory.QuotaData{
			{Resource: "subnet", Limit: 100, Used: 4, Reserved: -1}, {Resource: "vpc", Limit: 0, Used: 2, Reserved: -1}, {Resource: "publicIp", Limit: -1, Used: 7, Reserved: -1},
		}}),
	}}
}

func openStack() *inventory.Snapshot {
	subnets := []inventory.Subnet{
		{ID: id("sub-1"), NeutronID: id("sub-1"), NetworkID: id("net-1"), Name: "private", Prefix: prefix("10.0.0.0/24"),
			Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: ref(253), Used: 255, Free: ref(0)}},
		{ID: id("sub-2"), NeutronID: id("sub-2"), NetworkID: id("net-1"), PoolID: id("pool-4"), Name: "private", Prefix: prefix("10.0.1.0/24"),
			Usage: inventory.Usage{Source: inventory.FromAllocationPool, Capacity: ref(100), Used: 0, Free: ref(100)}},
		{ID: id("sub-6"), NeutronID: id("sub-6"), NetworkID: id("net-1"), PoolID: id("pool-6"), Name: "private6", Prefix: prefix("2001:db8::/56"),
			Usage: inventory.Usage{Source: inventory.FromAvailability, Capacity: ref(4722366482869645213696), Used: 3, Free: ref(4722366482869645213693)}},
		{ID: id("sub-nopool"), NeutronID: id("sub-nopool"), NetworkID: id("net-2"), Name: "routed", Prefix: prefix("192.0.2.0/29"),
			Usage: inventory.Usage{Source: inventory.FromNowhere, Used: 1}},
	}
	ports := portsOf(
		aPort("port-1", "net-1", "metal-1", "baremetal:none", "ACTIVE", "sub-1", "10.0.0.5", "sub-6", "2001:db8::5"),
		aPort("port-2", "net-1", "vm-1", "compute:nova", "ACTIVE", "sub-1", "10.0.0.6", "sub-2", "10.0.1.6"),
		aPort("port-3", "net-ext", "fip", "network:floatingip", "N/A", "sub-foreign", "203.0.113.5"),
		aPort("port-4", "net-1", "dev", "", "DOWN", "sub-1", "10.0.0.9"),
		aPort("port-5", "net-1", "", "", "DOWN"),
	)
	return &inventory.Snapshot{Cloud: "lab", Project: "demo", Provider: config.OpenStack, States: []inventory.State{
		complete("subnets", inventory.Part{Items: 4, Data: inventory.SubnetData{Subnets: subnets, Networks: []inventory.Network{
			{ID: id("net-1"), Name: hostileName, Shared: true, OwnerID: id("demo"), OwnerName: "demo"}, {ID: id("net-2"), External: true, OwnerID: id("other")},
		}, Pools: []inventory.SubnetPool{
			{ID: id("pool-4"), Name: hostileName, IPVersion: "4", Prefixes: []netip.Prefix{prefix("10.0.0.0/22"), prefix("10.8.0.0/25")}},
			{ID: id("pool-6"), IPVersion: "6", Prefixes: []netip.Prefix{prefix("2001:db8::/32")}},
			{ID: id("pool-shared"), Name: "shared", IPVersion: "4", Prefixes: []netip.Prefix{prefix("10.128.0.0/9")}, Hidden: true},
			{ID: id("pool-empty"), Name: "empty", IPVersion: "6"},
		}}}),
		complete("ports", inventory.Part{Items: 5, Data: inventory.PortData{Ports: ports, Subnets: subnets}}),
		complete("servers", inventory.Part{Items: 2, Data: inventory.ServerData{
			{ID: id("metal-1"), Name: "db", BareMetal: true, Status: "ACTIVE", Flavor: "bm1", Zone: "nova",
				Addresses: []inventory.ServerAddress{{Network: "private", Addr: addr("10.0.0.5")}}},
			{ID: id("vm-1"), Name: "web", Status: "SHUTOFF", Flavor: "m1.small", Zone: "nova",
				Addresses: []inventory.ServerAddress{{Network: "private", Addr: addr("10.0.0.6")}, {Network: "private", Addr: addr("203.0.113.5")}}},
		}}),
		complete("address_groups", inventory.Part{Items: 2, Data: inventory.AddressGroupData{
			{ID: id("group-1"), Name: "mixed", Entries: entries("192.0.2.0/28", "2001:db8::/64", "192.0.2.1/32")},
			{ID: id("group-2"), Name: "empty"},
		}}),
		{Collector: "quotas", Err: errors.New("list quotas: neutron answered 503"), Duration: 2 * time.Second},
	}}
}

// stale is a target none of whose collectors ever had an answer; one has not
// even run.
func stale() *inventory.Snapshot {
	return &inventory.Snapshot{Cloud: "prod", Project: "eu-de_sub", Provider: config.OTC, States: []inventory.State{
		{Collector: "subnets", Err: errors.New("list subnets: no answer"), Duration: time.Second},
		{Collector: "ports"},
	}}
}

func privateIPList(ips ...inventory.PrivateIP) *inventory.PrivateIPs {
	list := inventory.NewPrivateIPs(nil)
	for _, ip := range ips {
		list.Append(ip)
	}
	list.Freeze()
	return list
}

// huaweiAPI has a dual-stack subnet net-a and a subnet net-b of IPv4 alone.
func huaweiAPI() *fakecloud.Project {
	return &fakecloud.Project{On: config.OTC, Has: fakecloud.Estate{
		VPCs:        []inventory.VPC{{ID: id("vpc"), Name: "main", CIDR: "10.0.0.0/16"}},
		VPCPrefixes: []inventory.VPCPrefixes{{VPCID: id("vpc"), Prefixes: []netip.Prefix{prefix("10.0.0.0/16"), prefix("10.9.0.0/24")}}},
		Subnets: []inventory.Subnet{
			{ID: id("net-a"), NeutronID: id("a4"), NetworkID: id("net-a"), VPCID: id("vpc"), Prefix: prefix("10.0.0.0/24")},
			{ID: id("net-a"), NeutronID: id("a6"), NetworkID: id("net-a"), VPCID: id("vpc"), Prefix: prefix("2001:db8::/64")},
			{ID: id("net-b"), NeutronID: id("b4"), NetworkID: id("net-b"), VPCID: id("vpc"), Prefix: prefix("10.0.1.0/28")},
		},
		Availability: told(map[string][2]float64{"a4": {251, 12}, "b4": {11, 11}}),
		Ports: []inventory.Port{
			aPort("p1", "net-a", "vm", "compute:a", "ACTIVE", "a4", "10.0.0.5", "a6", "2001:db8::5"),
			aPort("p2", "net-a", "vm", "compute:a", "ACTIVE", "a4", "10.0.0.6"),
			aPort("p3", "net-b", "", "", "DOWN", "b4", "10.0.1.5"),
		},
		PrivateIPs: map[string][]inventory.PrivateIP{
			"net-a": {{ID: id("i1"), SubnetID: id("net-a"), Status: "ACTIVE"}, {ID: id("i2"), SubnetID: id("net-a"), Status: "DOWN"}},
			"net-b": {{ID: id("i3"), SubnetID: id("net-b"), Status: "DOWN"}},
		},
	}}
}

// openStackAPI has two IPv4 subnets and one IPv6 subnet on one network.
func openStackAPI() *fakecloud.Project {
	pool := func(from, to string) []netipx.IPRange {
		return []netipx.IPRange{netipx.IPRangeFrom(addr(from), addr(to))}
	}
	return &fakecloud.Project{On: config.OpenStack, Has: fakecloud.Estate{
		Networks:    []inventory.Network{{ID: id("net"), Name: "private", OwnerID: id("p")}},
		SubnetPools: []inventory.SubnetPool{{ID: id("pool"), Name: "main", IPVersion: "4", Prefixes: []netip.Prefix{prefix("10.0.0.0/16")}}},
		Subnets: []inventory.Subnet{
			{ID: id("s1"), NeutronID: id("s1"), NetworkID: id("n"), Prefix: prefix("10.0.0.0/24"), Pools: pool("10.0.0.2", "10.0.0.254")},
			{ID: id("s2"), NeutronID: id("s2"), NetworkID: id("n"), Prefix: prefix("10.0.1.0/24")},
			{ID: id("s6"), NeutronID: id("s6"), NetworkID: id("n"), Prefix: prefix("2001:db8::/64"), Pools: pool("2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff")},
		},
		Availability: told(map[string][2]float64{"s1": {253, 255}, "s2": {0, 0}, "s6": {18446744073709551614, 3}}),
		Ports: []inventory.Port{
			aPort("p1", "n", "metal", "baremetal:none", "ACTIVE", "s1", "10.0.0.5", "s6", "2001:db8::5"),
			aPort("p2", "n", "vm", "compute:nova", "ACTIVE", "s1", "10.0.0.6"),
			aPort("p3", "n", "vm", "compute:nova", "ACTIVE", "s2", "10.0.1.6"),
		},
		Servers: []inventory.Server{{ID: id("metal"), Status: "ACTIVE"}, {ID: id("vm"), Status: "ACTIVE"}},
		ServerAddresses: map[string][]inventory.ServerAddress{
			"metal": {{Network: "private", Addr: addr("10.0.0.5")}},
			"vm":    {{Network: "private", Addr: addr("10.0.0.6")}},
		},
	}}
}

// told makes availabilities of {total, used} by Neutron subnet id.
func told(figures map[string][2]float64) cloudapi.Availabilities {
	a := cloudapi.Availabilities{BySubnet: make(map[inventory.ID]inventory.Availability), Gone: make(map[inventory.ID]bool)}
	for name, f := range figures {
		a.BySubnet[id(name)] = inventory.Availability{NeutronSubnetID: id(name), Total: f[0], Used: f[1]}
	}
	return a
}
