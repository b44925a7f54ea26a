package inventory

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// sortKey is the beginning of an id, which nearly always decides the order, and in
// its low bits the index of the record. It is small, because there is one for each
// port while a list is sorted.
type sortKey uint64

// sort puts the own records in order of id, in place, and drops all but the
// last of those with the same id.
func (ps *Ports) sort() {
	s := &ps.filling.own
	sorted := true
	for i := 1; i < s.n && sorted; i++ {
		sorted = ps.compare(s.record(i-1), s.record(i)) < 0
	}
	if sorted {
		return
	}
	keys := make([]sortKey, s.n)
	for i := range keys {
		keys[i] = ps.sortKey(i)
	}
	slices.Sort(keys)
	for i, j := 0, 0; i < len(keys); i = j {
		for j = i + 1; j < len(keys) && keys[j]>>32 == keys[i]>>32; j++ {
		}
		slices.SortFunc(keys[i:j], func(a, b sortKey) int {
			return cmp.Or(ps.compare(s.record(int(uint32(a))), s.record(int(uint32(b)))), cmp.Compare(a, b))
		})
	}
	s.arrange(keys)
	kept := 0
	for i := range s.n {
		if i+1 < s.n && ps.compare(s.record(i), s.record(i+1)) == 0 {
			continue
		}
		*s.record(kept) = *s.record(i)
		kept++
	}
	s.n = kept
}

// sortKey of a text is behind those of all UUIDs, or of the last of them.
func (ps *Ports) sortKey(i int) sortKey {
	start := ^uint32(0)
	if r := ps.filling.own.record(i); !ps.kinds.values[r.kind].TextID {
		start = binary.BigEndian.Uint32(r.id[:4])
	}
	return sortKey(start)<<32 | sortKey(i)
}

// arrange moves the record that keys[i] has to i, for all i, along the cycles of
// the permutation. It uses keys up.
func (s *portStore) arrange(keys []sortKey) {
	for i := range keys {
		if int(uint32(keys[i])) == i {
			continue
		}
		first := *s.record(i)
		to := i
		for {
			from := int(uint32(keys[to]))
			keys[to] = sortKey(to)
			if from == i {
				break
			}
			*s.record(to) = *s.record(from)
			to = from
		}
		*s.record(to) = first
	}
}
