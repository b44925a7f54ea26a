package space

import (
	"math/big"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Redundant counts the entries that others cover, by walking them from the smallest
// to the largest, ties as listed, and dropping each that the union of those not
// dropped still covers. All are valid and of one family. It takes n log n steps. An
// entry is covered by the others exactly when each of the elementary pieces it
// consists of is covered at least twice.
func Redundant(entries []netipx.IPRange) int {
	if len(entries) < 2 {
		return 0
	}
	pieces := piecesOf(entries)
	tree := newCoverTree(len(pieces))
	type placed struct {
		first, last int
		size        *big.Int
	}
	places := make([]placed, len(entries))
	for i, r := range entries {
		p := placed{indexOf(pieces, r.From()), len(pieces) - 1, RangeSize(r)}
		if n := r.To().Next(); n.IsValid() {
			p.last = indexOf(pieces, n) - 1
		}
		places[i] = p
		tree.add(p.first, p.last, 1)
	}
	slices.SortStableFunc(places, func(a, b placed) int { return a.size.Cmp(b.size) })
	dropped := 0
	for _, p := range places {
		if tree.min(p.first, p.last) >= 2 {
			tree.add(p.first, p.last, -1)
			dropped++
		}
	}
	return dropped
}

// piecesOf is where the elementary pieces begin, in order. There is none behind the
// last address of all.
func piecesOf(entries []netipx.IPRange) []netip.Addr {
	begins := make([]netip.Addr, 0, 2*len(entries))
	for _, r := range entries {
		begins = append(begins, r.From())
		if n := r.To().Next(); n.IsValid() {
			begins = append(begins, n)
		}
	}
	slices.SortFunc(begins, netip.Addr.Compare)
	return slices.Compact(begins)
}

func indexOf(pieces []netip.Addr, at netip.Addr) int {
	i, _ := slices.BinarySearchFunc(pieces, at, netip.Addr.Compare)
	return i
}

// coverTree is a segment tree over pieces: add to a range, minimum of a range.
type coverTree struct {
	n     int
	low   []int // minimum of the node's pieces, its own extra included
	extra []int // added to all pieces of the node
}

func newCoverTree(n int) *coverTree {
	return &coverTree{n: n, low: make([]int, 4*n), extra: make([]int, 4*n)}
}

func (t *coverTree) add(first, last, by int) { t.addAt(1, 0, t.n-1, first, last, by) }

func (t *coverTree) addAt(node, lo, hi, first, last, by int) {
	if last < lo || hi < first {
		return
	}
	if first <= lo && hi <= last {
		t.low[node] += by
		t.extra[node] += by
		return
	}
	mid := (lo + hi) / 2
	t.addAt(2*node, lo, mid, first, last, by)
	t.addAt(2*node+1, mid+1, hi, first, last, by)
	t.low[node] = min(t.low[2*node], t.low[2*node+1]) + t.extra[node]
}

func (t *coverTree) min(first, last int) int { return t.minAt(1, 0, t.n-1, first, last) }

func (t *coverTree) minAt(node, lo, hi, first, last int) int {
	if first <= lo && hi <= last {
		return t.low[node]
	}
	mid := (lo + hi) / 2
	switch {
	case last <= mid:
		return t.minAt(2*node, lo, mid, first, last) + t.extra[node]
	case first > mid:
		return t.minAt(2*node+1, mid+1, hi, first, last) + t.extra[node]
	}
	return min(t.minAt(2*node, lo, mid, first, last), t.minAt(2*node+1, mid+1, hi, first, last)) + t.extra[node]
}
