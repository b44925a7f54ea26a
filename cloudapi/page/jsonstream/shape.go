package jsonstream

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// shape remembers the names that the objects at one place have had, in the
// order in which they first came. The objects of a list are alike: the next
// name is nearly always the expected one, and a bit tells whether it came
// before in this object. So neither a name has to be read nor a set of names
// to be kept to refuse a name that comes twice.
type shape struct {
	names   []shapeName
	element *shape // of an array
}

type shapeName struct {
	quoted string // as it stands in the input
	inner  *shape // of the member's value
}

const (
	maxNames   = 64   // of a shape: as many as bits in frame.seen
	maxNameLen = 128  // of a name worth remembering
	maxShapes  = 1024 // of a Reader; beyond, objects keep a set of names
)

// inner is the shape of the value that is opened now.
func (r *Reader) inner() *shape {
	if len(r.frames) == 0 {
		return r.root
	}
	f := &r.frames[len(r.frames)-1]
	var at **shape
	switch {
	case f.shape == nil:
		return nil
	case !f.object:
		at = &f.shape.element
	case f.at >= 0:
		at = &f.shape.names[f.at].inner
	default:
		return nil
	}
	if *at == nil && r.shapes < maxShapes {
		r.shapes++
		*at = &shape{}
	}
	return *at
}

// expected reads the name that follows the last one in the shape, if that is
// the one which comes.
func (r *Reader) expected(f *frame) ([]byte, bool) {
	i := f.at + 1
	if f.shape == nil || i >= len(f.shape.names) {
		return nil, false
	}
	quoted := f.shape.names[i].quoted
	if r.end-r.pos < len(quoted) || string(r.buf[r.pos:r.pos+len(quoted)]) != quoted || f.seen>>i&1 != 0 {
		return nil, false
	}
	f.at = i
	f.seen |= 1 << i
	name := r.buf[r.pos+1 : r.pos+len(quoted)-1]
	r.pos += len(quoted)
	return name, true
}

// unexpected reads any name.
func (r *Reader) unexpected(f *frame) ([]byte, bool) {
	name, plain := r.str()
	if r.err != nil {
		return nil, false
	}
	f.at = r.indexOf(f, name, plain)
	if i := f.at; i >= 0 {
		if f.seen>>i&1 != 0 {
			r.fail(jsontext.ErrDuplicateName)
			return nil, false
		}
		f.seen |= 1 << i
		return name, true
	}
	f.name = string(name)
	if _, twice := f.others[f.name]; twice {
		r.fail(jsontext.ErrDuplicateName)
		return nil, false
	}
	if f.others == nil {
		f.others = make(map[string]struct{})
	}
	f.others[f.name] = struct{}{}
	return name, true
}

// indexOf is the place of a name in the shape, which learns it if it is fit;
// -1 for a name that it does not have. A name is fit in no other form than
// the one without escapes, but is found in any.
func (r *Reader) indexOf(f *frame, name []byte, plain bool) int {
	if f.shape == nil {
		return -1
	}
	for i := range f.shape.names {
		quoted := f.shape.names[i].quoted
		if len(quoted) == len(name)+2 && quoted[1:len(quoted)-1] == string(name) {
			return i
		}
	}
	_, other := f.others[string(name)]
	if !plain || other || len(f.shape.names) >= maxNames || len(name) > maxNameLen {
		return -1
	}
	f.shape.names = append(f.shape.names, shapeName{quoted: `"` + string(name) + `"`})
	return len(f.shape.names) - 1
}

// Pointer tells, as a JSON pointer (RFC 6901), where the value stands that was
// read last or is being read.
func (r *Reader) Pointer() jsontext.Pointer {
	var b strings.Builder
	for i := range r.frames {
		f := &r.frames[i]
		if f.n == 0 {
			break
		}
		b.WriteByte('/')
		switch {
		case !f.object:
			b.WriteString(strconv.Itoa(f.n - 1))
		case f.at >= 0:
			quoted := f.shape.names[f.at].quoted
			b.WriteString(escapePointer(quoted[1 : len(quoted)-1]))
		default:
			b.WriteString(escapePointer(f.name))
		}
	}
	return jsontext.Pointer(b.String())
}

func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
