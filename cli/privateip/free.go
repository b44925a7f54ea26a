package privateip

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"net/netip"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
)

// Addresses at the ends of an IPv4 subnet that Huawei Cloud and OTC keep for
// themselves. Their documents disagree on how many at the end: three or four.
const (
	keptFirst     = 1 // network
	keptLast      = 4
	keptLastLeast = 3
)

// freeAddresses returns the addresses of the subnet that may be tried: those that
// the cloud assigns, without those taken. An address that the cloud may reserve is
// returned only when no other is free.
func freeAddresses(s inventory.Subnet, taken []netip.Addr) (*netipx.IPSet, error) {
	set, err := freeLess(keptLast, s, taken)
	if err == nil && len(set.Ranges()) == 0 {
		return freeLess(keptLastLeast, s, taken)
	}
	return set, err
}

func freeLess(last int, s inventory.Subnet, taken []netip.Addr) (*netipx.IPSet, error) {
	var b netipx.IPSetBuilder
	if len(s.Pools) > 0 {
		for _, pool := range s.Pools {
			b.AddRange(netipx.IPRangeFrom(pool.From, pool.To))
		}
	} else {
		r := netipx.RangeOfPrefix(s.Prefix.Masked())
		b.AddRange(r)
		removeEnds(&b, r, last)
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
	return set, nil
}

func removeEnds(b *netipx.IPSetBuilder, r netipx.IPRange, last int) {
	from, to := r.From(), r.To()
	for range keptFirst {
		b.Remove(from)
		from = from.Next()
	}
	for range last {
		b.Remove(to)
		to = to.Prev()
	}
}

// countAddresses returns the number of addresses in the set, at most MaxUint64.
func countAddresses(set *netipx.IPSet) uint64 {
	var n uint64
	for _, r := range set.Ranges() {
		sum, carry := bits.Add64(n, rangeSize(r), 0)
		if carry != 0 {
			return math.MaxUint64
		}
		n = sum
	}
	return n
}

func rangeSize(r netipx.IPRange) uint64 {
	fromHi, fromLo := halves(r.From())
	toHi, toLo := halves(r.To())
	lo, borrow := bits.Sub64(toLo, fromLo, 0)
	hi, _ := bits.Sub64(toHi, fromHi, borrow)
	if hi != 0 || lo == math.MaxUint64 {
		return math.MaxUint64
	}
	return lo + 1
}

// addressAt returns the nth address of the set.
func addressAt(set *netipx.IPSet, n uint64) netip.Addr {
	for _, r := range set.Ranges() {
		size := rangeSize(r)
		if n >= size {
			n -= size
			continue
		}
		hi, lo := halves(r.From())
		lo, carry := bits.Add64(lo, n, 0)
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], hi+carry)
		binary.BigEndian.PutUint64(b[8:], lo)
		a := netip.AddrFrom16(b)
		if r.From().Is4() {
			a = a.Unmap()
		}
		return a
	}
	return netip.Addr{}
}

func halves(a netip.Addr) (hi, lo uint64) {
	b := a.As16()
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}
