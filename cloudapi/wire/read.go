package wire

import (
	"context"
	"errors"
	"io"
	"net/http"

	"cloudip_exporter/cloudapi/wire/apierr"
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
	if isOurs(err) || apierr.IsItem(err) { // it broke off, or an item is not what it should be
		return err
	}
	return &apierr.AnswerError{Service: c.name(), Operation: operation, ContentType: resp.Header.Get("Content-Type"), Err: err}
}

// brokeOff reports whether an answer was cut, rather than whole and wrong.
func brokeOff(err error) bool {
	_, transport := errors.AsType[*apierr.TransportError](err)
	return transport && !errors.Is(err, apierr.ErrTooLarge) || errors.Is(err, io.ErrUnexpectedEOF)
}
