package jsonstream

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// frame is an open object or array.
type frame struct {
	shape  *shape // nil where shapes are not remembered
	object bool
	n      int // members or elements begun
	at     int // of an object: index of the present member in shape, or -1
	seen   uint64
	others map[string]struct{} // names seen that shape does not have
	name   string              // of the present member when at is -1
}

// Peek tells the kind of the value that comes next: KindInvalid when there is
// none, or no value can begin so. It is asked after Name, More or Reset.
func (r *Reader) Peek() jsontext.Kind {
	if r.err != nil {
		return jsontext.KindInvalid
	}
	c, ok := r.next()
	if !ok {
		r.ended()
		return jsontext.KindInvalid
	}
	r.begun = true
	switch {
	case c == '"', c == '{', c == '[', c == 't', c == 'f', c == 'n':
		return jsontext.Kind(c)
	case c == '-', '0' <= c && c <= '9':
		return jsontext.KindNumber
	}
	r.fail(invalid(c, "at the beginning of a value"))
	return jsontext.KindInvalid
}

func invalid(c byte, where string) error { return fmt.Errorf("invalid character %q %s", c, where) }

// Open passes the beginning of the object or array that Peek told of. Name or
// More is called after it until it returns false.
func (r *Reader) Open() {
	if r.err != nil {
		return
	}
	if len(r.frames) >= maxDepth {
		r.fail(errors.New("exceeded max depth"))
		return
	}
	f := frame{shape: r.inner(), object: r.buf[r.pos] == '{', at: -1}
	r.pos++
	r.frames = append(r.frames, f)
}

// Name reads the name of the next member of the object last opened. It returns
// false at the end of the object. The name is valid until the next call.
func (r *Reader) Name() (name []byte, ok bool) {
	if r.err != nil {
		return nil, false
	}
	f := &r.frames[len(r.frames)-1]
	c, ok := r.next()
	if ok && c == ',' && f.n > 0 {
		r.pos++
		c, ok = r.next()
	} else if ok && c == '}' {
		r.pos++
		r.frames = r.frames[:len(r.frames)-1]
		return nil, false
	} else if ok && f.n > 0 {
		r.fail(invalid(c, "after a member of an object (expecting ',' or '}')"))
		return nil, false
	}
	if !ok {
		r.ended()
		return nil, false
	}
	if c != '"' {
		r.fail(invalid(c, "at the beginning of a name"))
		return nil, false
	}
	f.n++
	if name, ok = r.expected(f); !ok {
		if name, ok = r.unexpected(f); !ok {
			return nil, false
		}
	}
	if r.pos < r.end && r.buf[r.pos] == ':' {
		r.pos++
		return name, true
	}
	return r.colon(name)
}

// colon passes the colon behind a name where it does not follow at once. The
// name gets a place of its own: reading on may move the window.
func (r *Reader) colon(name []byte) ([]byte, bool) {
	r.text = append(r.text[:0], name...)
	c, ok := r.next()
	if !ok {
		r.ended()
		return nil, false
	}
	if c != ':' {
		r.fail(invalid(c, "after a name (expecting ':')"))
		return nil, false
	}
	r.pos++
	return r.text, true
}

// More tells whether the array last opened has one more element, which is to
// be read next. It returns false at the end of the array.
func (r *Reader) More() bool {
	if r.err != nil {
		return false
	}
	f := &r.frames[len(r.frames)-1]
	c, ok := r.next()
	switch {
	case !ok:
		r.ended()
		return false
	case c == ']':
		r.pos++
		r.frames = r.frames[:len(r.frames)-1]
		return false
	case f.n > 0 && c != ',':
		r.fail(invalid(c, "after an element of an array (expecting ',' or ']')"))
		return false
	case f.n > 0:
		r.pos++
	}
	f.n++
	return true
}

// Skip passes one value of any kind. It is checked like any other.
func (r *Reader) Skip() {
	switch r.Peek() {
	case jsontext.KindBeginObject:
		r.Open()
		for _, ok := r.Name(); ok; _, ok = r.Name() {
			r.Skip()
		}
	case jsontext.KindBeginArray:
		r.Open()
		for r.More() {
			r.Skip()
		}
	case jsontext.KindString:
		r.skipString()
	case jsontext.KindNumber:
		r.Number()
	case jsontext.KindTrue:
		r.literal("true")
	case jsontext.KindFalse:
		r.literal("false")
	case jsontext.KindNull:
		r.literal("null")
	}
}

// End checks that nothing follows the value.
func (r *Reader) End() {
	if r.err != nil {
		return
	}
	if c, ok := r.next(); ok {
		if c == '{' || c == '[' || c == '"' {
			r.fail(errors.New("there is more after the end of the value"))
		}
		r.fail(invalid(c, "after the end of the value"))
	} else if r.err == nil && !r.whole() {
		r.err = r.srcErr
	}
}
