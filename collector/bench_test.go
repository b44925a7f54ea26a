package collector

import (
	"fmt"
	"net/netip"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// benchViews are views whose ports give that many series of their own.
func benchViews(ports int) []View {
	list := &inventory.Ports{}
	subnets := make([]inventory.Subnet, 200)
	for i := range subnets {
		id := inventory.ParseID(fmt.Sprintf("7a10c0de-0002-4000-8000-%012d", i))
		subnets[i] = inventory.Subnet{ID: id, NeutronID: id, NetworkID: id, Prefix: netip.MustParsePrefix("10.0.0.0/8")}
	}
	for i := range ports {
		s := &subnets[i%len(subnets)]
		list.Append(inventory.Port{
			ID: inventory.ParseID(fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", i)), NetworkID: s.ID, Owner: "compute:az1", Status: "ACTIVE",
			Fixed: []inventory.FixedIP{{SubnetID: s.NeutronID, Addr: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}},
		})
	}
	list.Freeze()
	return []View{{Snapshot: &inventory.Snapshot{Cloud: "c", Project: "p", Provider: config.OpenStack, States: []inventory.State{
		{Collector: "ports", Success: true, Part: &inventory.Part{Items: ports, Data: inventory.PortData{Ports: list, Subnets: subnets}}},
	}}}}
}

func TestPublishingPortsInSumCostsNothingPerPort(t *testing.T) {
	views := benchViews(20_000)
	views[0].PortUsage() // counted once a snapshot
	allocs := testing.AllocsPerRun(3, func() {
		if _, err := Families(views, config.Series{Ports: "none"}, 0); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 20_000 {
		t.Errorf("%v allocations for about 600 series of 20,000 ports", allocs)
	}
}
