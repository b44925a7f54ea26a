package inventory

import (
	"cmp"
	"fmt"
	"net/netip"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
)

// estate has one dual-stack subnet "n1", as Huawei Cloud and OTC show it, and
// one of IPv4 alone, "n2".
func estate() []Subnet {
	return []Subnet{
		{ID: ParseID("n1"), NeutronID: ParseID("s4"), NetworkID: ParseID("n1"), Prefix: netip.MustParsePrefix("10.0.0.0/24")},
		{ID: ParseID("n1"), NeutronID: ParseID("s6"), NetworkID: ParseID("n1"), Prefix: netip.MustParsePrefix("2001:db8::/64")},
		{ID: ParseID("n2"), NeutronID: ParseID("s2"), NetworkID: ParseID("n2"), Prefix: netip.MustParsePrefix("10.0.1.0/24")},
	}
}

func port(id, network, device, owner, status string, fixed ...string) Port {
	p := Port{ID: ParseID(id), NetworkID: ParseID(network), DeviceID: ParseID(device), Owner: owner, Status: status}
	for i := 0; i+1 < len(fixed); i += 2 {
		p.Fixed = append(p.Fixed, FixedIP{SubnetID: ParseID(fixed[i]), Addr: netip.MustParseAddr(fixed[i+1])})
	}
	return p
}

func frozen(ports ...Port) *Ports { return onTop(nil, ports...) }

// onTop is a list of ports on top of the last one.
func onTop(last *Ports, ports ...Port) *Ports {
	list := NewPorts(last, false)
	for _, p := range ports {
		list.Append(p)
	}
	list.Freeze()
	return list
}

func privateIPs(ips ...PrivateIP) *PrivateIPs {
	list := NewPrivateIPs(nil)
	for _, ip := range ips {
		list.Append(ip)
	}
	list.Freeze()
	return list
}

// known is a snapshot of what collectors with success have.
func known(provider string, parts ...Data) *Snapshot {
	snap := &Snapshot{Provider: provider}
	for _, data := range parts {
		snap.States = append(snap.States, State{Collector: data.Collector(), Success: true, Part: &Part{Data: data}})
	}
	return snap
}

// count gives the counts as text, so that a table can show them.
func count(ports *Ports, provider string, bareMetal map[ID]bool) map[string]int {
	usage := CountPorts(ports, estate(), provider, &Known{BareMetal: bareMetal})
	got := make(map[string]int)
	for _, c := range usage.Counts {
		got[fmt.Sprintf("ports %s %s %s", c.NetworkID, c.Status, c.Holder)] = c.Ports
	}
	for i := range usage.Subnets {
		u := &usage.Subnets[i]
		name := u.Subnet.ID.String() + "/" + u.Subnet.IPVersion()
		for h := range Holders {
			if n := u.Held(h); n > 0 {
				got[fmt.Sprintf("held %s %s", name, h)] = n
			}
		}
		if u.Addresses > 0 {
			got["addresses "+name] = u.Addresses
		}
		if u.Idle > 0 {
			got["idle "+name] = u.Idle
		}
	}
	return got
}

func TestCountPorts(t *testing.T) {
	for _, tt := range []struct {
		name      string
		provider  string
		ports     *Ports
		bareMetal string
		want      map[string]int
	}{
		{name: "no ports", ports: frozen(), want: map[string]int{}},
		{name: "no list", want: map[string]int{}},
		{
			name:  "a dual-stack port is one port with two addresses",
			ports: frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5", "s6", "2001:db8::5")),
			want: map[string]int{"ports n1 ACTIVE server": 1, "held n1/4 server": 1, "held n1/6 server": 1,
				"addresses n1/4": 1, "addresses n1/6": 1},
		},
		{
			name:  "two addresses in one subnet count two",
			ports: frozen(port("p", "n1", "vm", "compute:a", "DOWN", "s4", "10.0.0.5", "s4", "10.0.0.6")),
			want:  map[string]int{"ports n1 DOWN server": 1, "held n1/4 server": 2, "addresses n1/4": 2},
		},
		{
			name:  "a port without address counts as a port alone",
			ports: frozen(port("p", "n1", "vm", "compute:a", "ACTIVE")),
			want:  map[string]int{"ports n1 ACTIVE server": 1},
		},
		{
			name:  "idle needs neither device nor owner",
			ports: frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5"), port("q", "n1", "vm", "", "DOWN", "s4", "10.0.0.6"), port("r", "n1", "", "neutron:VIP_PORT", "DOWN", "s4", "10.0.0.7")),
			want: map[string]int{"ports n1 DOWN none": 2, "ports n1 DOWN vip": 1, "held n1/4 none": 2, "held n1/4 vip": 1,
				"addresses n1/4": 3, "idle n1/4": 1},
		},
		{
			name:  "an address of an unknown subnet joins by network and family",
			ports: frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "gone", "10.0.0.5", "gone", "2001:db8::5")),
			want: map[string]int{"ports n1 ACTIVE server": 1, "held n1/4 server": 1, "held n1/6 server": 1,
				"addresses n1/4": 1, "addresses n1/6": 1},
		},
		{
			name:     "but not on openstack, where a network has many subnets",
			provider: "openstack",
			ports:    frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "gone", "10.0.0.5")),
			want:     map[string]int{"ports n1 ACTIVE server": 1},
		},
		{
			name:  "no subnet of that family in the network: a port and nothing held",
			ports: frozen(port("p", "n2", "vm", "compute:a", "ACTIVE", "gone", "2001:db8::5")),
			want:  map[string]int{"ports n2 ACTIVE server": 1},
		},
		{
			name:  "an unknown network: a port and nothing held",
			ports: frozen(port("p", "n9", "vm", "compute:a", "ACTIVE", "s9", "10.0.9.5")),
			want:  map[string]int{"ports n9 ACTIVE server": 1},
		},
		{
			name:  "the subnet that the port names wins over its network",
			ports: frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "s2", "10.0.1.5")),
			want:  map[string]int{"ports n1 ACTIVE server": 1, "held n2/4 server": 1, "addresses n2/4": 1},
		},
		{
			name:      "the compute port of a known bare-metal server is bare metal's",
			bareMetal: "vm",
			ports:     frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5"), port("q", "n1", "vm", "network:dhcp", "ACTIVE", "s4", "10.0.0.6")),
			want: map[string]int{"ports n1 ACTIVE baremetal": 1, "ports n1 ACTIVE dhcp": 1, "held n1/4 baremetal": 1,
				"held n1/4 dhcp": 1, "addresses n1/4": 2},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			provider := cmp.Or(tt.provider, "otc")
			known := map[ID]bool{ParseID(tt.bareMetal): tt.bareMetal != ""}
			check.Equal(t, "counts:", tt.want, count(tt.ports, provider, known))
		})
	}
}

