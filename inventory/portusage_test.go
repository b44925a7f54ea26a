package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

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

// count gives the counts as text, so that a table can show them. Port by port the holders are the same.
func count(t *testing.T, ports *Ports, provider string, bareMetal ID) string {
	t.Helper()
	snap := known(provider, PortData{Ports: ports, Subnets: estate()}, ServerData{{ID: bareMetal, BareMetal: true}, {ID: ParseID("vm")}})
	usage, holderOf := snap.PortUsage(), snap.PortHolder()
	var got []string
	counted, each := map[Holder]int{}, map[Holder]int{}
	for _, c := range usage.Counts {
		got = append(got, fmt.Sprintf("%s %s %s: %d", c.NetworkID, c.Status, c.Holder, c.Ports))
		counted[c.Holder] += c.Ports
	}
	for p := range ports.All() {
		each[holderOf(&p)]++
	}
	check.Equal(t, "holders", counted, each)
	for i := range usage.Subnets {
		u := &usage.Subnets[i]
		name := u.Subnet.ID.String() + "/" + u.Subnet.IPVersion()
		for h := range Holders {
			if n := u.Held(h); n > 0 {
				got = append(got, fmt.Sprintf("%s held by %s: %d", name, h, n))
			}
		}
		if u.Addresses+u.Idle > 0 {
			got = append(got, fmt.Sprintf("%s: %d, idle %d", name, u.Addresses, u.Idle))
		}
	}
	slices.Sort(got)
	return strings.Join(got, "; ")
}

func TestCountPorts(t *testing.T) {
	at5 := port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5")
	for name, tt := range map[string]struct {
		provider string
		ports    *Ports
		want     string
	}{
		"no ports": {"otc", frozen(), ""},
		"no list":  {"otc", nil, ""},
		"a dual-stack port is one port with two addresses": {"otc", frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "s4", "10.0.0.5", "s6", "2001:db8::5")),
			"n1 ACTIVE server: 1; n1/4 held by server: 1; n1/4: 1, idle 0; n1/6 held by server: 1; n1/6: 1, idle 0"},
		"two addresses in one subnet count two": {"otc", frozen(port("p", "n1", "vm", "compute:a", "DOWN", "s4", "10.0.0.5", "s4", "10.0.0.6")),
			"n1 DOWN server: 1; n1/4 held by server: 2; n1/4: 2, idle 0"},
		"a port without address counts as a port alone": {"otc", frozen(port("p", "n1", "vm", "compute:a", "ACTIVE")), "n1 ACTIVE server: 1"},
		"idle needs neither device nor owner": {"otc", frozen(
			port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5"), port("q", "n1", "vm", "", "DOWN", "s4", "10.0.0.6"), port("r", "n1", "", "neutron:VIP_PORT", "DOWN", "s4", "10.0.0.7")),
			"n1 DOWN none: 2; n1 DOWN vip: 1; n1/4 held by none: 2; n1/4 held by vip: 1; n1/4: 3, idle 1"},
		"an address of an unknown subnet joins by network and family": {"otc", frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "gone", "10.0.0.5", "gone", "2001:db8::5")),
			"n1 ACTIVE server: 1; n1/4 held by server: 1; n1/4: 1, idle 0; n1/6 held by server: 1; n1/6: 1, idle 0"},
		"but not on openstack, where a network has many subnets":           {"openstack", frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "gone", "10.0.0.5")), "n1 ACTIVE server: 1"},
		"no subnet of that family in the network: a port and nothing held": {"otc", frozen(port("p", "n2", "vm", "compute:a", "ACTIVE", "gone", "2001:db8::5")), "n2 ACTIVE server: 1"},
		"an unknown network: a port and nothing held":                      {"otc", frozen(port("p", "n9", "vm", "compute:a", "ACTIVE", "s9", "10.0.9.5")), "n9 ACTIVE server: 1"},
		"the subnet that the port names wins over its network": {"otc", frozen(port("p", "n1", "vm", "compute:a", "ACTIVE", "s2", "10.0.1.5")),
			"n1 ACTIVE server: 1; n2/4 held by server: 1; n2/4: 1, idle 0"},
		"the compute port of a known bare-metal server is bare metal's": {"otc",
			frozen(port("p", "n1", "metal", "compute:a", "ACTIVE", "s4", "10.0.0.5"), port("q", "n1", "metal", "network:dhcp", "ACTIVE", "s4", "10.0.0.6")),
			"n1 ACTIVE baremetal: 1; n1 ACTIVE dhcp: 1; n1/4 held by baremetal: 1; n1/4 held by dhcp: 1; n1/4: 2, idle 0"},
		"and that which its owner says; but no port of it without owner": {"otc",
			frozen(port("p", "n1", "metal", "", "DOWN"), port("q", "n1", "x", "baremetal:none", "ACTIVE"), port("r", "n1", "", "odd", "ACTIVE")),
			"n1 ACTIVE baremetal: 1; n1 ACTIVE other: 1; n1 DOWN none: 1"},
		"a port listed twice counts as it was listed last": {"otc",
			frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5"), port("q", "n1", "", "", "DOWN", "s4", "10.0.0.6"), at5),
			"n1 ACTIVE server: 1; n1 DOWN none: 1; n1/4 held by none: 1; n1/4 held by server: 1; n1/4: 2, idle 1"},
	} {
		check.Equal(t, name, tt.want, count(t, tt.ports, tt.provider, ParseID("metal")))
	}
}

