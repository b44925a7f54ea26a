package collector

import (
	"cmp"
	"errors"
	"fmt"
	"iter"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/internal/inventory"
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

// listing is a whole listing: its items, and the number that could not be read.
type listing[T any] struct {
	items   []T
	skipped int
	bad     error // the first that says why an item could not be read
}

// read reads a listing to its end. Of items with the same key the last stays,
// at the place of the first: a listing that changes while it is paged can show
// an item twice.
func read[T any, K comparable](what string, seq iter.Seq2[T, error], key func(*T) K) (listing[T], error) {
	var l listing[T]
	seen := make(map[K]int)
	for item, err := range seq {
		if err != nil {
			if !isItem(err) {
				return listing[T]{}, err // it names the operation
			}
			l.skipped++
			l.bad = cmp.Or(l.bad, err)
			continue
		}
		k := key(&item)
		if at, twice := seen[k]; twice {
			l.items[at] = item
			continue
		}
		seen[k] = len(l.items)
		l.items = append(l.items, item)
	}
	return l, judge(what, len(l.items), l.skipped, l.bad)
}

func isItem(err error) bool {
	_, ok := errors.AsType[*cloudapi.ItemError](err)
	return ok
}

func judge(what string, good, bad int, first error) error {
	if tooMany(bad, good+bad, toleratedBad) {
		return fmt.Errorf("list %s: %d of %d items cannot be read, the first: %w", what, bad, good+bad, first)
	}
	return nil
}

// readPorts reads the ports into their compact form and tells how many could
// not be read.
func readPorts(seq iter.Seq2[inventory.Port, error], list *inventory.Ports) (skipped int, err error) {
	var bad error
	for port, err := range seq {
		switch {
		case err == nil:
			list.Append(port)
		case isItem(err):
			skipped++
			bad = cmp.Or(bad, err)
		default:
			return 0, err // it names the operation
		}
	}
	list.Seal()
	return skipped, judge("ports", list.Len(), skipped, bad)
}
