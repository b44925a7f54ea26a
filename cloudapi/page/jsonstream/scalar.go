package jsonstream

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// String reads a string that Peek told of. It is valid until the next call.
func (r *Reader) String() []byte {
	text, _ := r.str()
	return text
}

// str reads a string; plain tells that it has no escapes.
func (r *Reader) str() (text []byte, plain bool) {
	if r.err != nil {
		return nil, false
	}
	r.keep = r.pos
	at, plain := 1, true // behind keep
	for {
		n, clean, done, err := scanString(r.buf[r.keep+at : r.end])
		at, plain = at+n, plain && clean
		if err != nil {
			r.pos = r.keep + at
			r.fail(err)
			return nil, false
		}
		if done {
			break
		}
		if !r.fill() {
			r.pos = r.end
			r.ended()
			return nil, false
		}
	}
	quoted := r.buf[r.keep : r.keep+at]
	r.pos = r.keep + at
	r.keep = r.pos
	if plain {
		return quoted[1 : len(quoted)-1], true
	}
	// All else was seen above, so its error can only tell of what it replaced.
	r.text, _ = jsontext.AppendUnquote(r.text[:0], quoted)
	return r.text, false
}

// skipString passes a string of any length without keeping it.
func (r *Reader) skipString() {
	if r.err != nil {
		return
	}
	r.pos++
	for {
		n, _, done, err := scanString(r.buf[r.pos:r.end])
		r.pos += n
		r.keep = r.pos
		if err != nil {
			r.fail(err)
			return
		}
		if done {
			return
		}
		if !r.fill() {
			r.ended()
			return
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanString goes over the inside of a string as far as b can be understood
// without what may follow it; done when it has passed the closing quote.
func scanString(b []byte) (n int, plain, done bool, err error) {
	plain = true
	for {
		for len(b)-n >= 8 {
			x := binary.LittleEndian.Uint64(b[n:])
			quote, slash := x^ones*'"', x^ones*'\\'
			// The lowest high bit tells the first byte that is a quote, a
			// backslash, a control character or not ASCII: none before it borrows.
			special := ((x - ones*' ') | (quote - ones) | (slash - ones)) & highs
			if special != 0 {
				n += bits.TrailingZeros64(special) / 8
				break
			}
			n += 8
		}
		if n == len(b) {
			return n, plain, false, nil
		}
		switch c := b[n]; {
		case c == '"':
			return n + 1, plain, true, nil
		case c == '\\':
			plain = false
			size, err := scanEscape(b[n:])
			if size == 0 || err != nil {
				return n, plain, false, err
			}
			n += size
		case c < ' ':
			return n, plain, false, invalid(c, "in a string (expecting an escape)")
		case c < utf8.RuneSelf:
			n++
		default:
			if !utf8.FullRune(b[n:]) {
				return n, plain, false, nil
			}
			rune, size := utf8.DecodeRune(b[n:])
			if rune == utf8.RuneError && size == 1 {
				plain = false // is replaced: a name is no reason to lose a listing
			}
			n += size
		}
	}
}

var (
	errEscape = errors.New("invalid escape in a string")
	errNumber = errors.New("invalid character in a number")
)

// scanEscape returns the length of the escape at the beginning of b, 0 when
// more of it has to be seen.
func scanEscape(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, nil
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
		for i := 2; i < 6; i++ {
			if i == len(b) {
				return 0, nil
			}
			if strings.IndexByte("0123456789abcdefABCDEF", b[i]) < 0 {
				return 0, errEscape
			}
		}
		return 6, nil // half a pair is replaced
	}
	return 0, errEscape
}

// Number reads a number that Peek told of, as it is written. It is valid until
// the next call.
func (r *Reader) Number() []byte {
	if r.err != nil {
		return nil
	}
	r.keep = r.pos
	at := 0 // behind keep
	for {
		for r.keep+at < r.end && inNumber(r.buf[r.keep+at]) {
			at++
		}
		if r.keep+at < r.end {
			break
		}
		if !r.fill() {
			if r.err != nil {
				return nil
			}
			break // it may end with the input
		}
	}
	text := r.buf[r.keep : r.keep+at]
	if !isNumber(text) {
		if r.keep+at == r.end { // and there is no more
			r.pos = r.end
			r.ended()
		}
		r.fail(errNumber)
		return nil
	}
	r.pos = r.keep + at
	r.keep = r.pos
	return text
}

func inNumber(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// isNumber checks the grammar of RFC 8259, section 6.
func isNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && '0' <= b[n] && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '0' {
		b = b[1:]
	} else if !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		b = b[1:]
		if !digits() {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}

// literal passes true, false or null.
func (r *Reader) literal(text string) {
	whole := r.need(len(text))
	switch got := string(r.buf[r.pos:min(r.end, r.pos+len(text))]); {
	case got == text:
		r.pos += len(text)
		r.keep = r.pos
	case !whole && strings.HasPrefix(text, got):
		r.pos = r.end
		r.ended()
	default:
		r.fail(invalid(r.buf[r.pos], "at the beginning of a value"))
	}
}
