package inventory

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

// locationsOf returns the locations of an address: port, subnet, server, private
// IP, and whether somebody holds the address there.
func locationsOf(t *testing.T, snap *Snapshot, addr string) []string {
	t.Helper()
	var texts []string
	f := snap.Lookup(netip.MustParseAddr(addr))
	held := false
	for _, at := range f.Locations() {
		port, subnet, server, private, is := "-", "-", "-", "-", "free"
		if at.Port != nil {
			port = at.Port.ID.String()
		}
		if at.Subnet != nil {
			subnet = at.Subnet.ID.String()
		}
		if at.Server != nil {
			server = at.Server.ID.String()
		}
		if at.PrivateIP != nil {
			private = at.PrivateIP.ID.String()
		}
		if at.Held() {
			is, held = "held", true
		}
		texts = append(texts, port+" "+subnet+" "+server+" "+private+" "+is)
	}
	check.Equal(t, addr+": held", f.Held(), held)
	return texts
}

func TestAPublicIPIsFoundWithWhatIsBehindItAndTheOtherWayRound(t *testing.T) {
	snap := lookupSnapshot()
	ports := PortData{
		Ports: frozen(
			port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5", "s6", "2001:db8::5"),
			port("q", "n2", "", "", "DOWN", "s2", "10.0.1.9"),
			port("of-fip", "external", "fip", "network:floatingip", "N/A", "s9", "198.51.100.3"),
		),
		SubInterfaces: NewSubInterfaces([]SubInterface{{ParseID("sub"), ParseID("n1"), ParseID("vm"), []netip.Addr{netip.MustParseAddr("10.0.0.99")}}}),
	}
	snap.State("ports").Part.Data = ports
	public := func(id, addr, port, private string) PublicIP {
		ip := PublicIP{ID: ParseID(id), Addr: netip.MustParseAddr(addr), PortID: ParseID(port)}
		ip.Private, _ = netip.ParseAddr(private)
		return ip
	}
	snap.States = append(snap.States, State{Collector: "public_ips", Part: &Part{Data: PublicIPData{IPs: []PublicIP{
		public("eip", "198.51.100.1", "p", "10.0.0.5"), public("unused", "198.51.100.2", "", ""), public("fip", "198.51.100.3", "q", "10.0.1.9"), public("hidden", "198.51.100.4", "gone", "10.9.9.9"),
	}}}})
	for addr, want := range map[string]string{
		"198.51.100.1": "p n1 vm - held eip", "198.51.100.2": "- - - - held unused", "198.51.100.3": "q n2 - - held fip", "198.51.100.4": "- - - - held hidden",
		"10.0.0.5": "p n1 vm - held eip", "10.0.1.9": "q n2 - - held fip", "2001:db8::5": "p n1 vm - held -", "10.0.0.99": "sub n1 vm - held -",
	} {
		found := snap.Lookup(netip.MustParseAddr(addr))
		got := strings.Join(locationsOf(t, snap, addr), ", ")
		for _, at := range found.Locations() {
			if at.PublicIP != nil {
				got += " " + at.PublicIP.ID.String()
			} else {
				got += " -"
			}
		}
		check.Equal(t, addr, want, got)
	}
	check.Equal(t, "public IPs of a CIDR", 4, len(snap.LookupIn(netip.MustParsePrefix("198.51.100.0/24"))))
}