func TestPortsOfAnAPIWithoutOwnersAreOtherWithADevice(t *testing.T) {
	list := frozen(port("p", "n1", "metal", "", "ACTIVE", "s4", "10.0.0.5"), port("q", "n1", "", "", "DOWN", "s4", "10.0.0.6"))
	list.OwnersUnknown = true
	check.Equal(t, "counts", "n1 ACTIVE other: 1; n1 DOWN none: 1; n1/4 held by none: 1; n1/4 held by other: 1; n1/4: 2, idle 1", count(t, list, "huaweicloud", ParseID("metal")))
}

// compareIdle compares which ports are idle, and how many addresses for how long, with
// what is said of each port alone.
func compareIdle(t *testing.T, list *Ports) {
	t.Helper()
	gone, now, least := uuid(2, 2), time.Unix(1e9, 0), []time.Duration{time.Hour, 2 * time.Hour}
	subnets := []Subnet{
		{ID: gone, NeutronID: uuid(3, 0), NetworkID: gone, Prefix: netip.MustParsePrefix("10.0.0.0/24")},
		{ID: uuid(2, 0), NeutronID: uuid(3, 1), NetworkID: uuid(2, 0), Prefix: netip.MustParsePrefix("10.0.0.0/24")},
		{ID: uuid(2, 1), NetworkID: uuid(2, 1), Prefix: netip.MustParsePrefix("2001:db8::/64")},
	}
	snap := known("otc", PortData{Ports: list, Subnets: subnets}, SubnetData{Gone: Gone{gone: true}})
	since := func(port ID, a netip.Addr) time.Time { // by the last byte; of some it is not recorded
		if hours := a.AsSlice()[a.BitLen()/8-1] % 4; hours > 0 && port != uuid(1, 7) {
			return now.Add(-time.Duration(hours) * time.Hour)
		}
		return time.Time{}
	}
	idle, subnetOf := snap.IdlePort(), SubnetOf(subnets[1:], "otc")
	var want, got []Port
	counts := [][]int{{0, 0}, {0, 0}}
	for _, p := range all(list) {
		if !idle(&p) {
			continue
		}
		want = append(want, p)
		for _, f := range p.Fixed {
			s, begun := subnetOf(&p, f), since(p.ID, f.Addr)
			for i := range counts {
				for j, d := range least {
					if s == &subnets[1+i] && !begun.IsZero() && now.Sub(begun) >= d {
						counts[i][j]++
					}
				}
			}
		}
	}
	for p := range snap.IdlePorts() {
		p.Fixed = slices.Clone(p.Fixed)
		got = append(got, p)
	}
	wantPorts(t, "idle ports", want, got)
	check.Equal(t, "idle for", counts, snap.IdleFor(since, now, least))
}

func TestSnapshotCountsOnceForAllRows(t *testing.T) {
	s := known("otc", PortData{Ports: frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5")), Subnets: estate()})
	check.Equal(t, "counted once", true, s.PortUsage() == s.PortUsage())
	check.Equal(t, "idle", 1, s.PortUsage().Subnets[0].Idle)
}

func TestPortsOfADeletedSubnetAreHeldByNoSubnet(t *testing.T) {
	s := known("otc", SubnetData{Gone: map[ID]bool{ParseID("n1"): true}}, PortData{Ports: frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5")), Subnets: estate()})
	usage := s.PortUsage()
	check.Equal(t, "subnets and counts", "1 1", fmt.Sprint(len(usage.Subnets), len(usage.Counts)))
	check.Equal(t, "which subnet, and how many ports", "n2 1", fmt.Sprint(usage.Subnets[0].Subnet.ID, usage.Counts[0].Ports))
	check.Equal(t, "first subnet of the answer, which never changes", ParseID("n1"), Of[PortData](s).Subnets[0].ID)
}

func uuid(kind, i int) ID { return ParseID(fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, i)) }
