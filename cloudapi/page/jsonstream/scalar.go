package jsonstream

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/bits"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// String reads a string that Peek told of. It is valid until the next call.
func (r *Reader) String() []byte {
	n, plain, ok := r.str()
	switch {
	case !ok:
		return nil
	case plain:
		return r.buf[r.keep+1 : r.keep+n-1]
	}
	return r.text
}

// str reads a string of n bytes with its quotes, which begins at keep. One that is
// not plain is in text.
func (r *Reader) str() (n int, plain, ok bool) {
	if r.err != nil {
		return 0, false, false
	}
	r.keep = r.pos
	r.pos++
	for plain = true; ; {
		size, clean, done := scanString(r.buf[r.pos:r.end])
		r.pos, plain = r.pos+size, plain && clean
		if done {
			break
		}
		if !r.fill() {
			r.ended()
			return 0, false, false
		}
	}
	n = r.pos - r.keep
	if plain {
		return n, true, true
	}
	quoted, err := r.buf[r.keep:r.pos], error(nil)
	if r.text, err = jsontext.AppendUnquote(r.text[:0], quoted); err != nil && !jsontext.Value(quoted).IsValid(jsontext.AllowInvalidUTF8(true)) {
		r.fail(errors.Unwrap(err))
		return 0, false, false
	}
	return n, false, true
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanString goes over the inside of a string; done when it has passed the closing
// quote. plain is a string without escapes, of printable ASCII alone.
func scanString(b []byte) (n int, plain, done bool) {
	for plain = true; ; {
		for len(b)-n >= 8 {
			x := binary.LittleEndian.Uint64(b[n:])
			quote, slash := x^ones*'"', x^ones*'\\'
			// The lowest high bit tells the first byte that is a quote, a
			// backslash, a control character or not ASCII.
			special := (((x-ones*' ')&^x | (quote-ones)&^quote | (slash-ones)&^slash) | x) & highs
			if special != 0 {
				n += bits.TrailingZeros64(special) / 8
				break
			}
			n += 8
		}
		switch {
		case n == len(b), b[n] == '\\' && n+1 == len(b):
			return n, plain, false
		case b[n] == '"':
			return n + 1, plain, true
		case b[n] == '\\':
			plain = false
			n += 2
		default:
			plain = plain && ' ' <= b[n] && b[n] < 0x80
			n++
		}
	}
}

var errNumber = errors.New("invalid character in a number")

// Number reads a number that Peek told of, as it is written. It is valid until
// the next call.
func (r *Reader) Number() []byte {
	r.keep = r.pos
	for {
		for r.pos < r.end && strings.IndexByte("0123456789.-+eE", r.buf[r.pos]) >= 0 {
			r.pos++
		}
		if r.pos < r.end || !r.fill() {
			break // it may end with the input
		}
	}
	text := r.buf[r.keep:r.pos]
	if !json.Valid(text) {
		if r.pos == r.end { // and there is no more
			r.ended()
		}
		r.fail(errNumber)
	}
	if r.err != nil {
		return nil
	}
	return text
}

// literal passes true, false or null.
func (r *Reader) literal(text string) {
	whole := true
	for whole && r.end-r.pos < len(text) {
		whole = r.fill()
	}
	switch got := string(r.buf[r.pos:min(r.end, r.pos+len(text))]); {
	case got == text:
		r.pos += len(text)
	case !whole && strings.HasPrefix(text, got):
		r.ended()
	default:
		r.fail(invalid(r.buf[r.pos], "at the beginning of a value"))
	}
}
