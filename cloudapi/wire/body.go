package wire

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// Peek reads the beginning of a body and puts it back.
func Peek(resp *http.Response) []byte {
	head, _ := io.ReadAll(io.LimitReader(resp.Body, apierr.MaxErrorBody))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return head
}

// Discard reads what is left, as far as that is cheap, so that the connection
// can be used again.
func Discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, apierr.MaxErrorBody)
	_ = body.Close()
}

// body is the size-limited body of an answer, without a byte order mark.
type body struct {
	from     io.ReadCloser
	encoding string // that its header names, if it is one that no request asked for
	left     int64
	fail     func(error) error

	begun bool
	head  []byte // first bytes that are still to be read
	bad   error  // that ended the reading of the first bytes
	shown string // the first bytes of an answer in XML or HTML
}

// contentEncoding returns the encoding that an answer still has; net/http took gzip off.
func contentEncoding(h http.Header) string {
	encoding := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	if encoding == "identity" {
		return ""
	}
	return encoding
}

// begin looks at the first bytes.
func (b *body) begin() {
	b.begun = true
	if b.encoding != "" {
		b.bad = &apierr.EncodingError{Encoding: b.encoding}
		return
	}
	head := make([]byte, 0, 512)
	for len(head) < 4 && b.bad == nil {
		var n int
		n, b.bad = b.from.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
	}
	b.head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	switch {
	case len(b.head) < 2:
	case (b.head[0] == 0) != (b.head[1] == 0), b.head[0] >= 0xfe && b.head[1] >= 0xfe:
		b.head, b.bad = nil, &apierr.EncodingError{Encoding: "UTF-16"}
	case b.head[0] == '<':
		b.shown = string(b.head)
	}
}

// next reads from the first bytes, then from the rest.
func (b *body) next(p []byte) (n int, err error) {
	if len(b.head) == 0 && b.bad == nil {
		return b.from.Read(p)
	}
	n = copy(p, b.head)
	if b.head = b.head[n:]; len(b.head) == 0 {
		err = b.bad
	}
	return n, err
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.fail(apierr.ErrTooLarge)
	}
	if !b.begun {
		b.begin()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.next(p)
	if b.left -= int64(n); b.left < 0 {
		return max(0, n-1), b.fail(apierr.ErrTooLarge)
	}
	if err != nil && err != io.EOF {
		return n, b.fail(err)
	}
	return n, err
}

// Close reads what is left, as far as that is cheap, so that the connection
// can be used again.
func (b *body) Close() error {
	Discard(b.from)
	return nil
}
