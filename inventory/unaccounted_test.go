package inventory

import (
	"errors"
	"net/netip"
	"testing"

	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
)

// A subnet of Huawei Cloud in which the cloud says that 9 addresses are used, and of
// which the listings show 4 that count, one of them twice.
func TestUnaccountedIsThereOnlyWhileEverythingIsSeen(t *testing.T) {
	id, addr := ParseID, netip.MustParseAddr
	fails := func(collector string) func(*Snapshot, *Subnet) {
		return func(s *Snapshot, _ *Subnet) { s.State(collector).Success = false }
	}
	misses := func(collector string) func(*Snapshot, *Subnet) {
		return func(s *Snapshot, _ *Subnet) { s.State(collector).Part.Missing.N = 1 }
	}
	for name, tt := range map[string]struct {
		change func(*Snapshot, *Subnet)
		want   float64 // -1: absent
	}{
		"everything is seen":                 {func(*Snapshot, *Subnet) {}, 5},
		"less is used than listed":           {func(_ *Snapshot, n *Subnet) { n.Usage.Used = 2 }, 0},
		"used is counted on ports":           {func(_ *Snapshot, n *Subnet) { n.Usage.Source = FromEstimate }, -1},
		"the subnet is of another owner":     {func(_ *Snapshot, n *Subnet) { n.PortsHidden = true }, -1},
		"the ports are those of one project": {func(_ *Snapshot, n *Subnet) { n.PortsNarrowed = true }, -1},
		"the API of ports shows no owners":   {func(s *Snapshot, _ *Subnet) { Of[PortData](s).Ports.OwnersUnknown = true }, -1},
		"the subnets fail":                   {fails("subnets"), -1},
		"the ports fail":                     {fails("ports"), -1},
		"the private IPs fail":               {fails("private_ips"), -1},
		"ports cannot be read":               {misses("ports"), -1},
		"private IPs cannot be read":         {misses("private_ips"), -1},
		"private IPs are not collected":      {func(s *Snapshot, _ *Subnet) { s.States = s.States[:2] }, 6},
		"the sub-interfaces are refused": {func(s *Snapshot, _ *Subnet) {
			s.States[1].Part.Without = map[provider.Resource]error{provider.SubInterfaces: errors.New("403")}
		}, -1},
		"the ports were never listed":     {func(s *Snapshot, _ *Subnet) { s.States[1].Part = nil }, -1},
		"the ports name another id of it": {func(_ *Snapshot, n *Subnet) { n.NeutronID = id("another") }, 5},
	} {
		ports := frozen(port("a", "net", "", "compute:az1", "", "sub", "10.0.0.10"), port("b", "net", "", "network:router_interface_distributed", "", "sub", "10.0.0.1"),
			port("c", "net", "", "network:dhcp", "", "sub", "10.0.0.2"), port("d", "net", "", "", "", "sub", "10.0.0.12"))
		subs := NewSubInterfaces([]SubInterface{{ID: id("s1"), SubnetID: id("net"), Addrs: []netip.Addr{addr("10.0.0.12")}}, {ID: id("s2"), SubnetID: id("net"), Addrs: []netip.Addr{addr("10.0.0.13")}}})
		ips := privateIPs(PrivateIP{ID: id("x"), SubnetID: id("net"), Addr: addr("10.0.0.20")}, PrivateIP{ID: id("y"), SubnetID: id("net"), Owner: "network:router_interface_distributed", Addr: addr("10.0.0.3")})
		subnets := []Subnet{{ID: id("net"), NeutronID: id("sub"), NetworkID: id("net"), Prefix: netip.MustParsePrefix("10.0.0.0/24"), Usage: Usage{Source: FromAvailability, Used: 9}}}
		snap := known("huaweicloud", SubnetData{Subnets: subnets}, PortData{Ports: ports, Subnets: subnets, SubInterfaces: subs}, PrivateIPData{IPs: ips})
		tt.change(snap, &subnets[0])
		got := -1.0
		for u := range snap.Unaccounted() {
			got = u.Addresses
		}
		check.Equal(t, name, tt.want, got)
	}
}

func TestAnAddressSetCountsEachAddressOnceInLittleMemory(t *testing.T) {
	for prefix, words := range map[string]int{"10.0.0.0/24": 4, "10.0.0.0/30": 1, "10.0.0.0/13": 8192, "10.0.0.0/12": 0, "0.0.0.0/0": 0, "2001:db8::/64": 0} {
		set, left, distinct := addressSet{prefix: netip.MustParsePrefix(prefix)}, 10_000, map[netip.Addr]bool{}
		for _, text := range []string{"192.0.2.1", "10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.255", "10.7.255.255", "10.7.255.255", "2001:db8::1", "2001:db8::1"} {
			a := netip.MustParseAddr(text)
			set.add(a, &left)
			distinct[a] = true
		}
		check.Equal(t, prefix, len(distinct), set.n)
		check.Equal(t, prefix+" takes words", words, 10_000-left)
	}
}
