package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/text"
)

// Read asks for an answer until read has read it whole. One that breaks off is
// asked for again: three tries in all, with those that failed before it came. One
// that is not what it should be is not, since it would come again.
func (c *Client) Read(ctx context.Context, call Call, read func(io.Reader) error) error {
	call.tries = new(int)
	for try := 1; ; try++ {
		resp, err := c.Do(ctx, call)
		if err != nil {
			return err
		}
		err = c.AnswerError(call.Operation, resp, read(resp.Body))
		resp.Body.Close()
		if err == nil || !brokeOff(err) || try == maxTries || *call.tries >= maxTries || Sleep(ctx, jitter(try)) != nil {
			return err
		}
	}
}

// AnswerError names the call whose answer could not be read; nil stays nil.
func (c *Client) AnswerError(operation string, resp *http.Response, err error) error {
	if err == nil {
		return nil
	}
	if isOurs(err) || apierr.Is[*apierr.ItemError](err) { // it broke off, or an item is not what it should be
		return err
	}
	return &apierr.AnswerError{Service: c.name(), Operation: operation, ContentType: resp.Header.Get("Content-Type"), Err: err}
}

// brokeOff reports whether an answer was cut, rather than whole and wrong.
func brokeOff(err error) bool {
	return apierr.Is[*apierr.TransportError](err) && !errors.Is(err, apierr.ErrTooLarge) || errors.Is(err, io.ErrUnexpectedEOF)
}

const maxIdentityBody = 8 << 20

// Ask sends a call and reads its small answer: one of the identity service.
func (c *Client) Ask(ctx context.Context, call Call, to any) error {
	resp, err := c.Do(ctx, call)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return c.Decode(call.Operation, resp, to)
}

// Decode reads a small answer, and leaves it open.
func (c *Client) Decode(operation string, resp *http.Response, to any) error {
	if err := json.UnmarshalRead(io.LimitReader(resp.Body, maxIdentityBody), to, jsontext.AllowInvalidUTF8(true)); err != nil {
		if isOurs(err) {
			return err
		}
		return c.BadAnswer(operation, fmt.Errorf("%s is not what %s should say: %s",
			contentKind(resp.Header), apierr.Spoken(operation), faultOf(err)))
	}
	return nil
}

// faultOf says what in JSON is wrong and where, without what stands there: quotations in
// errors are redacted, and the library's texts have them in their middle.
func faultOf(err error) string {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("%s after byte %d", strings.ReplaceAll(e.Err.Error(), `'"'`, "a quotation mark"), e.ByteOffset)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Sprintf("unexpected %v at %s", e.JSONKind, cmp.Or(string(e.JSONPointer), "its top"))
	}
	return err.Error()
}

// BadAnswer returns the error of an answer that breaks off or is not what it should
// be.
func (c *Client) BadAnswer(operation string, err error) error {
	return apierr.NewTransportError(c.name(), operation, apierr.ClassBody, err, c.Clean)
}

func contentKind(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind == "" {
		return "an answer without content type"
	}
	return "an answer of type " + text.Clip(text.Line(kind), 64)
}

// ParseTime reads a time in any shape the clouds write: with a zone or
// without (then UTC), with a fraction or without, with a space for the T. The
// result is UTC.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range [...]string{
		time.RFC3339Nano,
		"2006-01-02T15:04:05.999999999",
		"2006-01-02T15:04:05.999999999Z0700",
		"2006-01-02 15:04:05",
		"2006-01-02T15:0405", // as the page on address groups writes it
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a time", apierr.QuoteValue(text))
}
