package collector

import (
	"net/netip"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"

	"go4.org/netipx"
)

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
