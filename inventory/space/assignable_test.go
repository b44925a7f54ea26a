package space

import (
	"fmt"
	"net/netip"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/test/check"
)

func TestTheCloudKeepsTheEndsOfASubnet(t *testing.T) {
	pools := []netipx.IPRange{netipx.MustParseIPRange("10.0.0.2-10.0.0.3")}
	for _, tt := range []struct {
		prefix, addr string
		pools        []netipx.IPRange
		want         bool
	}{
		{"10.0.0.0/24", "10.0.0.0", nil, true},
		{"10.0.0.0/24", "10.0.0.1", nil, false},
		{"10.0.0.0/24", "10.0.0.252", nil, false},
		{"10.0.0.0/24", "10.0.0.253", nil, true},
		{"10.0.0.0/24", "10.0.0.255", nil, true},
		{"10.0.0.0/24", "10.0.0.254", pools, false},
		{"10.0.0.0/24", "10.0.0.255", pools, true},
		{"10.0.0.0/31", "10.0.0.1", pools, false},
		{"2001:db8::/64", "2001:db8::", pools, false},
	} {
		got := Kept(netip.MustParsePrefix(tt.prefix), tt.pools, netip.MustParseAddr(tt.addr))
		check.Equal(t, fmt.Sprintf("%+v: kept", tt), tt.want, got)
	}
}

func TestFreeAddressesOfSubnetsOfAnySize(t *testing.T) {
	for _, tt := range []struct {
		name, prefix string
		pools        []netipx.IPRange
		taken        []string
		count        int
		first, last  string
	}{
		{name: "/24 less its ends", prefix: "10.0.0.0/24", count: 251, first: "10.0.0.1", last: "10.0.0.251"},
		{name: "/29", prefix: "10.0.0.0/29", count: 3, first: "10.0.0.1", last: "10.0.0.3"},
		{name: "/30 has none", prefix: "10.0.0.0/30"},
		{name: "none is left but one that may be kept", prefix: "10.0.0.0/29", taken: []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, count: 1, first: "10.0.0.4", last: "10.0.0.4"},
		{name: "none is left", prefix: "10.0.0.0/29", taken: []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}},
		{name: "/32 has none", prefix: "255.255.255.255/32"},
		{name: "as many as are enough", prefix: "0.0.0.0/0", count: mostFree, first: "0.0.0.1", last: "0.0.16.0"},
		{name: "taken in the middle", prefix: "10.0.0.0/28", taken: []string{"10.0.0.1", "10.0.0.5"}, count: 9, first: "10.0.0.2", last: "10.0.0.11"},
		{name: "pools", prefix: "10.0.0.0/24", pools: []netipx.IPRange{
			netipx.MustParseIPRange("10.0.0.2-10.0.0.3"),
			netipx.MustParseIPRange("10.0.0.9-10.0.0.9"),
		}, count: 3, first: "10.0.0.2", last: "10.0.0.9"},
		{name: "IPv6 /64", prefix: "2001:db8::/64", pools: []netipx.IPRange{
			netipx.MustParseIPRange("2001:db8::2-2001:db8::ffff:ffff:ffff:ffff"),
		}, count: mostFree, first: "2001:db8::2", last: "2001:db8::1001"},
	} {
		var taken []netip.Addr
		for _, a := range tt.taken {
			taken = append(taken, netip.MustParseAddr(a))
		}
		free := check.Get(Assignable(netip.MustParsePrefix(tt.prefix), tt.pools, taken...))(t)
		check.Equal(t, tt.name+": how many", tt.count, len(free))
		if len(free) > 0 {
			check.Equal(t, tt.name+": first and last", tt.first+" "+tt.last, fmt.Sprint(free[0], " ", free[len(free)-1]))
		}
	}
}
