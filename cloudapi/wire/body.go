package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// body is read in another way than it is closed.
type body struct {
	io.Reader
	io.Closer
}

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
	resp.Body = body{r, resp.Body}
	return ""
}

// Peek reads the beginning of a body and puts it back.
func Peek(resp *http.Response) []byte {
	head, _ := io.ReadAll(io.LimitReader(resp.Body, apierr.MaxErrorBody))
	resp.Body = body{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return head
}

// hookedBody calls done once: when the body is closed or, if early, already
// when it was read to its end.
type hookedBody struct {
	io.ReadCloser
	done      func(err error)       // err is the one that broke the body; nil: nothing is to be done
	translate func(err error) error // of reading; nil: it stays as it is
	early     bool

	once   sync.Once
	broken error
}

func (b *hookedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		if b.translate != nil {
			err = b.translate(err)
		}
		if b.broken == nil {
			b.broken = err // what comes after only follows from it
		}
	}
	if err != nil && b.early {
		b.end()
	}
	return n, err
}

// Close reads what is left, as far as that is cheap, so that the connection
// can be used again.
func (b *hookedBody) Close() error {
	_, _ = io.CopyN(io.Discard, b.ReadCloser, apierr.MaxErrorBody)
	err := b.ReadCloser.Close()
	b.end()
	return err
}

func (b *hookedBody) end() {
	b.once.Do(func() {
		if b.done != nil {
			b.done(b.broken)
		}
	})
}
