package collector

import (
	"cmp"
	"errors"
	"fmt"
	"iter"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/inventory"
)

// An answer with more unreadable, or more vanished, items than this is no
// answer: it is an API that changed, or a fault that looks like deletions.
const (
	tolerated         = 5    // items that may always be lost
	toleratedBad      = 0.01 // share of a listing that may be unreadable
	toleratedVanished = 0.20 // share of a listing that may be deleted meanwhile
)

// tooMany reports whether losing lost of all items makes an answer worthless.
func tooMany(lost, all int, share float64) bool {
	return lost > tolerated && float64(lost) > share*float64(all)
}

// listing is a whole listing: its items, and those that could not be read.
type listing[T any] struct {
	items []T
	unread
}

// unread counts the items of a listing that could not be read, each once: one
// that changes while it is paged can show them again.
type unread struct {
	skipped int
	why     error // of the first
	seen    map[string]bool
}

func (u *unread) add(item *cloudapi.ItemError) {
	if u.seen[item.ID] {
		return
	}
	if item.ID != "" {
		if u.seen == nil {
			u.seen = make(map[string]bool)
		}
		u.seen[item.ID] = true
	}
	u.skipped++
	u.why = cmp.Or[error](u.why, item)
}

// each hands over the items of a listing and counts those that cannot be read.
// again is called where the listing begins again: what came is to be forgotten.
func each[T any](seq iter.Seq2[T, error], item func(T), again func()) (unread, error) {
	var bad unread
	for v, err := range seq {
		if err == nil {
			item(v)
			continue
		}
		if errors.Is(err, cloudapi.ErrAgain) {
			bad = unread{}
			again()
			continue
		}
		unreadable, ok := errors.AsType[*cloudapi.ItemError](err)
		if !ok {
			return unread{}, err // it names the operation
		}
		bad.add(unreadable)
	}
	return bad, nil
}

// read reads a listing to its end. Of items with the same key the last stays,
// at the place of the first: a listing that changes while it is paged can show
// an item twice.
func read[T any, K comparable](what string, seq iter.Seq2[T, error], key func(*T) K) (listing[T], error) {
	var l listing[T]
	seen := make(map[K]int)
	bad, err := each(seq, func(item T) {
		k := key(&item)
		if at, twice := seen[k]; twice {
			l.items[at] = item
			return
		}
		seen[k] = len(l.items)
		l.items = append(l.items, item)
	}, func() {
		l.items = nil
		clear(seen)
	})
	if err != nil {
		return listing[T]{}, err
	}
	l.unread = bad
	return l, judge(what, len(l.items), bad)
}

// judge says whether a listing is an answer, for the items that could be read
// and those that could not.
func judge(what string, good int, bad unread) error {
	if all := good + bad.skipped; good == 0 && bad.skipped > 0 || tooMany(bad.skipped, all, toleratedBad) {
		return fmt.Errorf("list %s: %d of %d items cannot be read, the first: %w", what, bad.skipped, all, bad.why)
	}
	return nil
}

// readPorts reads the ports into the compact form that empty makes, and tells
// which could not be read.
func readPorts(seq iter.Seq2[inventory.Port, error], empty func() *inventory.Ports) (list *inventory.Ports, bad unread, err error) {
	list = empty()
	bad, err = each(seq, func(p inventory.Port) { list.Append(p) }, func() { list = empty() })
	if err != nil {
		return nil, unread{}, err
	}
	list.Seal()
	return list, bad, judge("ports", list.Len(), bad)
}
