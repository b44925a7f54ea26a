package collector

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/prometheus/common/expfmt"

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

func BenchmarkFamilies(b *testing.B) {
	for _, n := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			views := benchViews(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Families(views, config.Series{Ports: "all"}, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			families, err := Families(benchViews(n), config.Series{Ports: "all"}, 0)
			if err != nil {
				b.Fatal(err)
			}
			var out bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				encoder := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeTextPlain))
				for _, f := range families {
					if err := encoder.Encode(f); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.SetBytes(int64(out.Len()))
		})
	}
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
