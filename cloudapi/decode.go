package cloudapi

import (
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page/jsonstream"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

const (
	maxInterned    = 1 << 14 // distinct strings kept for sharing
	maxInternedLen = 128     // longer ones are not worth keeping
)

// scanner reads one JSON answer token by token, strictly: a key given twice and
// bad syntax break the answer; bad UTF-8 is replaced. A value of the wrong type breaks
// only the item it stands in. Every method that reads consumes one whole value,
// also when it is not what was expected.
type scanner struct {
	in  *jsonstream.Reader
	err error // the answer is broken: nothing in it can be trusted
	bad error // the item now read is broken

	id      inventory.ID // of the item now read
	strings map[string]string
	ids     map[string]inventory.ID
}

func newScanner() *scanner {
	return &scanner{
		in:      jsonstream.NewReader(),
		strings: make(map[string]string),
		ids:     make(map[string]inventory.ID),
	}
}

// reset makes the scanner ready for another answer. What it has interned stays.
func (s *scanner) reset(r io.Reader) {
	s.in.Reset(r)
	s.err, s.bad, s.id = nil, nil, inventory.ID{}
}

func (s *scanner) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// refuse breaks the item now read.
func (s *scanner) refuse(err error) {
	if s.bad == nil {
		s.bad = err
	}
}

// wrong passes over a value that is not what was wanted.
func (s *scanner) wrong(want string) {
	s.skip()
	if s.err == nil && s.bad == nil {
		s.bad = fmt.Errorf("%s is not %s", apierr.Quote(string(s.in.Pointer())), want)
	}
}

func (s *scanner) skip() {
	s.in.Skip()
	s.check()
}

// check takes over the error that ended the reading.
func (s *scanner) check() {
	if err := s.in.Err(); err != nil {
		s.fail(err)
	}
}

// peek is the kind of the value that comes next.
func (s *scanner) peek() jsontext.Kind { return s.in.Peek() }

// enter begins an object or array; of anything else it passes over the whole
// value and reports false. null is an absent value.
func (s *scanner) enter(kind jsontext.Kind, want string) bool {
	switch s.peek() {
	case kind:
		s.in.Open()
		s.check()
		return s.err == nil
	case jsontext.KindNull:
		s.skip()
	default:
		s.wrong(want)
	}
	return false
}

// object calls member for each key, which must consume its value. The key is
// valid only until then.
func (s *scanner) object(member func(key []byte)) {
	if !s.enter(jsontext.KindBeginObject, "an object") {
		return
	}
	for key, ok := s.in.Name(); ok; key, ok = s.in.Name() {
		if member(key); s.err != nil {
			return
		}
	}
	s.check()
}

// array calls element for each element, which must consume it.
func (s *scanner) array(element func()) {
	if !s.enter(jsontext.KindBeginArray, "a list") {
		return
	}
	for s.in.More() {
		if element(); s.err != nil {
			return
		}
	}
	s.check()
}

func (s *scanner) quoted() []byte {
	text := s.in.String()
	s.check()
	return text
}

// text reads a string, valid until the next read; null is the empty string.
func (s *scanner) text() []byte {
	switch s.peek() {
	case jsontext.KindString:
		return s.quoted()
	case jsontext.KindNull:
		s.skip()
	default:
		s.wrong("a string")
	}
	return nil
}

// str reads a string of its own.
func (s *scanner) str() string { return string(s.text()) }

// shared reads a string of which there are few: each is kept once.
func (s *scanner) shared() string { return s.share(s.text()) }

func (s *scanner) share(b []byte) string {
	if v, ok := s.strings[string(b)]; ok {
		return v
	}
	v := string(b)
	if len(v) <= maxInternedLen && len(s.strings) < maxInterned {
		s.strings[v] = v
	}
	return v
}

// ident reads an identifier that seldom comes twice.
func (s *scanner) ident() inventory.ID { return inventory.ParseIDBytes(s.text()) }

// sharedIdent reads an identifier that many items have, and that is often not
// a UUID, as project ids are.
func (s *scanner) sharedIdent() inventory.ID {
	b := s.text()
	if v, ok := s.ids[string(b)]; ok {
		return v
	}
	v := inventory.ParseIDBytes(b)
	if len(b) <= maxInternedLen && len(s.ids) < maxInterned {
		s.ids[string(b)] = v
	}
	return v
}

// itemID reads the identifier of the item now read.
func (s *scanner) itemID() inventory.ID {
	s.id = s.ident()
	return s.id
}

// itemSegment is itemID for items that are asked for by their id: one whose id
// cannot stand in a path is unreadable, and not the end of all others.
func (s *scanner) itemSegment() inventory.ID {
	s.id = s.segment()
	return s.id
}

// segment reads an identifier that will stand in a path.
func (s *scanner) segment() inventory.ID {
	id := s.ident()
	if text := id.String(); !isSegment(text) {
		s.refuse(&apierr.IDError{ID: text})
	}
	return id
}

// number reads a number of any size; null is nil. What float64 cannot hold, and
// what is below min, breaks the item.
func (s *scanner) number(min float64) *float64 {
	switch s.peek() {
	case jsontext.KindNumber:
	case jsontext.KindNull:
		s.skip()
		return nil
	default:
		s.wrong("a number")
		return nil
	}
	v := s.in.Number()
	if s.check(); s.err != nil {
		return nil
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f < min {
		s.refuse(fmt.Errorf("%s is out of range", apierr.Quote(string(s.in.Pointer()))))
		return nil
	}
	f += 0 // -0 is 0
	return &f
}

// end checks that nothing follows the answer.
func (s *scanner) end() {
	if s.err != nil {
		return
	}
	s.in.End()
	s.check()
}
