package inventory

import (
	"fmt"
	"net/netip"
	"testing"

	"cloudip_exporter/test/check"
)

func lookupSnapshot() *Snapshot {
	office := group("10.0.0.0/28", "10.0.0.5", "192.0.2.0/24")
	office.ID, office.Name = ParseID("g1"), "office"
	office.Entries[1].Remarks = "the printer"
	return known("otc", SubnetData{Subnets: estate()},
		PortData{Ports: frozen(
			port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5", "s6", "2001:db8::5"),
			port("q", "n2", "", "", "DOWN", "s2", "10.0.1.9"),
		)},
		ServerData{
			{ID: ParseID("vm"), Name: "web"},
			{ID: ParseID("metal"), Name: "db", Addresses: []ServerAddress{{"vpc", netip.MustParseAddr("10.0.0.77")}}},
		},
		AddressGroupData{office},
		PrivateIPData{IPs: privateIPs(PrivateIP{ID: ParseID("i"), SubnetID: ParseID("n1"), Addr: netip.MustParseAddr("10.0.0.66")})},
	)
}

func TestLookupTellsAllThatIsKnown(t *testing.T) {
	snap := lookupSnapshot()
	data := Of[SubnetData](snap)
	data.Subnets = append(data.Subnets, Subnet{ID: ParseID("overlapping"), Prefix: netip.MustParsePrefix("10.0.0.0/24")})
	snap.States[0].Part.Data = data
	for addr, want := range map[string]struct {
		known            bool
		subnets, entries int      // that contain it, of groups too
		locations        []string // ports, else subnets, else one
	}{
		"10.0.0.5":        {true, 2, 2, []string{"p n1 vm - held"}},
		"::ffff:10.0.0.5": {true, 2, 2, []string{"p n1 vm - held"}},
		"2001:db8::5":     {true, 1, 0, []string{"p n1 vm - held"}},
		"10.0.1.9":        {true, 1, 0, []string{"q n2 - - held"}},
		"10.0.0.77":       {true, 2, 0, []string{"- n1 metal - held", "- overlapping - - free"}},
		"10.0.0.66":       {true, 2, 0, []string{"- n1 - i held", "- overlapping - - free"}},
		"10.0.0.6":        {true, 2, 1, []string{"- n1 - - free", "- overlapping - - free"}},
		"192.0.2.1":       {true, 0, 1, []string{"- - - - free"}},
		"203.0.113.1":     {false, 0, 0, []string{"- - - - free"}},
	} {
		f, entries := snap.Lookup(netip.MustParseAddr(addr)), 0
		for _, g := range f.Groups {
			entries += len(g.Entries)
		}
		check.Equal(t, addr+": known", want.known, f.Known())
		check.Equal(t, addr+": subnets and entries", [2]int{want.subnets, want.entries}, [2]int{len(f.Subnets), entries})
		check.Equal(t, addr+": locations", want.locations, locationsOf(t, snap, addr))
		for _, p := range f.Ports {
			check.Equal(t, addr+": the subnet of the port has it", true, p.Subnet != nil && p.Subnet.Prefix.Contains(f.Addr))
		}
		for _, a := range []netip.Addr{f.Addr, {}} {
			check.Equal(t, addr+": known of an empty snapshot", false, new(new(Snapshot).Lookup(a)).Known())
		}
	}
}

func TestACIDRThatNobodyHoldsHasItsSubnetsAndTheGroupsThatCoverAllOfIt(t *testing.T) {
	for prefix, want := range map[string][2]int{"10.0.0.0/30": {1, 1}, "192.0.2.0/25": {0, 1}, "192.0.2.0/23": {0, 0}, "192.0.3.0/24": {0, 0}} {
		all := lookupSnapshot().LookupIn(netip.MustParsePrefix(prefix))
		if len(all) != 1 || all[0].Held() || len(all[0].Subnets) != want[0] || len(all[0].Groups) != want[1] {
			t.Errorf("%s: %+v, want one result with %d subnets and %d groups", prefix, all, want[0], want[1])
		}
	}
}

// A result keeps the subnets of its address, not room for all of the prefix.
func TestLookupInKeepsNoMoreThanItFinds(t *testing.T) {
	snap := lookupSnapshot()
	data := Of[SubnetData](snap)
	for i := range 1000 {
		data.Subnets = append(data.Subnets, Subnet{ID: uuid(9, i), NetworkID: uuid(9, i), Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(100 + i/250), byte(i % 250), 0}), 24)})
	}
	snap.State("subnets").Part.Data = data
	for _, f := range snap.LookupIn(netip.MustParsePrefix("10.0.0.0/8")) {
		if cap(f.Subnets) > 4 {
			t.Errorf("%s keeps %d subnets, and room for %d", f.Addr, len(f.Subnets), cap(f.Subnets))
		}
	}
}

func TestLookupFindsSubInterfacesAndAllocatesForThoseFoundAlone(t *testing.T) {
	at := func(id, subnet, addr string) SubInterface {
		return SubInterface{ParseID(id), ParseID(subnet), ParseID("vm"), []netip.Addr{netip.MustParseAddr(addr)}}
	}
	all := []SubInterface{at("b", "n1", "10.0.0.99"), at("a", "n2", "10.0.0.99"), at("listed", "n1", "10.0.0.5")}
	for i := range 3000 {
		all = append(all, at(fmt.Sprint("i", i), "n1", fmt.Sprintf("10.1.%d.%d", i/250, i%250)))
	}
	snap := lookupSnapshot()
	ports := Of[PortData](snap)
	ports.SubInterfaces = NewSubInterfaces(all)
	snap.State("ports").Part.Data = ports
	for addr, want := range map[string]string{"10.0.0.99": "a b ", "10.0.0.5": "p ", "10.1.11.249": "i2999 ", "10.1.12.0": ""} {
		got := ""
		for _, p := range snap.Lookup(netip.MustParseAddr(addr)).Ports {
			got += p.Port.ID.String() + " "
		}
		check.Equal(t, addr+": ports", want, got)
	}
	if n := testing.AllocsPerRun(5, func() { snap.Lookup(netip.MustParseAddr("10.1.0.7")) }); n > 300 {
		t.Errorf("one lookup among %d sub-interfaces allocates %v times", len(all), n)
	}
}
