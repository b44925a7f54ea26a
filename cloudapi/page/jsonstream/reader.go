// Package jsonstream reads JSON from a stream, strictly and without keeping
// it: it takes what jsontext takes with AllowDuplicateNames and AllowInvalidUTF8
// (RFC 8259; at most 10,000 levels; invalid UTF-8 within strings becomes U+FFFD). It
// is faster where most of what comes is passed over.
package jsonstream

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	firstWindow = 4 << 10 // most answers are small
	windowSize  = 64 << 10
	maxToken    = 4 << 20 // bytes of one string or number
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
	keep     int   // where the last string or number begins: from here on buf stays
	offset   int64 // of buf[0] in the input
	srcErr   error // why src gives no more
	err      error

	frames []frame // open objects and arrays
	key    []byte  // name of the member that is to be read; nil within an array
	text   []byte  // of the last string that was escaped
}

// NewReader returns a Reader that has nothing to read before Reset.
func NewReader() *Reader {
	return &Reader{buf: make([]byte, firstWindow), srcErr: io.EOF}
}

// Reset makes the Reader read from src.
func (r *Reader) Reset(src io.Reader) {
	if len(r.buf) > windowSize {
		r.buf = make([]byte, windowSize) // one huge token is no reason to stay huge
	}
	*r = Reader{src: src, buf: r.buf, frames: r.frames[:0], text: r.text}
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

// Offset is where in the input the next byte stands.
func (r *Reader) Offset() int64 { return r.offset + int64(r.pos) }

// fail notes a fault at the present place.
func (r *Reader) fail(err error) {
	if r.err == nil {
		r.key = nil // it may be overwritten
		r.err = &jsontext.SyntacticError{ByteOffset: r.Offset(), JSONPointer: r.Pointer(), Err: err}
	}
}

// ended notes that the source gives no more where more is needed.
func (r *Reader) ended() {
	if r.err == nil && !r.whole() {
		r.err = r.srcErr
	}
	r.pos = r.end
	r.fail(io.ErrUnexpectedEOF)
}

// whole tells that the source came to its end. An error that only wraps io.EOF
// is that of a connection that broke.
func (r *Reader) whole() bool {
	return r.srcErr == io.EOF //nolint:errorlint // see above
}

// fill reads more behind end. It moves what is kept to the front, so positions are
// told anew by keep and pos.
func (r *Reader) fill() bool {
	if r.srcErr != nil || r.err != nil {
		return false
	}
	copy(r.buf, r.buf[r.keep:r.end])
	r.offset += int64(r.keep)
	r.pos, r.end, r.keep = r.pos-r.keep, r.end-r.keep, 0
	switch full := r.end == len(r.buf); {
	case full && len(r.buf) >= maxToken:
		r.fail(errTokenTooLarge)
		return false
	case full, r.offset >= firstWindow && len(r.buf) < windowSize:
		r.buf = append(make([]byte, 0, 2*len(r.buf)), r.buf[:r.end]...)[:2*len(r.buf)]
	}
	n, err := io.ReadAtLeast(r.src, r.buf[r.end:], 1)
	r.end, r.srcErr = r.end+n, err
	return n > 0
}

// next passes white space and returns the byte that follows it, which stays
// unread; false at the end of the input.
func (r *Reader) next() (byte, bool) {
	if r.pos < r.end && r.buf[r.pos] > ' ' {
		return r.buf[r.pos], true
	}
	return r.afterSpace()
}

func (r *Reader) afterSpace() (byte, bool) {
	for {
		for r.pos < r.end {
			c := r.buf[r.pos]
			if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				return c, true
			}
			r.pos++
		}
		if !r.fill() {
			return 0, false
		}
	}
}
