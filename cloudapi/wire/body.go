package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// encodingOf returns the encoding of an answer that is no text in UTF-8; "" where it
// is. It takes the byte order mark of UTF-8 away, which JSON must not have.
func encodingOf(resp *http.Response) string {
	if e := resp.Header.Get("Content-Encoding"); e != "" && e != "identity" { // the transport undoes gzip
		return e
	}
	r := bufio.NewReaderSize(resp.Body, 16)
	head, _ := r.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.IndexByte(head, 0) >= 0:
		return "UTF-16"
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{r, resp.Body}
	return ""
}

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

// body is the size-limited body of an answer.
type body struct {
	from io.ReadCloser
	left int64
	fail func(error) error
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.fail(apierr.ErrTooLarge)
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
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
