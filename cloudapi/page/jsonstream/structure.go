package jsonstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// frame is an open object or array.
type frame struct {
	object bool
	n      int    // members or elements begun
	name   []byte // of the member that is open
	// usual are the first members' names of the object that was open here before, in
	// quotes, with a colon: the objects of a list are alike, and so no name has to be read.
	usual [][]byte
}

const (
	maxUsual      = 64 // names of an object
	maxUsualLen   = 128
	maxUsualDepth = 16 // no listing is deeper, and what is must not fill the memory
)

// Peek tells the kind of the value that comes next: KindInvalid when there is
// none, or no value can begin so. It is asked after Name, More or Reset.
func (r *Reader) Peek() jsontext.Kind {
	if r.err != nil {
		return jsontext.KindInvalid
	}
	c, ok := r.next()
	switch {
	case !ok && len(r.frames) == 0 && r.whole():
		r.err = io.EOF
	case !ok:
		r.ended()
	case c == '"', c == '{', c == '[', c == 't', c == 'f', c == 'n':
		return jsontext.Kind(c)
	case c == '-', '0' <= c && c <= '9':
		return jsontext.KindNumber
	default:
		r.fail(invalid(c, "at the beginning of a value"))
	}
	return jsontext.KindInvalid
}

func invalid(c byte, where string) error { return fmt.Errorf("invalid character %q %s", c, where) }

// Open passes the beginning of the object or array that Peek told of. Name or
// More is called after it until it returns false.
func (r *Reader) Open() {
	n := len(r.frames)
	if n >= maxDepth {
		r.fail(errors.New("exceeded max depth"))
		return
	}
	if n == cap(r.frames) {
		r.frames = append(r.frames, frame{})
	}
	if r.frames = r.frames[:n+1]; n > 0 {
		r.frames[n-1].name = append(r.frames[n-1].name[:0], r.key...)
	}
	f := &r.frames[n]
	f.object, f.n = r.buf[r.pos] == '{', 0
	r.pos++
}

// Name reads the name of the next member of the object last opened. It returns
// false at the end of the object. The name is valid until the value was read.
func (r *Reader) Name() (name []byte, ok bool) {
	c, ok := r.step('}')
	if !ok {
		return nil, false
	}
	if c != '"' {
		r.fail(invalid(c, "at the beginning of a name"))
		return nil, false
	}
	f := &r.frames[len(r.frames)-1]
	if f.n < len(f.usual) && bytes.HasPrefix(r.buf[r.pos:r.end], f.usual[f.n]) {
		r.keep = r.pos
		r.pos += len(f.usual[f.n])
		_, ok = r.next()
		r.key = r.buf[r.keep+1 : r.keep+len(f.usual[f.n])-2]
	} else {
		ok = r.unusual(f)
	}
	if !ok {
		r.ended()
	}
	if r.err != nil {
		return nil, false
	}
	f.n++
	return r.key, true
}

// unusual reads a name and what is behind it as far as the value, so that the name
// stays where it is.
func (r *Reader) unusual(f *frame) bool {
	n, plain, ok := r.str()
	if !ok {
		return false
	}
	c, ok := r.next()
	if ok && c != ':' {
		r.fail(invalid(c, "after a name (expecting ':')"))
		return true
	}
	if r.pos++; ok {
		_, ok = r.next()
	}
	if r.key = r.text; plain {
		r.key = r.buf[r.keep+1 : r.keep+n-1]
	}
	if plain && len(r.frames) <= maxUsualDepth && f.n <= len(f.usual) && f.n < maxUsual && n <= maxUsualLen {
		if f.n == len(f.usual) {
			f.usual = append(f.usual, nil)
		}
		f.usual[f.n] = append(append(append(f.usual[f.n][:0], '"'), r.key...), `":`...)
	}
	return ok
}

// More tells whether the array last opened has one more element, which is to
// be read next. It returns false at the end of the array.
func (r *Reader) More() bool {
	_, ok := r.step(']')
	if ok {
		r.frames[len(r.frames)-1].n++
	}
	return ok
}

// step goes to the next member or element, and returns its first byte; false behind
// the last one.
func (r *Reader) step(last byte) (c byte, ok bool) {
	if r.err != nil {
		return 0, false
	}
	f := &r.frames[len(r.frames)-1]
	if c, ok = r.next(); ok && c == ',' && f.n > 0 {
		r.pos++
		c, ok = r.next()
	} else if ok && c == last {
		r.pos++
		r.frames = r.frames[:len(r.frames)-1]
		return 0, false
	} else if ok && f.n > 0 {
		r.fail(invalid(c, fmt.Sprintf("after a value (expecting ',' or '%c')", last)))
		return 0, false
	}
	if !ok {
		r.ended()
	}
	return c, ok
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
		r.str()
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
		r.fail(invalid(c, "after the end of the value"))
	} else if r.err == nil && !r.whole() {
		r.err = r.srcErr
	}
}

// Pointer tells, as a JSON pointer (RFC 6901), where the value stands that is to be
// read next.
func (r *Reader) Pointer() jsontext.Pointer {
	var b strings.Builder
	for i := range r.frames {
		f := &r.frames[i]
		name := f.name
		if i == len(r.frames)-1 {
			name = r.key
		}
		switch {
		case f.n == 0 || f.object && name == nil:
		case f.object:
			b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(string(name)))
		default:
			b.WriteString("/" + strconv.Itoa(f.n-1))
		}
	}
	return jsontext.Pointer(b.String())
}
