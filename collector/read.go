package collector

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sort"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// An answer with more unreadable, or more deleted, items than this is no answer:
// the API has changed, or a fault looks like deletions.
const (
	tolerated     = 5    // items that may always be lost
	toleratedBad  = 0.01 // share of a listing that may be unreadable
	toleratedGone = 0.20 // share of a listing that may be deleted meanwhile
)

// tooMany reports whether losing lost of all items makes an answer worthless.
func tooMany(lost, all int, share float64) bool {
	return lost > tolerated && float64(lost) > share*float64(all)
}

// listing is a whole listing: its items, and those that could not be read.
type listing[T any] struct {
	items   []T
	missing inventory.Missing
}

// each hands over the items of a listing and counts those that cannot be read,
// each once: a listing that changes while it is paged can show one again.
// Where the listing begins again, each calls again: all items come once more.
func each[T any](seq iter.Seq2[T, error], item func(T), again func()) (inventory.Missing, error) {
	var missing inventory.Missing
	seen := make(map[string]bool) // unreadable items by id
	for v, err := range seq {
		unreadable, is := errors.AsType[*apierr.ItemError](err)
		switch {
		case err == nil:
			item(v)
		case errors.Is(err, apierr.ErrAgain):
			missing = inventory.Missing{}
			clear(seen)
			again()
		case !is:
			return inventory.Missing{}, err // it names the operation
		case unreadable.ID == "" || !seen[unreadable.ID]:
			seen[unreadable.ID] = true
			missing.Add(unreadable)
		}
	}
	return missing, nil
}

// read reads a listing to its end, into order. about is how many items the last answer
// had, so that a long list need not grow.
func read[T any](what string, about int, seq iter.Seq2[T, error], order func(a, b *T) int) (listing[T], error) {
	items := make([]T, 0, about+about/16)
	missing, err := each(seq, func(item T) { items = append(items, item) }, func() { items = items[:0] })
	if err != nil {
		return listing[T]{}, err
	}
	return inOrder(what, items, missing, order)
}

// readAgain is read for a long list that seldom changes: as long as the items come as they
// are in the last answer, they are its items.
func readAgain[T comparable](what string, last []T, seq iter.Seq2[T, error], order func(a, b *T) int) (listing[T], error) {
	items, own := last[:0], false
	missing, err := each(seq, func(item T) {
		n := len(items)
		if !own && n < len(last) && item == last[n] {
			items = last[:n+1]
			return
		}
		if !own {
			items, own = append(make([]T, 0, len(last)+len(last)/16), items...), true
		}
		items = append(items, item)
	}, func() { items = items[:0] })
	switch {
	case err != nil:
		return listing[T]{}, err
	case own:
		return inOrder(what, items, missing, order)
	}
	return listing[T]{slices.Clip(items), missing}, checkMissing(what, len(items), missing)
}

// inOrder puts the items of a listing into order. Of items that are equal in that order the
// last stays: a listing that changes while it is paged can show an item twice.
func inOrder[T any](what string, items []T, missing inventory.Missing, order func(a, b *T) int) (listing[T], error) {
	sort.SliceStable(items, func(i, j int) bool { return order(&items[i], &items[j]) < 0 }) // copies no item to compare it
	kept := 0
	for i := range items {
		if kept == 0 || order(&items[kept-1], &items[i]) != 0 {
			kept++
		}
		items[kept-1] = items[i]
	}
	if items = items[:kept]; cap(items) > kept+kept/8 {
		items = slices.Clone(items)
	}
	return listing[T]{items, missing}, checkMissing(what, kept, missing)
}

// checkMissing refuses a listing of which too many items could not be read. Its
// error quotes the first reason, but is no ItemError: it ends the collection.
func checkMissing(what string, good int, missing inventory.Missing) error {
	if all := good + missing.N; good == 0 && missing.N > 0 || tooMany(missing.N, all, toleratedBad) {
		return fmt.Errorf("list %s: %d of %d items cannot be read, the first: %s", what, missing.N, all, missing.First.Error())
	}
	return nil
}

// added reads a listing that only adds to a part. It has no items where the cloud does not
// have the listing, or refuses it, which the part notes.
func added[T any](s *Source, part *inventory.Part, r provider.Resource, what string, seq iter.Seq2[T, error], order func(a, b *T) int) ([]T, error) {
	if !s.on.Has(r) {
		return nil, nil
	}
	list, err := read(what, 0, seq, order)
	if isRefused(err) {
		if part.Without == nil {
			part.Without = make(map[provider.Resource]error)
		}
		part.Without[r] = err
		return nil, nil
	}
	part.Missing.Join(list.missing)
	return list.items, err
}

// isRefused counts the 401 that OpenStack answers where no access rule of an application
// credential allows the call.
func isRefused(err error) bool {
	e, ok := errors.AsType[*apierr.StatusError](err)
	return ok && (e.Limited || e.Status == http.StatusForbidden || e.Status == http.StatusNotFound)
}

// askEach calls ask for every id, a few at the same time. An id whose answer
// cannot be read counts as missing, and one that the cloud does not know any
// more as gone. Any other error ends the asking.
func (s *Source) askEach(ctx context.Context, ids []inventory.ID, ask func(ctx context.Context, i int) error) (inventory.Missing, inventory.Gone, error) {
	errs := make([]error, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, s.cfg.Limits.Concurrency))
	for i := range ids {
		group.Go(func() (err error) {
			defer catch(&err)
			err = ask(ctx, i)
			if apierr.Is[*apierr.ItemError](err) || apierr.AbsenceOf(err) != apierr.NotAbsent {
				errs[i] = err
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return inventory.Missing{}, nil, err
	}
	var missing inventory.Missing
	var gone inventory.Gone
	for i, err := range errs {
		switch {
		case apierr.Is[*apierr.ItemError](err):
			missing.Add(err)
		case err != nil:
			gone.Add(ids[i])
		}
	}
	return missing, gone, nil
}
