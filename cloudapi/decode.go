package cloudapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/internal/inventory"
)

const (
	maxInterned    = 1 << 14 // distinct strings kept for sharing
	maxInternedLen = 128     // longer ones are not worth keeping
)

// scanner reads one JSON answer token by token, strictly: a key given twice,
// bad UTF-8 and bad syntax break the answer. A value of the wrong type breaks
// only the item it stands in. Every method that reads consumes one whole value,
// also when it is not what was expected.
type scanner struct {
	dec *jsontext.Decoder
	err error // the answer is broken: nothing in it can be trusted
	bad error // the item now read is broken

	id      inventory.ID // of the item now read
	buf     []byte
	strings map[string]string
	ids     map[string]inventory.ID
}

func newScanner() *scanner {
	return &scanner{
		dec:     jsontext.NewDecoder(new(empty)),
		strings: make(map[string]string),
		ids:     make(map[string]inventory.ID),
	}
}

// empty is what a decoder reads before its first answer.
type empty struct{}

func (*empty) Read([]byte) (int, error) { return 0, io.EOF }

// reset makes the scanner ready for another answer. What it has interned stays.
func (s *scanner) reset(r io.Reader) {
	s.dec.Reset(r)
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
		s.bad = fmt.Errorf("%s is not %s", clip(string(s.dec.StackPointer())), want)
	}
}

func (s *scanner) skip() {
	if err := s.dec.SkipValue(); err != nil {
		s.fail(err)
	}
}

// enter reads the opening token of an object or array; of anything else it
// passes over the whole value and reports false. null is an absent value.
func (s *scanner) enter(kind jsontext.Kind, want string) bool {
	switch s.dec.PeekKind() {
	case kind:
		if _, err := s.dec.ReadToken(); err != nil {
			s.fail(err)
		}
		return s.err == nil
	case jsontext.KindNull:
		s.skip()
	default:
		s.wrong(want)
	}
	return false
}

func (s *scanner) leave() {
	if s.err != nil {
		return
	}
	if _, err := s.dec.ReadToken(); err != nil {
		s.fail(err)
	}
}

// object calls member for each key, which must consume its value. The key is
// valid only until then.
func (s *scanner) object(member func(key []byte)) {
	if !s.enter(jsontext.KindBeginObject, "an object") {
		return
	}
	for s.err == nil && s.dec.PeekKind() == jsontext.KindString {
		if key := s.quoted(); s.err == nil {
			member(key)
		}
	}
	s.leave()
}

// array calls element for each element, which must consume it.
func (s *scanner) array(element func()) {
	if !s.enter(jsontext.KindBeginArray, "a list") {
		return
	}
	for s.err == nil && s.dec.PeekKind() != jsontext.KindEndArray {
		element()
	}
	s.leave()
}

func (s *scanner) quoted() []byte {
	v, err := s.dec.ReadValue()
	if err != nil {
		s.fail(err)
		return nil
	}
	if b := v[1 : len(v)-1]; bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	if s.buf, err = jsontext.AppendUnquote(s.buf[:0], v); err != nil {
		s.fail(err)
	}
	return s.buf
}

// text reads a string, valid until the next read; null is the empty string.
func (s *scanner) text() []byte {
	switch s.dec.PeekKind() {
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

// number reads a number of any size; null is nil. What float64 cannot hold, and
// what is below min, breaks the item.
func (s *scanner) number(min float64) *float64 {
	switch s.dec.PeekKind() {
	case jsontext.KindNumber:
	case jsontext.KindNull:
		s.skip()
		return nil
	default:
		s.wrong("a number")
		return nil
	}
	v, err := s.dec.ReadValue()
	if err != nil {
		s.fail(err)
		return nil
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f < min {
		s.refuse(fmt.Errorf("%s is out of range", clip(string(s.dec.StackPointer()))))
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
	switch _, err := s.dec.ReadToken(); {
	case err == nil:
		s.fail(errors.New("there is more after the end of the JSON object"))
	case err != io.EOF:
		s.fail(err)
	}
}

// clip quotes and bounds a text of the cloud for an error message.
func clip(text string) string {
	const most = 64
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(text)
}
