package cloudapi

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// read reads one page into w.page, whole or not at all.
func (w *walk[T]) read(body io.Reader, at envelope) error {
	p := &w.page
	*p = page[T]{envelope: at, items: p.items[:0], faults: p.faults[:0]}
	s := w.scan
	s.reset(body)
	if err := s.wantObject(); err != nil {
		return err
	}
	s.object(func(key []byte) {
		if w.within == "" {
			w.member(key)
		} else if string(key) == w.within {
			s.object(w.member)
		} else {
			s.skip()
		}
	})
	s.end()
	switch {
	case s.err != nil:
		return s.err
	case p.code != "":
		return apierr.InsideSuccess(w.service, w.operation, p.code)
	case s.bad != nil:
		return s.bad
	case !p.listed:
		return fmt.Errorf("it has no list %q", w.key)
	}
	return nil
}

// wantObject looks at the first byte of the answer.
func (s *scanner) wantObject() error {
	switch s.peek() {
	case jsontext.KindBeginObject:
		return nil
	case jsontext.KindInvalid:
		err := s.in.Err()
		if errors.Is(err, io.EOF) {
			return errors.New("it is empty")
		}
		if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok && !errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("it is not JSON")
		}
		return err
	default:
		return errors.New("it is not a JSON object")
	}
}

// member reads one member of the object that the list stands in.
func (w *walk[T]) member(key []byte) {
	s, p := w.scan, &w.page
	switch {
	case string(key) == w.key:
		w.items()
		s.bad = nil // the items' faults are in the page
	case string(key) == "page_info":
		s.object(func(key []byte) {
			if string(key) == "next_marker" {
				p.nextMarker = s.str()
			} else {
				s.skip()
			}
		})
	case string(key) == "count" && w.rule.param == "offset": // elsewhere it decides nothing
		p.total = s.number(0)
	case string(key) == "error_code" && s.peek() == jsontext.KindString:
		p.code = s.str()
	case string(key) == w.key+"_links":
		s.array(w.link)
	default:
		s.skip()
	}
	if s.bad != nil { // around the list there is nothing to be put up with
		s.fail(s.bad)
	}
}

// link reads one element of "ports_links" and the like.
func (w *walk[T]) link() {
	s := w.scan
	var rel, href, marker string
	s.object(func(key []byte) {
		switch string(key) {
		case "rel":
			rel = s.str()
		case "href":
			href = s.str()
		case "marker":
			marker = s.str()
		default:
			s.skip()
		}
	})
	if rel == "next" {
		w.page.linked, w.page.nextHref, w.page.nextMarker = true, href, marker
	}
}

// items reads the list itself.
func (w *walk[T]) items() {
	s, p := w.scan, &w.page
	if s.peek() != jsontext.KindBeginArray {
		s.skip()
		s.fail(fmt.Errorf("its %q is not a list", w.key))
		return
	}
	p.listed = true
	s.array(func() {
		p.count++
		n := len(p.items)
		s.bad, s.id = nil, inventory.ID{}
		if s.peek() == jsontext.KindBeginObject {
			p.items = w.item(s, p.items)
		} else {
			s.wrong("an object")
		}
		if s.id.IsZero() {
			s.refuse(errors.New("it has no id"))
		} else {
			p.last = s.id
		}
		if s.bad != nil && s.err == nil {
			p.items = p.items[:n]
			p.faults = append(p.faults, s.itemError(w.kind))
		}
	})
}

// itemError names the item now read and what is wrong with it.
func (s *scanner) itemError(kind string) *apierr.ItemError {
	id := s.id.String()
	if len(id) > 64 {
		id = id[:64]
	}
	return &apierr.ItemError{Kind: kind, ID: id, Err: s.bad}
}
