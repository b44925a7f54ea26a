// Package page reads the answers of a cloud: a listing page by page, each page
// whole or not at all, by the rule with which its API pages; and single objects.
package page

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// Listing is one list call of an API.
type Listing[T any] struct {
	// At returns the client to ask, and the path before Resource: the version and,
	// where the API has it, the project. "/" stands at its end.
	At func(context.Context) (c *wire.Client, prefix string, err error)

	Operation string
	Kind      string // what an item is, for errors
	Resource  string // rest of the path, as links name it
	Query     url.Values
	Header    http.Header
	Rule      Rule
	Size      int    // page size wished for
	ParentKey string // key of the object that the list stands in; "" for the answer itself
	Key       string // key of the list

	// Item reads one item and appends what it is to items: mostly one record,
	// two for a dual-stack subnet. It gives the scanner the item's id.
	Item func(s *Scanner, items []T) []T
	// Buffers are what the listing is read with, where many are read one after
	// the other; nil: its own.
	Buffers *Buffers[T]
}

// Buffers are the memory that reading a listing takes.
type Buffers[T any] struct {
	scan *Scanner
	page page[T]
}

// NewBuffers returns buffers for pages of so many items.
func NewBuffers[T any](items int) *Buffers[T] {
	return &Buffers[T]{scan: newScanner(), page: page[T]{items: make([]T, 0, items)}}
}

// restarts is how often a listing that changed too much is begun again: it is
// read at most as often as a request is sent.
const restarts = 2

// restartError says that a listing has to be read again from the start.
type restartError struct{ error }

func (e restartError) Unwrap() error { return e.error }

// lister reads one listing.
type lister[T any] struct {
	*Listing[T]
	*Buffers[T]
	client  *wire.Client
	service string
	prefix  string
	again   bool // this is not the first reading from the start
}

// List goes over a listing, page by page. It yields the records in the order of
// the cloud and, with a zero record, an *apierr.ItemError for each item that could
// not be read; any other error is the last thing it yields. A page is handed out
// only when its last byte was read and understood. No page is asked for before
// the one before it was handed out, and none after the caller stopped.
//
// When a marker vanished while the listing was read it is read again from the
// start, at most [restarts] times, each behind an ErrAgain with a zero record.
func List[T any](ctx context.Context, l Listing[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		buffers := l.Buffers
		if buffers == nil {
			buffers = NewBuffers[T](0)
		}
		r := lister[T]{Listing: &l, Buffers: buffers}
		for n := 0; ; n++ {
			goesOn, err := r.pages(ctx, yield)
			restart, lost := errors.AsType[restartError](err)
			switch {
			case !goesOn || err == nil:
				return
			case !lost:
				yield(zero, err)
				return
			case n == restarts:
				yield(zero, restart.error)
				return
			}
			if r.again = true; !yield(zero, apierr.ErrAgain) {
				return
			}
		}
	}
}

// pages asks for one page after the other and hands them out. It reports whether
// the caller wants more.
func (r *lister[T]) pages(ctx context.Context, yield func(T, error) bool) (goesOn bool, err error) {
	if r.client, r.prefix, err = r.At(ctx); err != nil {
		return true, err
	}
	r.service = r.client.Service
	var seen cursors
	at := envelope{cursor: r.Rule.first, size: r.pageSize()}
	for first := true; ; first = false {
		query := r.pageQuery(at)
		call := wire.Call{Operation: r.Operation, Path: r.prefix + r.Resource, Query: query, Header: r.Header}
		if err := r.client.Read(ctx, call, func(body io.Reader) error { return r.read(body, at) }); err != nil {
			if !first && MarkerRefused(err) {
				err = restartError{err}
			}
			return true, err
		}
		if goesOn, err := r.handOut(ctx, yield); err != nil || !goesOn {
			return goesOn, err
		}
		p := &r.page.envelope
		if r.Rule.counts {
			p.merge(r.page.ids)
		}
		next, err := r.Rule.next(p, r.Resource, query)
		if err == nil && next == "" {
			return true, nil
		}
		if err == nil {
			err = seen.check(p, next)
		}
		if err != nil {
			return true, r.broken(err)
		}
		at = p.following(next, r.again)
	}
}

// broken says that the pages do not make up a list.
func (r *lister[T]) broken(err error) error {
	broken := &apierr.AnswerError{Service: r.service, Operation: r.Operation, Err: err}
	if errors.Is(err, errShifted) {
		return restartError{broken}
	}
	return broken
}

// MarkerRefused reports whether a page was refused because the item that its
// marker names is no longer there.
func MarkerRefused(err error) bool {
	return apierr.IsStatus(err, http.StatusNotFound, http.StatusBadRequest)
}

// pageSize is never 0, which the APIs read as all or not at all.
func (r *lister[T]) pageSize() int {
	if r.Rule.param == "" {
		return 0
	}
	return max(1, min(r.Size, r.Rule.max))
}

func (r *lister[T]) pageQuery(at envelope) url.Values {
	query := maps.Clone(r.Query)
	if query == nil {
		query = make(url.Values)
	}
	if at.size > 0 {
		query.Set("limit", strconv.Itoa(at.size))
	}
	if at.cursor != "" {
		query.Set(r.Rule.param, at.cursor)
	}
	return query
}

// handOut yields what was on a page; what could not be read comes first, so that
// a caller who has enough items has seen it.
func (r *lister[T]) handOut(ctx context.Context, yield func(T, error) bool) (goesOn bool, err error) {
	var zero T
	for _, fault := range r.page.faults {
		if !yield(zero, fault) {
			return false, nil
		}
	}
	for _, item := range r.page.items {
		if err := ctx.Err(); err != nil {
			return true, err
		}
		if !yield(item, nil) {
			return false, nil
		}
	}
	return true, nil
}