func TestPortsOfAnAPIWithoutOwnersAreOtherWithADevice(t *testing.T) {
	list := frozen(port("p", "n1", "vm", "", "ACTIVE", "s4", "10.0.0.5"), port("q", "n1", "", "", "DOWN", "s4", "10.0.0.6"))
	list.OwnersUnknown = true
	want := map[string]int{"ports n1 ACTIVE other": 1, "ports n1 DOWN none": 1, "held n1/4 other": 1, "held n1/4 none": 1,
		"addresses n1/4": 2, "idle n1/4": 1}
	check.Equal(t, "counts:", want, count(list, "huaweicloud", nil))
}

func TestPortsAreCountedOnceEach(t *testing.T) {
	list := frozen(port("q", "n1", "", "", "DOWN", "s4", "10.0.0.5"), port("p", "n1", "", "", "DOWN", "s4", "10.0.0.6"), port("q", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5"))
	want := map[string]int{"ports n1 ACTIVE server": 1, "ports n1 DOWN none": 1, "held n1/4 server": 1, "held n1/4 none": 1,
		"addresses n1/4": 2, "idle n1/4": 1}
	check.Equal(t, "a port listed twice counts as it was listed last:", want, count(list, "otc", nil))
}

func TestSnapshotCountsOnceForAllRows(t *testing.T) {
	s := known("otc", PortData{Ports: frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5")), Subnets: estate()})
	if first, second := s.PortUsage(), s.PortUsage(); first != second {
		t.Error("PortUsage counted twice")
	}
	check.Equal(t, "idle", 1, s.PortUsage().Subnets[0].Idle)
}

func TestPortsOfADeletedSubnetAreHeldByNoSubnet(t *testing.T) {
	s := known("otc", SubnetData{Gone: map[ID]bool{ParseID("n1"): true}}, PortData{Ports: frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5")), Subnets: estate()})
	usage := s.PortUsage()
	if len(usage.Subnets) != 1 || usage.Subnets[0].Subnet.ID != ParseID("n2") {
		t.Errorf("counted for %d subnets, want n2 alone", len(usage.Subnets))
	}
	if len(usage.Counts) != 1 || usage.Counts[0].Ports != 1 {
		t.Errorf("counts = %v, want the one port", usage.Counts)
	}
}

// What is counted on a million ports: who holds their addresses, what no listing shows,
// and what is left in allocation pools.
func BenchmarkCountPorts(b *testing.B) {
	const n, networks = 1_000_000, 500
	list := &Ports{}
	subnets := make([]Subnet, networks)
	bySubnet := make([]*Subnet, networks)
	bareMetal := make(map[ID]bool)
	for i := range subnets {
		prefix := netip.PrefixFrom(space.Addr4(10<<24+uint32(i)<<11), 21)
		subnets[i] = Subnet{ID: uuid(2, i), NeutronID: uuid(3, i), NetworkID: uuid(2, i), Prefix: prefix, Pools: []netipx.IPRange{netipx.RangeOfPrefix(prefix)}, Usage: Usage{Source: FromAvailability, Used: 2000}}
		bySubnet[i] = &subnets[i]
	}
	owners := []string{"compute:az1", "compute:az2", "network:dhcp", "", "neutron:VIP_PORT"}
	for i := range n {
		s := &subnets[i%networks]
		list.Append(Port{ID: uuid(1, i), NetworkID: s.NetworkID, DeviceID: uuid(4, i), Owner: owners[i%len(owners)], Status: "ACTIVE",
			Fixed: []FixedIP{{s.NeutronID, space.Addr4(10<<24 + uint32(i%networks)<<11 + uint32(i/networks))}}})
		if i%1000 == 0 {
			bareMetal[uuid(4, i)] = true
		}
	}
	list.Freeze()
	snap := known("otc", SubnetData{Subnets: subnets}, PortData{Ports: list, Subnets: subnets})
	for name, count := range map[string]func(){
		"held": func() { CountPorts(list, subnets, "otc", &Known{BareMetal: bareMetal}) },
		"unaccounted": func() {
			for range snap.Unaccounted() {
				continue
			}
		},
		"look up a CIDR": func() { snap.LookupIn(netip.MustParsePrefix("10.0.0.0/17")) }, // 32,000 held
		"free":           func() { SetFree(list, bySubnet) },
		"idle": func() {
			for range snap.IdlePorts() {
				continue
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				count()
			}
		})
	}
}

func uuid(kind, i int) ID { return ParseID(fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, i)) }
