package web

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/inventory"
)

func TestAPrivateIPStandsInThePlaceOfItsOwnSubnetOnly(t *testing.T) {
	addr, id := netip.MustParseAddr("10.0.0.5"), inventory.ParseID
	var subnets []inventory.Subnet
	ips := inventory.NewPrivateIPs(nil)
	for _, s := range []string{"one", "two"} {
		subnets = append(subnets, inventory.Subnet{ID: id(s), NetworkID: id(s), Prefix: netip.MustParsePrefix("10.0.0.0/24")})
	}
	ips.Append(inventory.PrivateIP{ID: id("ip-two"), SubnetID: id("two"), Status: "ACTIVE", Owner: "compute:az", Addr: addr})
	ips.Seal()
	snap := &inventory.Snapshot{Provider: "otc", States: []inventory.State{
		{Collector: "subnets", Part: &inventory.Part{Data: inventory.SubnetData{Subnets: subnets}}},
		{Collector: "private_ips", Part: &inventory.Part{Data: inventory.PrivateIPData{IPs: ips}}},
	}}
	found := snap.Lookup(addr)
	var got []string
	for _, h := range holdings(snap, &found) {
		is := "free"
		if h.Held {
			is = "held"
		}
		got = append(got, strings.Join([]string{h.SubnetID, is, h.PrivateIPID, h.Holder, h.Status, h.DeviceOwner}, " "))
	}
	if want := []string{"one free    ", "two held ip-two server ACTIVE compute:az"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