func TestWhereVPCsOverlapEachLocationHasItsOwnHolder(t *testing.T) {
	addr, prefix := netip.MustParseAddr("10.0.0.5"), netip.MustParsePrefix("10.0.0.0/24")
	at := func(id, subnet string) PrivateIP {
		return PrivateIP{ID: ParseID(id), SubnetID: ParseID(subnet), Addr: addr}
	}
	in := func(id, vpc string) Server {
		return Server{ID: ParseID(id), Addresses: []ServerAddress{{vpc, addr}}}
	}
	one := port("port1", "one", "vm1", "compute:a", "ACTIVE", "n1", "10.0.0.5")
	two := port("port2", "two", "vm2", "compute:a", "ACTIVE", "n2", "10.0.0.5")
	for name, tt := range map[string]struct {
		ports   []Port
		private []PrivateIP
		servers []Server
		want    []string
	}{
		"each port has its own private IP":                {[]Port{one, two}, []PrivateIP{at("port1", "one"), at("port2", "two")}, nil, []string{"port1 one - port1 held", "port2 two - port2 held"}},
		"the private IP of one port is not the other's":   {[]Port{one, two}, []PrivateIP{at("port2", "two")}, nil, []string{"port1 one - - held", "port2 two - port2 held"}},
		"the id decides before the subnet":                {[]Port{one, two}, []PrivateIP{at("port2", "one")}, nil, []string{"port1 one - - held", "port2 two - port2 held"}},
		"where ids differ the subnet decides":             {[]Port{one, two}, []PrivateIP{at("x", "two"), at("y", "one")}, nil, []string{"port1 one - y held", "port2 two - x held"}},
		"without a port the other subnet stays free":      {nil, []PrivateIP{at("x", "two")}, nil, []string{"- one - - free", "- two - x held"}},
		"a private IP beside another's port is not lost":  {[]Port{one}, []PrivateIP{at("x", "two")}, nil, []string{"port1 one - - held", "- two - x held"}},
		"a private IP of an unknown subnet is no one's":   {nil, []PrivateIP{at("x", "three")}, nil, []string{"- one - - free", "- two - - free", "- - - x held"}},
		"a server is in the subnet of its VPC":            {nil, nil, []Server{in("metal", "vpc2")}, []string{"- one - - free", "- two metal - held"}},
		"two servers are each in their own":               {nil, nil, []Server{in("b", "vpc2"), in("a", "vpc1")}, []string{"- one a - held", "- two b - held"}},
		"a server and its private IP are in one place":    {nil, []PrivateIP{at("x", "two")}, []Server{in("metal", "vpc2")}, []string{"- one - - free", "- two metal x held"}},
		"a server of a network by name is where there is": {nil, nil, []Server{in("vm", "private")}, []string{"- one vm - held", "- two - - free"}},
	} {
		subnets := []Subnet{
			{ID: ParseID("one"), NeutronID: ParseID("n1"), NetworkID: ParseID("one"), VPCID: ParseID("vpc1"), Prefix: prefix},
			{ID: ParseID("two"), NeutronID: ParseID("n2"), NetworkID: ParseID("two"), VPCID: ParseID("vpc2"), Prefix: prefix},
		}
		snap := known("otc", SubnetData{Subnets: subnets}, PortData{Ports: frozen(tt.ports...)}, ServerData(tt.servers), PrivateIPData{IPs: privateIPs(tt.private...)})
		check.Equal(t, name, tt.want, locationsOf(t, snap, "10.0.0.5"))
	}
}

func TestASubnetThatNoListingShowsIsCalledAsTheConsoleWould(t *testing.T) {
	known := []Subnet{{ID: ParseID("console"), NeutronID: ParseID("neutron"), NetworkID: ParseID("console"), Prefix: netip.MustParsePrefix("10.0.0.0/24")}}
	port := &Port{NetworkID: ParseID("other-network")}
	fixed := func(subnet string) FixedIP {
		return FixedIP{SubnetID: ParseID(subnet), Addr: netip.MustParseAddr("10.0.0.9")}
	}
	for _, tt := range []struct{ provider, subnet, want string }{
		{"otc", "neutron", "console"},
		{"otc", "unknown", "other-network"},
		{"openstack", "neutron", "console"},
		{"openstack", "unknown", "unknown"},
	} {
		check.Equal(t, fmt.Sprintf("%s, subnet %s: called", tt.provider, tt.subnet), tt.want, SubnetIDOf(known, tt.provider)(port, fixed(tt.subnet)).String())
	}
}
