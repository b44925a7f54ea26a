package page

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page/jsonstream"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

const (
	maxInterned    = 1 << 14 // distinct strings kept for sharing
	maxInternedLen = 128     // longer ones are not worth keeping
)

// Scanner reads one JSON answer token by token, strictly: bad syntax breaks the
// answer; bad UTF-8 is replaced. A value of the wrong type costs
// no more than the detail that it is: it counts as absent. Only what an item cannot do
// without breaks the item: Text, Addr, Prefix, ItemID, Object and Array are strict, but
// in Detail. Every method that reads consumes one whole value, also when it is not what
// was expected.
type Scanner struct {
	in  *jsonstream.Reader
	bad error // the item now read is broken
	// unread: nobody has read the value of the present member or element.
	unread bool

	id      inventory.ID // of the item now read
	strings map[string]string
	recent  [64]string // of strings, so that a text that comes again is not hashed
	ids     map[string]inventory.ID
}

func newScanner() *Scanner {
	return &Scanner{
		in:      jsonstream.NewReader(),
		strings: make(map[string]string),
		ids:     make(map[string]inventory.ID),
	}
}

// reset makes the scanner ready for another answer. What it has interned stays.
func (s *Scanner) reset(r io.Reader) {
	s.in.Reset(r)
	s.bad, s.id = nil, inventory.ID{}
}

// err says that the answer is broken: nothing in it can be trusted.
func (s *Scanner) err() error { return s.in.Err() }

// BeginItem begins an item; id may come later, by ItemID.
func (s *Scanner) BeginItem(id inventory.ID) { s.bad, s.id = nil, id }

// TakeFault ends an item. It returns what is wrong with it, nil where nothing is; an
// item without id is.
func (s *Scanner) TakeFault(kind string) *apierr.ItemError {
	if s.id.IsZero() {
		s.Refuse(errors.New("it has no id"))
	}
	if s.bad == nil {
		return nil
	}
	fault := s.itemError(kind)
	s.bad = nil
	return fault
}

func (s *Scanner) itemError(kind string) *apierr.ItemError {
	id := s.id.String()
	if len(id) > 64 {
		id = id[:64]
	}
	return &apierr.ItemError{Kind: kind, ID: id, Err: s.bad}
}

// Refuse breaks the item now read.
func (s *Scanner) Refuse(err error) {
	if s.bad == nil {
		s.bad = err
	}
}

// Detail reads what the item now read can do without, and reports whether it could be
// read.
func (s *Scanner) Detail(read func()) (ok bool) {
	before := s.bad
	s.bad = nil
	read()
	ok = s.bad == nil
	s.bad = before
	return ok
}

// wrong passes over a value that is not what was wanted.
func (s *Scanner) wrong(want string) {
	s.Refuse(fmt.Errorf("%s is not %s", text.Quote(string(s.in.Pointer())), want))
	s.Skip()
}

// Skip passes over a value.
func (s *Scanner) Skip() {
	s.unread = false
	s.in.Skip()
}

// Peek is the kind of the value that comes next.
func (s *Scanner) Peek() jsontext.Kind { return s.in.Peek() }

// errorIn reads the code of an error where the member of a name is one, else "".
func (s *Scanner) errorIn(name string) string {
	switch kind := s.Peek(); {
	case name == "error_code" && kind == jsontext.KindString:
		return s.Str()
	case (name == "error" || name == "NeutronError") && kind == jsontext.KindBeginObject:
		return name
	}
	return ""
}

// enter begins an object or array; of anything else it passes over the whole
// value and reports false. null is an absent value.
func (s *Scanner) enter(kind jsontext.Kind, want string) bool {
	switch s.Peek() {
	case kind:
		s.unread = false
		s.in.Open()
		return true
	case jsontext.KindNull:
		s.Skip()
	default:
		s.wrong(want)
	}
	return false
}

// Object calls member for each key. A value that member does not read is passed over.
// The key is valid only until it is read.
func (s *Scanner) Object(member func(key []byte)) {
	if !s.enter(jsontext.KindBeginObject, "an object") {
		return
	}
	for key, ok := s.in.Name(); ok; key, ok = s.in.Name() {
		s.unread = true
		member(key)
		s.passUnread()
	}
}

// Fields are the members of an object that are read, each with the function that reads
// it. A list of a few names is searched faster than a map is made for each item; a
// reader of tens of thousands of items, as of ports, is faster still by a switch in Object.
type Fields []struct {
	Name string
	Read func()
}

// Fields reads an object. Members without a function are passed over.
func (s *Scanner) Fields(fields Fields) {
	s.Object(func(key []byte) {
		for i := range fields {
			if fields[i].Name == string(key) {
				fields[i].Read()
				return
			}
		}
	})
}

// passUnread passes over the present value, if it is still to be read.
func (s *Scanner) passUnread() {
	if s.unread {
		s.Skip()
	}
}

// Array calls element for each element. What it does not read is passed over.
func (s *Scanner) Array(element func()) {
	if !s.enter(jsontext.KindBeginArray, "a list") {
		return
	}
	for s.in.More() {
		s.unread = true
		element()
		s.passUnread()
	}
}

// wantObject looks at the first byte of the answer.
func (s *Scanner) wantObject() error {
	switch s.Peek() {
	case jsontext.KindBeginObject:
		return nil
	case jsontext.KindInvalid:
		err := s.err()
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
