package inventory

import (
	"math"
	"math/big"
	"net/netip"
)

// estimatedReserve is how many addresses of a subnet Huawei Cloud and OTC keep
// for themselves by most of their documents: network, gateway, system
// interface, DHCP and broadcast.
const estimatedReserve = 5

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

// PoolCapacity is the number of distinct addresses in the pools, of both
// families together.
func PoolCapacity(pools []Range) float64 {
	sum := new(big.Int)
	for _, v6 := range []bool{false, true} {
		sum.Add(sum, unionSize(spansOf(pools, v6)))
	}
	f, _ := new(big.Float).SetInt(sum).Float64()
	return f
}
