package storage

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sort"

	"cloudip_exporter/inventory"
)

// openSet is what is known, without asking the file, of the open tenures of one
// kind of a target: 24 bytes each, without pointers.
type openSet struct {
	loaded bool
	sight  int64 // when all of them were seen last; 0: never
	part   *inventory.Part
	last   *inventory.Snapshot // that part is of
	list   []openTenure        // by hash
	idle   map[uint64]int64    // since when, by hash, of those that are idle
}

// openTenure is a tenure that lasts. Its hash stands for its identity: the seed is
// random, so that nobody can choose two that collide.
type openTenure struct {
	hash       uint64
	row        int64
	attributes uint32
}

func hashOf(seed maphash.Seed, id identity) uint64 {
	return maphash.Comparable(seed, struct {
		address, private   [16]byte
		item, device, port inventory.ID
	}{id.address.As16(), id.private.As16(), id.item, id.device, id.port})
}

func byHash(a, b openTenure) int { return cmp.Compare(a.hash, b.hash) }

func (s *openSet) find(hash uint64) (at int, found bool) {
	return sort.Find(len(s.list), func(i int) int { return cmp.Compare(hash, s.list[i].hash) })
}

// delta is what one answer changes in an openSet once it is written.
type delta struct {
	set     *openSet
	at      int64
	part    *inventory.Part
	last    *inventory.Snapshot
	seen    []uint64 // set of the indexes in list
	ended   []uint64 // likewise
	begun   []openTenure
	changed []openTenure     // with new attributes
	idle    map[uint64]int64 // since when, by hash; 0: not any more
}

func has(set []uint64, i int) bool { return set[i/64]>>(i%64)&1 != 0 }
func put(set []uint64, i int)      { set[i/64] |= 1 << (i % 64) }

func (s *openSet) begin(at int64, snap *inventory.Snapshot, part *inventory.Part) *delta {
	words := (len(s.list) + 63) / 64
	return &delta{set: s, at: at, part: part, last: snap, seen: make([]uint64, words), ended: make([]uint64, words), idle: map[uint64]int64{}}
}

// apply makes the change, in place: a million tenures need no second list.
func (d *delta) apply() {
	s := d.set
	for _, t := range d.changed {
		if at, ok := s.find(t.hash); ok {
			s.list[at].attributes = t.attributes
		}
	}
	kept := 0
	for i, t := range s.list {
		if has(d.ended, i) {
			delete(s.idle, t.hash)
			continue
		}
		s.list[kept] = t
		kept++
	}
	s.list = s.list[:kept]
	slices.SortFunc(d.begun, byHash)
	if kept == 0 {
		s.list, d.begun = d.begun, nil
	}
	if free := cap(s.list) - kept; free < len(d.begun) {
		s.list = slices.Grow(s.list, len(d.begun)+kept/16)
	}
	s.list = append(s.list, d.begun...)
	for to, i, j := len(s.list)-1, kept-1, len(d.begun)-1; j >= 0; to-- {
		if i >= 0 && s.list[i].hash > d.begun[j].hash {
			s.list[to] = s.list[i]
			i--
		} else {
			s.list[to] = d.begun[j]
			j--
		}
	}
	if len(s.idle) == 0 {
		s.idle, d.idle = d.idle, nil
	}
	for hash, since := range d.idle {
		if since == 0 {
			delete(s.idle, hash)
		} else {
			s.idle[hash] = since
		}
	}
	s.sight, s.part, s.last = d.at, d.part, d.last
}
