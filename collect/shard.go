package collect

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
)

// Shard is the part of all targets that one of several replicas collects. The
// zero Shard is all of them.
type Shard struct {
	Index, Total int // 0 <= Index < Total
}

// Check returns what is wrong with a Shard that a person wrote.
func (s Shard) Check() error {
	switch {
	case s.Total < 1:
		return fmt.Errorf("--total-shards is %d: it must be 1 or more", s.Total)
	case s.Index < 0 || s.Index >= s.Total:
		return fmt.Errorf("--shard is %d: with --total-shards=%d it must be from 0 to %d", s.Index, s.Total, s.Total-1)
	}
	return nil
}

// Owns reports whether a target is of this shard. Of Total shards exactly one
// owns it, and replicas need not talk to each other to know which: the one with
// the highest score (rendezvous hashing). Where Total grows by one, only the
// targets of the new shard move.
func (s Shard) Owns(t Target) bool {
	if s.Total <= 1 {
		return true
	}
	own := score(t, s.Index)
	for i := range s.Total {
		if other := score(t, i); i != s.Index && (other > own || other == own && i < s.Index) {
			return false
		}
	}
	return true
}

// shardSalt spreads small numbers of targets with the usual names evenly; any
// other would do for many. It must never change: replicas of two versions
// would not agree.
const shardSalt = 314112

// score is the same in every process and version.
func score(t Target, shard int) uint64 {
	h := fnv.New64a()
	h.Write([]byte(t.Cloud))
	h.Write([]byte{0})
	h.Write([]byte(t.Project))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(shard)+shardSalt)
	h.Write(n[:])
	return mixed(h.Sum64())
}

// mixed lets each bit of x reach all others, which FNV does not (the finalizer
// of MurmurHash3).
func mixed(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// note explains why a target that exists may not be known here.
func (s Shard) note() string {
	if s.Total <= 1 {
		return ""
	}
	return fmt.Sprintf(" in shard %d of %d", s.Index, s.Total)
}
