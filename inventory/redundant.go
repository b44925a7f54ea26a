package inventory

import "slices"

// redundant counts the spans that the walk of AddressGroup.Facts drops. It does
// not change spans. An entry is covered by the others exactly when each of the
// elementary pieces it consists of is covered at least twice.
func redundant(spans []span) int {
	if len(spans) < 2 {
		return 0
	}
	pieces := piecesOf(spans)
	tree := newCoverTree(len(pieces))
	type placed struct{ first, last int }
	places := make([]placed, len(spans))
	for i, s := range spans {
		p := placed{first: indexOf(pieces, s.from), last: len(pieces) - 1}
		if n, overflow := s.to.next(); !overflow {
			p.last = indexOf(pieces, n) - 1
		}
		places[i] = p
		tree.add(p.first, p.last, 1)
	}
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return spans[a].to.minus(spans[a].from).compare(spans[b].to.minus(spans[b].from))
	})
	dropped := 0
	for _, i := range order {
		if p := places[i]; tree.min(p.first, p.last) >= 2 {
			tree.add(p.first, p.last, -1)
			dropped++
		}
	}
	return dropped
}

// piecesOf is where the elementary pieces begin, in order. A piece that begins
// just behind the last address of all is a mere end mark.
func piecesOf(spans []span) []u128 {
	begins := make([]u128, 0, 2*len(spans))
	for _, s := range spans {
		begins = append(begins, s.from)
		if n, overflow := s.to.next(); !overflow {
			begins = append(begins, n)
		}
	}
	slices.SortFunc(begins, u128.compare)
	return slices.Compact(begins)
}

func indexOf(pieces []u128, at u128) int {
	i, _ := slices.BinarySearchFunc(pieces, at, u128.compare)
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
