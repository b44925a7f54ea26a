package collect

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
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
	own := score(t, s.Index)
	for i := range s.Total {
		if score(t, i) > own {
			return false
		}
	}
	return true
}

// score is the same in every process. It must never change: replicas of two versions
// would not agree.
func score(t Target, shard int) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", shard, t.Cloud, t.Project))
	return binary.BigEndian.Uint64(sum[:])
}

// note explains why a target that exists may not be known here.
func (s Shard) note() string {
	if s.Total <= 1 {
		return ""
	}
	return fmt.Sprintf(" in shard %d of %d", s.Index, s.Total)
}
