package privateip

import (
	"fmt"
	"math"
	"math/big"
	"net/netip"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// Addresses at the ends of an IPv4 subnet that Huawei Cloud and OTC keep for
// themselves. Their documents disagree on how many at the end: three or four.
const (
	keptLast      = 4
	keptLastLeast = 3
)

// freeSet are addresses that may be tried.
type freeSet []netipx.IPRange

// freeAddresses returns the addresses of the subnet that may be tried: those that
// the cloud assigns, without those taken. An address that the cloud may reserve is
// returned only when no other is free.
func freeAddresses(s inventory.Subnet, taken []netip.Addr) (freeSet, error) {
	free, err := freeLess(keptLast, s, taken)
	if err == nil && len(free) == 0 {
		return freeLess(keptLastLeast, s, taken)
	}
	return free, err
}

func freeLess(last int, s inventory.Subnet, taken []netip.Addr) (freeSet, error) {
	var b netipx.IPSetBuilder
	for _, pool := range s.Pools {
		b.AddRange(pool)
	}
	if len(s.Pools) == 0 {
		r := netipx.RangeOfPrefix(s.Prefix.Masked())
		b.AddRange(r)
		b.Remove(r.From()) // the network
		for to := r.To(); last > 0; last-- {
			b.Remove(to)
			to = to.Prev()
		}
	}
	if s.Gateway.IsValid() {
		b.Remove(s.Gateway)
	}
	for _, a := range taken {
		b.Remove(a)
	}
	set, err := b.IPSet()
	if err != nil {
		return nil, fmt.Errorf("find free addresses of subnet %q: %w", s.Name, err)
	}
	return set.Ranges(), nil
}

// keeps reports whether the cloud keeps an address at an end of the subnet for itself,
// and refuses to assign it.
func keeps(s inventory.Subnet, a netip.Addr) bool {
	if !a.Is4() || s.Prefix.Bits() > 30 {
		return false
	}
	r := netipx.RangeOfPrefix(s.Prefix.Masked())
	last := r.To()
	for n := 1; len(s.Pools) == 0 && n < keptLastLeast; n++ {
		last = last.Prev()
	}
	return a == r.From() || !a.Less(last)
}

// count returns the number of addresses, at most MaxUint64.
func (f freeSet) count() uint64 {
	sum := new(big.Int)
	for _, r := range f {
		sum.Add(sum, space.RangeSize(r))
	}
	if !sum.IsUint64() {
		return math.MaxUint64
	}
	return sum.Uint64()
}

func (f freeSet) at(n uint64) netip.Addr {
	left := new(big.Int).SetUint64(n)
	for _, r := range f {
		if left.Cmp(space.RangeSize(r)) < 0 {
			b := r.From().AsSlice()
			a, _ := netip.AddrFromSlice(left.Add(left, new(big.Int).SetBytes(b)).FillBytes(b))
			return a
		}
		left.Sub(left, space.RangeSize(r))
	}
	return netip.Addr{}
}
