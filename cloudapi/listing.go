package cloudapi

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

// listing is one list call of an API.
type listing[T any] struct {
	service, operation string
	kind               string // what an item is, for errors
	prefix             string // path before resource: version and, where the API has it, project
	resource           string // rest of the path, as links name it
	query              url.Values
	header             http.Header
	rule               pageRule
	size               int    // page size wished for
	within             string // key of the object that the list stands in; "" for the answer itself
	key                string // key of the list
	// item reads one item and appends what it is to items: mostly one record,
	// two for a dual-stack subnet. It tells the scanner the item's id.
	item func(s *scanner, items []T) []T
	// room is what reading needs, when many listings are read one after the
	// other; nil: its own.
	room *room[T]
}

// room is the space that reading a listing takes.
type room[T any] struct {
	scan *scanner
	page page[T]
}

func newRoom[T any]() *room[T] { return &room[T]{scan: newScanner()} }

// page is one page of a listing, whole.
type page[T any] struct {
	envelope
	items  []T
	faults []*apierr.ItemError
	listed bool   // the list was there
	code   string // error_code of an answer with status 200
}

// walk reads one listing.
type walk[T any] struct {
	listing[T]
	*room[T]
	ask     *wire.Client
	stopped bool // by the caller
	again   bool // this is the second reading from the start
}

// list goes over a listing, page by page. It yields the records in the order of
// the cloud and, with a zero record, an *apierr.ItemError for each item that could not
// be read; any other error is the last thing it yields. A page is handed out
// only when its last byte was read and understood. No page is asked for before
// the one before it was handed out, and none after the caller stopped.
//
// When a marker vanished while the listing was read it is read again from the
// start, once, behind an ErrAgain with a zero record.
func list[T any](ctx context.Context, ask *wire.Client, l listing[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if l.room == nil {
			l.room = newRoom[T]()
		}
		w := walk[T]{listing: l, room: l.room, ask: ask}
		err := w.pages(ctx, yield)
		if isRestart(err) {
			var zero T
			if w.again = true; !yield(zero, ErrAgain) {
				return
			}
			err = w.pages(ctx, yield)
		}
		if r, ok := errors.AsType[*restartError](err); ok {
			err = r.err
		}
		if err != nil && !w.stopped {
			var zero T
			yield(zero, err)
		}
	}
}

// ErrAgain stands in a listing that changed too much while it was read: all
// items come again, from the first, and those so far should be forgotten.
var ErrAgain = errors.New("the listing begins again")

// restartError says that a listing has to be read again from the start.
type restartError struct{ err error }

func (e *restartError) Error() string { return e.err.Error() }
func (e *restartError) Unwrap() error { return e.err }

func isRestart(err error) bool {
	_, ok := errors.AsType[*restartError](err)
	return ok
}

func (w *walk[T]) pages(ctx context.Context, yield func(T, error) bool) error {
	var seen cursors
	at := envelope{cursor: w.rule.first, size: w.pageSize()}
	for first := true; ; first = false {
		query := w.pageQuery(at)
		if err := w.fetch(ctx, at, query); err != nil {
			if !first && isGone(err) {
				return &restartError{err}
			}
			return err
		}
		if err := w.handOut(ctx, yield); err != nil || w.stopped {
			return err
		}
		p := &w.page.envelope
		next, err := w.rule.next(p, w.resource, query)
		if err == nil && next == "" {
			return nil
		}
		if err == nil {
			err = seen.check(p, next)
		}
		if errors.Is(err, errShifted) {
			return &restartError{w.broken(err)}
		}
		if err != nil {
			return w.broken(err)
		}
		at = envelope{cursor: next, size: p.size, before: p.before + p.count, beyond: p.count < p.size}
		if !w.again {
			at.was = p.total
		}
	}
}

// broken says that the pages do not make up a list.
func (w *walk[T]) broken(err error) error {
	return &apierr.AnswerError{Service: w.service, Operation: w.operation, Err: err}
}

// isGone tells whether a page was refused because the item that its marker
// names is no longer there.
func isGone(err error) bool {
	return apierr.IsStatus(err, http.StatusNotFound, http.StatusBadRequest)
}

// pageSize is never 0, which the APIs read as all or not at all.
func (w *walk[T]) pageSize() int {
	if w.rule.param == "" {
		return 0
	}
	return max(1, min(w.size, w.rule.max))
}

func (w *walk[T]) pageQuery(at envelope) url.Values {
	query := maps.Clone(w.query)
	if query == nil {
		query = make(url.Values)
	}
	if at.size > 0 {
		query.Set("limit", strconv.Itoa(at.size))
	}
	if at.cursor != "" {
		query.Set(w.rule.param, at.cursor)
	}
	return query
}

// fetch asks for one page until it was read whole.
func (w *walk[T]) fetch(ctx context.Context, at envelope, query url.Values) error {
	c := wire.Call{Operation: w.operation, Path: w.prefix + w.resource, Query: query, Header: w.header}
	return w.ask.Read(ctx, c, func(body io.Reader) error { return w.read(body, at) })
}

// handOut yields what was on a page; what could not be read comes first, so that
// a caller who has enough items has seen it.
func (w *walk[T]) handOut(ctx context.Context, yield func(T, error) bool) error {
	var zero T
	for _, fault := range w.page.faults {
		if !yield(zero, fault) {
			w.stopped = true
			return nil
		}
	}
	for _, item := range w.page.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !yield(item, nil) {
			w.stopped = true
			return nil
		}
	}
	return nil
}
