package page

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// page is one page of a listing, whole.
type page[T any] struct {
	envelope
	items  []T
	faults []*apierr.ItemError
	ids    []inventory.ID // of all items, where the rule counts them
	listed bool           // the list was there
	code   string         // of the error in an answer with status 200
}

// read reads one page into r.page, whole or not at all.
func (r *lister[T]) read(body io.Reader, at envelope) error {
	p := &r.page
	*p = page[T]{envelope: at, items: p.items[:0], faults: p.faults[:0], ids: p.ids[:0]}
	s := r.scan
	s.reset(body)
	if err := s.wantObject(); err != nil {
		return err
	}
	s.Object(func(key []byte) {
		if r.ParentKey == "" {
			r.member(key)
		} else if string(key) == r.ParentKey {
			s.Object(r.member)
		}
	})
	s.in.End()
	switch {
	case s.err() != nil:
		return s.err()
	case p.code != "":
		return apierr.InsideSuccess(r.service, r.Operation, p.code)
	case s.bad != nil:
		return s.bad
	case !p.listed:
		return fmt.Errorf("it has no list %q", r.Key)
	}
	return nil
}

// member reads one member of the object that the list stands in.
func (r *lister[T]) member(key []byte) {
	s, p := r.scan, &r.page
	switch {
	case string(key) == r.Key:
		r.items()
		s.bad = nil // the items' faults are in the page
	case string(key) == "page_info":
		s.Fields(Fields{{"next_marker", func() { p.nextMarker = string(s.Text()) }}})
	case string(key) == "count" && r.Rule.counts: // elsewhere it decides nothing
		known := s.Peek() == jsontext.KindNull
		p.total = s.Number(0)
		p.doubtful = !known && p.total == nil
	case string(key) == r.Key+"_links":
		s.Array(r.link)
	default:
		p.code = cmp.Or(p.code, s.errorIn(string(key)))
	}
	if s.bad != nil { // a malformed field outside the items invalidates the page
		s.in.Stop(s.bad)
	}
}

func (r *lister[T]) link() {
	s := r.scan
	var rel, href, marker string
	s.Fields(Fields{
		{"rel", func() { rel = string(s.Text()) }},
		{"href", func() { href = string(s.Text()) }},
		{"marker", func() { marker = string(s.Text()) }},
	})
	if rel == "next" {
		r.page.hasNext, r.page.nextHref, r.page.nextMarker = true, href, marker
	}
}

func (r *lister[T]) items() {
	s, p := r.scan, &r.page
	if s.Peek() != jsontext.KindBeginArray {
		s.Skip()
		s.in.Stop(fmt.Errorf("its %q is not a list", r.Key))
		return
	}
	p.listed = true
	s.Array(func() {
		n := len(p.items)
		if n == cap(p.items) && n >= 256 { // from there on append grows by little, and copies often
			p.items = slices.Grow(p.items, max(n, p.size-n))
		}
		s.BeginItem(inventory.ID{})
		if s.Peek() == jsontext.KindBeginObject {
			p.items = r.Item(s, p.items)
		} else {
			s.wrong("an object")
		}
		p.note(s.id, r.Rule.counts)
		if fault := s.TakeFault(r.Kind); fault != nil && s.err() == nil {
			p.items = p.items[:n]
			p.faults = append(p.faults, fault)
		}
	})
}

func (p *page[T]) note(id inventory.ID, counts bool) {
	p.count++
	if counts {
		p.ids = append(p.ids, id)
	}
	if id.IsZero() {
		return
	}
	if p.first.IsZero() {
		p.first = id
	}
	p.last = id
}
