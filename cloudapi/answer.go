package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

const (
	maxBodyTries  = 3
	bodyRetryBase = 200 * time.Millisecond
)

// getter asks the cloud; *client is one.
type getter interface {
	get(ctx context.Context, call call) (*http.Response, error)
}

// AnswerError says that a cloud answered a call with a success status and a
// body that is not the answer: a login page, half a list, a list in a circle.
type AnswerError struct {
	Service, Operation string
	ContentType        string
	Err                error
}

// Error names the operation and what is wrong with the answer.
func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: answer of %s: %v", spoken(e.Operation), e.Service, e.Err)
	if e.ContentType == "" || strings.Contains(e.ContentType, "json") {
		return text
	}
	return fmt.Sprintf("%s; its content type is %s: is the endpoint right, and is there a proxy or login page before it?",
		text, clipValue(e.ContentType))
}

// Unwrap returns Err.
func (e *AnswerError) Unwrap() error { return e.Err }

// errorInside is the error that an answer with status 200 tells, as Workspace does.
func errorInside(service, operation, code string) error {
	return &StatusError{
		Status: http.StatusOK, Code: cut(opaque.ReplaceAllString(oneLine(code), redacted), 64), Service: service, Operation: operation,
		hint: "the answer has an error code although its status is 200",
	}
}

// readAnswer asks for an answer until read has read it whole. One that breaks
// off is asked for again: three tries in all, with those that failed before it
// came. One that is not what it should be is not, since it would come again.
func readAnswer(ctx context.Context, ask getter, service string, c call, read func(io.Reader) error) error {
	c.tries = new(int)
	for try := 1; ; try++ {
		resp, err := ask.get(ctx, c)
		if err != nil {
			return err
		}
		body := &watchedReader{r: resp.Body}
		err = asAnswerError(service, c.operation, resp, read(body))
		resp.Body.Close()
		if err == nil || !body.brokeOff(err) || try == maxBodyTries || *c.tries >= maxTries || !pause(ctx, try) {
			return err
		}
	}
}

// asAnswerError names the call that an answer could not be read of.
func asAnswerError(service, operation string, resp *http.Response, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*TransportError](err); ok { // it broke off
		return e
	}
	if isItem(err) {
		return err
	}
	return &AnswerError{Service: service, Operation: operation, ContentType: resp.Header.Get("Content-Type"), Err: err}
}

// watchedReader remembers how reading ended.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil {
		w.err = err
	}
	return n, err
}

// brokeOff tells a body that was cut from one that was whole and wrong.
func (w *watchedReader) brokeOff(err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	return w.err != nil && !errors.Is(w.err, io.EOF) && !errors.Is(w.err, errBodyTooLarge)
}

// pause waits before an answer is asked for again, and reports whether it may be.
func pause(ctx context.Context, try int) bool {
	t := time.NewTimer(time.Duration(float64(bodyRetryBase) * float64(try) * rand.Float64()))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
