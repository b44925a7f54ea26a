package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/text"
)

// Read asks for an answer until read has read it whole. One that breaks off is
// asked for again: three tries in all, with those that failed before it came. One
// that is not what it should be is not, since it would come again.
func (c *Client) Read(ctx context.Context, call Call, read func(io.Reader) error) error {
	call.tries = new(int)
	for try := 1; ; try++ {
		resp, err := c.do(ctx, http.MethodGet, call)
		if err != nil {
			return err
		}
		err = c.AnswerError(call.Operation, resp, read(resp.Body))
		resp.Body.Close()
		if err == nil || !brokeOff(err) || try == maxTries || *call.tries >= maxTries || sleep(ctx, jitter(try)) != nil {
			return err
		}
	}
}

// AnswerError names the call whose answer could not be read; nil stays nil.
func (c *Client) AnswerError(operation string, resp *http.Response, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*apierr.StatusError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*apierr.TransportError](err); ok { // it broke off
		return e
	}
	if apierr.IsItem(err) {
		return err
	}
	if e, ok := errors.AsType[*apierr.EncodingError](err); ok {
		err = e
	} else if b, ok := resp.Body.(*body); ok && b.shown != "" {
		if f, ok := apierr.ParseXML([]byte(b.shown)); ok {
			err = fmt.Errorf("it is XML, not JSON: %s", text.Clip(c.Clean(strings.TrimSpace(f.Code+" "+f.Message)), 256))
		}
	}
	return &apierr.AnswerError{Service: c.name(), Operation: operation, ContentType: resp.Header.Get("Content-Type"), Err: err}
}

// brokeOff reports whether an answer was cut, rather than whole and wrong.
func brokeOff(err error) bool {
	_, transport := errors.AsType[*apierr.TransportError](err)
	return transport && !errors.Is(err, apierr.ErrTooLarge) || errors.Is(err, io.ErrUnexpectedEOF)
}
