package storage

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"sort"

	"cloudip_exporter/inventory"
)

// watched is the last answer of a kind of a target that was written: the tenures that
// last in the file are those that it shows.
type watched struct {
	loaded bool
	at     int64               // when it came; 0: never
	part   *inventory.Part     // nil after the file was opened
	snap   *inventory.Snapshot // that part is of
	idle   map[uint64]int64    // since when, by hash, of the tenures that are idle; it does not change
}

// delta is what one answer changes in watched once it is written.
type delta struct {
	old  *watched
	at   int64
	part *inventory.Part
	snap *inventory.Snapshot
	idle map[uint64]int64 // since when, by hash; 0: not any more
}

func (d *delta) apply() {
	w := d.old
	w.at, w.part, w.snap = d.at, d.part, d.snap
	if len(d.idle) > 0 {
		w.idle = maps.Clone(w.idle)
	}
	for hash, since := range d.idle {
		if since == 0 {
			delete(w.idle, hash)
		} else {
			w.idle[hash] = since
		}
	}
}

// hashOf stands for an identity: the seed is random, so that nobody can choose two
// that collide.
func hashOf(seed maphash.Seed, id identity) uint64 {
	bytesOf := func(id inventory.ID) [16]byte {
		uuid, ok := id.UUID()
		if !ok && !id.IsZero() {
			binary.NativeEndian.PutUint64(uuid[:], maphash.String(seed, id.String()))
		}
		return uuid
	}
	return maphash.Comparable(seed, [...][16]byte{id.address.As16(), id.private.As16(), bytesOf(id.item), bytesOf(id.device), bytesOf(id.port)})
}

// openTenure is a tenure that lasts until the answer that is being written. It has no
// pointers, as there may be a million.
type openTenure struct {
	hash       uint64
	row        int64 // 0: not looked up yet
	address    [16]byte
	attributes uint32
	now        uint32 // its attributes in that answer; 0: it is not there
}

// openTenures are tenures by hash.
type openTenures []openTenure

func openOf(list []openTenure) openTenures {
	slices.SortFunc(list, func(a, b openTenure) int { return cmp.Compare(a.hash, b.hash) })
	return list
}

// find returns the tenure with a hash, nil for none.
func (o openTenures) find(hash uint64) *openTenure {
	at, found := sort.Find(len(o), func(i int) int { return cmp.Compare(hash, o[i].hash) })
	if !found {
		return nil
	}
	return &o[at]
}

// differences goes over what may differ between two answers of a kind: what the new
// one shows, and what the old one showed. Without an old one, all is new.
func differences(kind Kind, old, now *inventory.Snapshot) (came, went iter.Seq[sighting]) {
	switch {
	case old == nil:
		return sightings(kind, now), none
	case kind == Port:
		if ports, gone, ok := inventory.PortChanges(old, now); ok {
			return onPorts(now, ports), onPorts(old, gone)
		}
	case kind != PublicIP && inventory.SameAddresses(old, now):
		return none, none
	}
	return sightings(kind, now), sightings(kind, old)
}

func none(func(sighting) bool) {}
