// Package jsonstream reads JSON from a stream, strictly and without keeping
// it: it takes exactly what jsontext takes (RFC 8259; no key twice in an object,
// at most 10,000 levels) and, as with jsontext.AllowInvalidUTF8, replaces invalid
// UTF-8 within strings by U+FFFD. It is several times faster where most of what
// comes is passed over.
package jsonstream

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	firstWindow = 4 << 10 // most answers are small
	windowSize  = 64 << 10
	maxToken    = 4 << 20 // bytes of one string or number that is not passed over
	maxDepth    = 10_000
)

var errTokenTooLarge = errors.New("a string or number is larger than 4 MiB")

// Reader reads one JSON value after another call of Reset. The first error
// ends all reading: from then on every method says that nothing is there, and
// Err tells why.
type Reader struct {
	src      io.Reader
	buf      []byte // what was read and not yet passed is buf[pos:end]
	pos, end int
	keep     int   // buf from here on must stay; = pos unless a token is being read
	offset   int64 // of buf[0] in the input
	filled   bool  // the last reading filled buf: there is more to come
	srcErr   error // why src gives no more
	err      error
	begun    bool // something but white space came

	frames []frame // open objects and arrays
	root   *shape
	shapes int
	text   []byte // of the last string that was escaped
}

// NewReader returns a Reader that has nothing to read before Reset.
func NewReader() *Reader {
	r := &Reader{buf: make([]byte, firstWindow), root: &shape{}}
	r.Reset(nil)
	return r
}

// Reset makes the Reader read from src; nil is empty.
func (r *Reader) Reset(src io.Reader) {
	if len(r.buf) > windowSize {
		r.buf = make([]byte, windowSize) // one huge token is no reason to stay huge
	}
	r.src, r.srcErr, r.err = src, nil, nil
	r.pos, r.end, r.keep, r.offset, r.filled = 0, 0, 0, 0, false
	r.frames, r.begun = r.frames[:0], false
	if src == nil {
		r.srcErr = io.EOF
	}
}

// Err is the error that ended the reading: io.EOF when there was nothing at
// all, the error of the source, or a *jsontext.SyntacticError, which wraps
// io.ErrUnexpectedEOF when the input ended too early.
func (r *Reader) Err() error { return r.err }

// Stop ends the reading with an error, unless one has ended it before.
func (r *Reader) Stop(err error) {
	if r.err == nil {
		r.err = err
	}
}

// fail notes a fault at the present place.
func (r *Reader) fail(err error) {
	if r.err == nil {
		r.err = &jsontext.SyntacticError{ByteOffset: r.offset + int64(r.pos), JSONPointer: r.Pointer(), Err: err}
	}
}

// ended notes that the source gives no more where more is needed.
func (r *Reader) ended() {
	switch {
	case r.err != nil:
	case !r.whole():
		r.err = r.srcErr
	case !r.begun:
		r.err = io.EOF
	default:
		r.fail(io.ErrUnexpectedEOF)
	}
}

// whole tells that the source came to its end. An error that only wraps io.EOF
// is that of a connection that broke.
func (r *Reader) whole() bool {
	return r.srcErr == io.EOF //nolint:errorlint // see above
}

// fill reads more behind end. It may move what is kept to the front, so
// positions are told anew by keep and pos.
func (r *Reader) fill() bool {
	if r.srcErr != nil {
		return false
	}
	if r.keep > 0 {
		copy(r.buf, r.buf[r.keep:r.end])
		r.offset += int64(r.keep)
		r.pos, r.end, r.keep = r.pos-r.keep, r.end-r.keep, 0
	}
	if r.end == len(r.buf) && len(r.buf) >= maxToken {
		r.fail(errTokenTooLarge)
		return false
	}
	if r.end == len(r.buf) || r.filled && len(r.buf) < windowSize {
		r.buf = append(make([]byte, 0, 2*len(r.buf)), r.buf[:r.end]...)[:2*len(r.buf)]
	}
	const patience = 100
	for range patience {
		n, err := r.src.Read(r.buf[r.end:])
		r.filled = n == len(r.buf)-r.end
		r.end += n
		if r.srcErr = err; n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	r.srcErr = io.ErrNoProgress
	return false
}

// next passes white space and returns the byte that follows it, which stays
// unread; false at the end of the input.
func (r *Reader) next() (byte, bool) {
	for {
		for r.pos < r.end {
			c := r.buf[r.pos]
			if c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				return c, true
			}
			r.pos++
		}
		r.keep = r.pos
		if r.err != nil || !r.fill() {
			return 0, false
		}
	}
}

// need makes n bytes available from pos on.
func (r *Reader) need(n int) bool {
	for r.end-r.pos < n {
		r.keep = r.pos
		if !r.fill() {
			return false
		}
	}
	return true
}
