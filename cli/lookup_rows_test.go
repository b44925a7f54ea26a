package cli

import (
	"net/netip"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// overlap is what a target with two VPCs of the same prefix knows of 10.20.0.9:
// the subnets one and two, and a port and a private IP for those that are named.
func overlap(ports []string, private []string) located {
	addr, prefix := netip.MustParseAddr("10.20.0.9"), netip.MustParsePrefix("10.20.0.0/28")
	var subnets []inventory.Subnet
	for _, s := range []string{"one", "two"} {
		subnets = append(subnets, inventory.Subnet{ID: id(s), NeutronID: id("n-" + s), NetworkID: id(s), Prefix: prefix})
	}
	list, ips := inventory.NewPorts(nil, false), inventory.NewPrivateIPs(nil)
	for _, s := range ports {
		list.Append(inventory.Port{ID: id("port-" + s), NetworkID: id(s), Fixed: []inventory.FixedIP{{SubnetID: id("n-" + s), Addr: addr}}})
	}
	for _, s := range private {
		ips.Append(inventory.PrivateIP{ID: id("port-" + s), SubnetID: id(s), Status: "ACTIVE", Owner: "compute:az", Addr: addr})
	}
	list.Seal()
	ips.Seal()
	snap := &inventory.Snapshot{Provider: config.OTC, States: []inventory.State{
		{Collector: "subnets", Part: &inventory.Part{Data: inventory.SubnetData{Subnets: subnets}}},
		{Collector: "ports", Part: &inventory.Part{Data: inventory.PortData{Ports: list}}},
		{Collector: "private_ips", Part: &inventory.Part{Data: inventory.PrivateIPData{IPs: ips}}},
	}}
	return located{looked{in: snap}, snap.Lookup(addr)}
}

func TestAPrivateIPStandsInTheRowOfItsOwnSubnetOnly(t *testing.T) {
	type row struct {
		subnet, private, holder string
		held                    any
	}
	for name, tt := range map[string]struct {
		at   located
		want [2]row
	}{
		"two ports": {
			overlap([]string{"one", "two"}, []string{"one", "two"}),
			[2]row{{"one", "port-one", "none", true}, {"two", "port-two", "none", true}},
		},
		"no port": {
			overlap(nil, []string{"two"}),
			[2]row{{"one", "", "", false}, {"two", "port-two", "server", true}},
		},
	} {
		rows := tt.at.places()
		if len(rows) != 2 {
			t.Fatalf("%s: rows %+v, want two", name, rows)
		}
		for i, p := range rows {
			if got := (row{p.subnetID, p.privateIPID, p.holder, p.held}); got != tt.want[i] {
				t.Errorf("%s: got %+v, want %+v", name, got, tt.want[i])
			}
		}
	}
}
