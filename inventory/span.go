package inventory

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"net/netip"
	"slices"
)

// u128 is an address as a number.
type u128 struct{ hi, lo uint64 }

func (a u128) compare(b u128) int {
	switch {
	case a == b:
		return 0
	case a.hi < b.hi || a.hi == b.hi && a.lo < b.lo:
		return -1
	}
	return 1
}

func (a u128) minus(b u128) u128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return u128{hi, lo}
}

func (a u128) next() (n u128, overflow bool) {
	lo, carry := bits.Add64(a.lo, 1, 0)
	hi, carry := bits.Add64(a.hi, 0, carry)
	return u128{hi, lo}, carry != 0
}

func (a u128) bigInt() *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return new(big.Int).SetBytes(b[:])
}

func numberOf(a netip.Addr) u128 {
	if a.Is4() {
		b := a.As4()
		return u128{0, uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := a.As16()
	return u128{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// span is an inclusive range of addresses of one family.
type span struct{ from, to u128 }

// Valid reports whether both ends are addresses of one family in their order.
func (r Range) Valid() bool {
	return r.From.IsValid() && r.From.BitLen() == r.To.BitLen() && r.From.WithZone("").Compare(r.To.WithZone("")) <= 0
}

func spanOf(r Range) span { return span{numberOf(r.From), numberOf(r.To)} }

// spansOf keeps the valid ranges of one family.
func spansOf(ranges []Range, v6 bool) []span {
	var spans []span
	for _, r := range ranges {
		if r.Valid() && r.From.Is6() == v6 {
			spans = append(spans, spanOf(r))
		}
	}
	return spans
}

// unionSize is the number of distinct addresses in spans, which it sorts.
func unionSize(spans []span) *big.Int {
	slices.SortFunc(spans, func(a, b span) int { return a.from.compare(b.from) })
	sum := new(big.Int)
	add := func(s span) {
		sum.Add(sum, s.to.minus(s.from).bigInt())
		sum.Add(sum, big.NewInt(1))
	}
	for i := 0; i < len(spans); {
		s := spans[i]
		for i++; i < len(spans) && spans[i].from.compare(s.to) <= 0; i++ {
			if spans[i].to.compare(s.to) > 0 {
				s.to = spans[i].to
			}
		}
		add(s)
	}
	return sum
}
