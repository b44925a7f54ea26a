package space

import (
	"encoding/binary"
	"math"
	"math/big"
	"net/netip"

	"go4.org/netipx"
)

// estimatedReserve is how many addresses of a subnet Huawei Cloud and OTC keep
// for themselves by most of their documents: network, gateway, system
// interface, DHCP and broadcast.
const estimatedReserve = 5

// Number4 is an IPv4 address as a number.
func Number4(a netip.Addr) uint32 { b := a.As4(); return binary.BigEndian.Uint32(b[:]) }

// Addr4 is the IPv4 address of a number.
func Addr4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// PrefixSize is the number of addresses in p, 0 when p is not valid. It is a
// power of two and therefore exact.
func PrefixSize(p netip.Prefix) float64 {
	if !p.IsValid() {
		return 0
	}
	return math.Ldexp(1, p.Addr().BitLen()-p.Bits())
}

// EstimatedCapacity is a guess at how many addresses of p the cloud can hand
// out when it does not say: the size less five, never below 0.
func EstimatedCapacity(p netip.Prefix) float64 {
	return max(0, PrefixSize(p)-estimatedReserve)
}

// Set is the set of the addresses in the ranges. One that is not valid has none.
func Set(ranges ...netipx.IPRange) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, r := range ranges {
		if r.IsValid() {
			b.AddRange(r)
		}
	}
	set, _ := b.IPSet() // only an invalid range is an error
	return set
}

// Size is the number of addresses in a set, of both families together.
func Size(set *netipx.IPSet) float64 { return Sum(set.Prefixes()) }

// RangeSize is the number of addresses of a range.
func RangeSize(r netipx.IPRange) *big.Int {
	from, to := new(big.Int).SetBytes(r.From().AsSlice()), new(big.Int).SetBytes(r.To().AsSlice())
	return to.Add(to.Sub(to, from), big.NewInt(1))
}
