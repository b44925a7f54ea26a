package inventory

import "slices"

// table numbers values in the order of their first appearance.
type table[T comparable] struct {
	values []T
	index  map[T]uint32
}

func (t *table[T]) number(v T) uint32 {
	if i, ok := t.index[v]; ok {
		return i
	}
	if t.index == nil {
		t.index = make(map[T]uint32)
	}
	i := uint32(len(t.values))
	t.values = append(t.values, v)
	t.index[v] = i
	return i
}

// freeze gives up what is needed only for numbering.
func (t *table[T]) freeze() { t.index = nil }

// extended is a table of its own that begins with the same numbers.
func (t *table[T]) extended() table[T] {
	more := table[T]{values: slices.Clip(t.values), index: make(map[T]uint32, len(t.values))}
	for i, v := range t.values {
		more.index[v] = uint32(i)
	}
	return more
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }
func (b bitset) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) clear(i int)    { b[i/64] &^= 1 << (i % 64) }
