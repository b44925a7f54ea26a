package space

import (
	"fmt"
	"math"
	"net/netip"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/test/check"
)

func TestSizesAreExactForEveryLength(t *testing.T) {
	for _, tt := range []struct {
		prefix         string
		size, estimate float64
	}{
		{"10.0.0.0/24", 256, 251},
		{"10.0.0.0/29", 8, 3},
		{"10.0.0.0/30", 4, 0},
		{"10.0.0.0/31", 2, 0},
		{"10.0.0.0/32", 1, 0},
		{"0.0.0.0/0", 4294967296, 4294967291},
		{"2001:db8::/64", 18446744073709551616, 18446744073709551616},
		{"2001:db8::/56", 4722366482869645213696, 4722366482869645213696},
		{"::/0", math.Pow(2, 128), math.Pow(2, 128)},
		{"2001:db8::/127", 2, 0},
	} {
		p := netip.MustParsePrefix(tt.prefix)
		check.Equal(t, fmt.Sprintf("PrefixSize(%s)", p), tt.size, PrefixSize(p))
		check.Equal(t, fmt.Sprintf("EstimatedCapacity(%s)", p), tt.estimate, EstimatedCapacity(p))
	}
	check.Equal(t, "PrefixSize of nothing", 0, PrefixSize(netip.Prefix{}))
}

func TestSizeCountsDistinctAddresses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pools []netipx.IPRange
		want  float64
	}{
		{"none", nil, 0},
		{"one", []netipx.IPRange{rng("10.0.0.2", "10.0.0.254")}, 253},
		{"two apart", []netipx.IPRange{rng("10.0.0.100", "10.0.0.199"), rng("10.0.0.2", "10.0.0.9")}, 108},
		{"overlapping", []netipx.IPRange{rng("10.0.0.2", "10.0.0.9"), rng("10.0.0.5", "10.0.0.14")}, 13},
		{"one inside the other", []netipx.IPRange{rng("10.0.0.1", "10.0.0.100"), rng("10.0.0.5", "10.0.0.6"), rng("10.0.0.50", "10.0.0.100")}, 100},
		{"reversed counts nothing", []netipx.IPRange{rng("10.0.0.9", "10.0.0.2")}, 0},
		{"ipv6 beyond 2^64", []netipx.IPRange{rng("2001:db8::", "2001:db8:0:ff:ffff:ffff:ffff:ffff")}, 4722366482869645213696},
		{"whole ipv6", []netipx.IPRange{rng("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}, math.Pow(2, 128)},
	} {
		check.Equal(t, tt.name+": Size", tt.want, Size(Set(tt.pools...)))
	}
}

func rng(from, to string) netipx.IPRange {
	return netipx.IPRangeFrom(netip.MustParseAddr(from), netip.MustParseAddr(to))
}
