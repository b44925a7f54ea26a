package inventory

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// sortKey is the beginning of an id, which nearly always tells the order, and
// where the record stands.
type sortKey struct {
	id uint64
	at uint32
}

// sort puts the own records in order of id, in place, and drops all but the
// last of those with the same id. It returns how many were dropped.
func (ps *Ports) sort() (dropped int) {
	s := &ps.own
	sorted := true
	for i := 1; i < s.n && sorted; i++ {
		sorted = ps.compare(s.record(i-1), s.record(i)) < 0
	}
	if sorted {
		return 0
	}
	keys := make([]sortKey, s.n)
	for i := range keys {
		keys[i] = ps.sortKey(i)
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if c := cmp.Compare(a.id, b.id); c != 0 {
			return c
		}
		if c := ps.compare(s.record(int(a.at)), s.record(int(b.at))); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
	s.arrange(keys)
	kept := 0
	for i := range s.n {
		if i+1 < s.n && ps.compare(s.record(i), s.record(i+1)) == 0 {
			continue
		}
		*s.record(kept) = *s.record(i)
		kept++
	}
	dropped = s.n - kept
	s.truncate(kept)
	return dropped
}

// sortKey of a text is behind those of all UUIDs.
func (ps *Ports) sortKey(i int) sortKey {
	r := ps.own.record(i)
	if ps.kinds.values[r.kind].idIsText {
		return sortKey{^uint64(0), uint32(i)}
	}
	return sortKey{binary.BigEndian.Uint64(r.id[:8]), uint32(i)}
}

// arrange moves the record at keys[i].at to i, for all i, along the cycles of
// the permutation. It uses keys up.
func (s *portStore) arrange(keys []sortKey) {
	for i := range keys {
		if keys[i].at == uint32(i) {
			continue
		}
		first := *s.record(i)
		to := i
		for {
			from := int(keys[to].at)
			keys[to].at = uint32(to)
			if from == i {
				break
			}
			*s.record(to) = *s.record(from)
			to = from
		}
		*s.record(to) = first
	}
}

func (s *portStore) truncate(n int) {
	s.n = n
	blocks := (n + recordsPerBlock - 1) / recordsPerBlock
	clear(s.blocks[blocks:])
	s.blocks = s.blocks[:blocks]
	if rest := n % recordsPerBlock; rest > 0 {
		s.blocks[blocks-1] = s.blocks[blocks-1][:rest]
	}
}
