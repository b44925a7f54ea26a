package inventory

import (
	"strings"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/test/check"
)

func TestFreeIsWhatIsLeftInTheAllocationPools(t *testing.T) {
	const two = "10.7.0.10-10.7.0.24 10.7.0.100-10.7.0.114"
	for _, tt := range []struct {
		name, pools string
		used        float64
		on          string
		want        float64
	}{
		{"a /29 with a router and 4 of its 5 pool addresses taken", "10.7.0.2-10.7.0.6", 5,
			"10.7.0.1 10.7.0.2 10.7.0.3 10.7.0.4 10.7.0.5", 1},
		{"two pools with 7 used inside and 3 outside", "10.7.0.10-10.7.0.17 10.7.0.100-10.7.0.106", 10,
			"10.7.0.1 10.7.0.2 10.7.0.3 10.7.0.10 10.7.0.11 10.7.0.12 10.7.0.13 10.7.0.100 10.7.0.101 10.7.0.106", 8},
		{"ports that are not seen may be in the pools", two, 6, "10.7.0.1 10.7.0.10", 25},
		{"more seen than used: a port was deleted meanwhile", two, 1, "10.7.0.10 10.7.0.11", 28},
		{"more unseen than the pools have", two, 99, "", 0},
		{"pools that overlap", "10.7.0.10-10.7.0.19 10.7.0.15-10.7.0.24", 1, "10.7.0.16", 14},
		{"a /64", "2001:db8::2-2001:db8::ffff:ffff:ffff:ffff", 1, "2001:db8::2", 18446744073709551613},
	} {
		var pools []netipx.IPRange
		for text := range strings.FieldsSeq(tt.pools) {
			pools = append(pools, netipx.MustParseIPRange(text))
		}
		subnet, other := Subnet{NeutronID: ParseID("s"), Pools: pools, Usage: Usage{Used: tt.used}}, Subnet{NeutronID: ParseID("other"), Pools: pools}
		var ports []Port
		for a := range strings.FieldsSeq(tt.on) {
			ports = append(ports, port("p"+a, "", "", "", "", "s", a, "elsewhere", a))
		}
		SetFree(frozen(ports...), []*Subnet{&subnet, &other})
		check.Equal(t, tt.name, tt.want, *subnet.Usage.Free)
	}
}
