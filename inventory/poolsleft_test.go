package inventory

import (
	"fmt"
	"net/netip"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/test/check"
)

func TestFreeIsWhatIsLeftInTheAllocationPools(t *testing.T) {
	pools := func(texts ...string) (all []netipx.IPRange) {
		for _, text := range texts {
			all = append(all, netipx.MustParseIPRange(text))
		}
		return all
	}
	two := pools("10.7.0.10-10.7.0.24", "10.7.0.100-10.7.0.114")
	for _, tt := range []struct {
		name  string
		pools []netipx.IPRange
		used  float64
		on    []string
		want  float64
	}{
		{"a /29 with a router and 4 of its 5 pool addresses taken", pools("10.7.0.2-10.7.0.6"), 5,
			[]string{"10.7.0.1", "10.7.0.2", "10.7.0.3", "10.7.0.4", "10.7.0.5"}, 1},
		{"two pools with 7 used inside and 3 outside", pools("10.7.0.10-10.7.0.17", "10.7.0.100-10.7.0.106"), 10,
			[]string{"10.7.0.1", "10.7.0.2", "10.7.0.3", "10.7.0.10", "10.7.0.11", "10.7.0.12", "10.7.0.13", "10.7.0.100", "10.7.0.101", "10.7.0.106"}, 8},
		{"ports that are not seen may be in the pools", two, 6, []string{"10.7.0.1", "10.7.0.10"}, 25},
		{"more seen than used: a port was deleted meanwhile", two, 1, []string{"10.7.0.10", "10.7.0.11"}, 28},
		{"more unseen than the pools have", two, 99, nil, 0},
		{"pools that overlap", pools("10.7.0.10-10.7.0.19", "10.7.0.15-10.7.0.24"), 1, []string{"10.7.0.16"}, 14},
		{"a /64", pools("2001:db8::2-2001:db8::ffff:ffff:ffff:ffff"), 1, []string{"2001:db8::2"}, 18446744073709551613},
	} {
		subnet, other := Subnet{NeutronID: ParseID("s"), Pools: tt.pools, Usage: Usage{Used: tt.used}}, Subnet{NeutronID: ParseID("other"), Pools: tt.pools}
		ports := NewPorts(nil, false)
		for i, a := range tt.on {
			ports.Append(Port{ID: ParseID(fmt.Sprint("p", i)), Fixed: []FixedIP{{ParseID("s"), netip.MustParseAddr(a)}, {ParseID("elsewhere"), netip.MustParseAddr(a)}}})
		}
		ports.Freeze()
		SetFree(ports, []*Subnet{&subnet, &other})
		check.Equal(t, tt.name, tt.want, *subnet.Usage.Free)
	}
}
