package inventory

import (
	"fmt"
	"net/netip"
	"testing"

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

func TestSnapshotCountsOnceForAllRows(t *testing.T) {
	s := known("otc", PortData{Ports: frozen(port("p", "n1", "", "", "DOWN", "s4", "10.0.0.5")), Subnets: estate()})
	check.Equal(t, "counted once", true, s.PortUsage() == s.PortUsage())
	check.Equal(t, "idle", 1, s.PortUsage().Subnets[0].Idle)
}

func uuid(kind, i int) ID { return ParseID(fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, i)) }
