package cloudapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxBody         = 64 << 20 // bytes of one answer, decompressed
	maxIdentityBody = 8 << 20
)

// call is one request to a service. Path begins with the version, and what it
// holds of ids is escaped: /v1/{project_id}/subnets.
type call struct {
	operation, path string
	query           url.Values
	header          http.Header
	body            []byte // JSON
	tries           *int   // of a GET that may be asked for again: how often it was sent
}

// client sends requests to one service of one project.
type client struct {
	service string
	base    *url.URL
	http    *http.Client
	agent   string
	labels  func() (cloud, project string)
	clean   func(string) string // takes credentials out of a text
}

// get returns an answer 2xx, or a *StatusError, *TransportError or *AuthError.
// The caller reads the body and closes it before the next call: until then it
// holds one of the places of limits.concurrency. A body that ends too early or
// grows too large gives a *TransportError of class body when it is read.
func (c *client) get(ctx context.Context, call call) (*http.Response, error) {
	return c.do(ctx, http.MethodGet, call)
}

// post is get for a request that changes something: it is sent once, again
// only after a 401 and a new login.
func (c *client) post(ctx context.Context, call call) (*http.Response, error) {
	return c.do(ctx, http.MethodPost, call)
}

// delete is like post.
func (c *client) delete(ctx context.Context, call call) (*http.Response, error) {
	return c.do(ctx, http.MethodDelete, call)
}

func (c *client) do(ctx context.Context, method string, call call) (*http.Response, error) {
	req, err := c.request(ctx, method, call)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spoken(call.operation), err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.failure(call.operation, err)
	}
	noteRequestID(ctx, resp.Header)
	resp.Body = &body{from: resp.Body, left: maxBody, fail: func(err error) error { return c.brokenBody(call.operation, err) }}
	// Nobody asked for a part.
	if resp.StatusCode/100 == 2 && resp.StatusCode != http.StatusPartialContent {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, c.refusal(call.operation, resp)
}

func (c *client) request(ctx context.Context, method string, call call) (*http.Request, error) {
	u, err := c.url(call)
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, exchangeKey{}, &exchange{
		service: c.service, operation: call.operation, base: c.base, labels: c.labels, tries: call.tries,
	})
	var content io.Reader
	if call.body != nil {
		content = bytes.NewReader(call.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), content)
	if err != nil {
		return nil, err
	}
	for name, values := range call.header {
		req.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if call.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", c.agent)
	return req, nil
}

// url appends the path to the own address. Ids in a path come from a cloud:
// they must not lead out of it.
func (c *client) url(call call) (*url.URL, error) {
	segments := strings.Split(call.path, "/")
	if !strings.HasPrefix(call.path, "/") || strings.ContainsAny(call.path, "?#\\") ||
		slices.Contains(segments, "..") || slices.Contains(segments, ".") {
		return nil, fmt.Errorf("the path %q is not one of %s", cut(call.path, 128), c.service)
	}
	u, err := url.Parse(strings.TrimSuffix(c.base.String(), "/") + call.path)
	if err != nil {
		return nil, err
	}
	u.RawQuery = call.query.Encode()
	return u, nil
}

// failure turns what http.Client returns into one of our errors.
func (c *client) failure(operation string, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the URL says nothing that the operation does not
	}
	if isOurs(err) {
		return err
	}
	return c.transportError(operation, class(err), err)
}

func isOurs(err error) bool {
	if _, ok := errors.AsType[*StatusError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*AuthError](err); ok {
		return true
	}
	_, ok := errors.AsType[*TransportError](err)
	return ok
}

func (c *client) transportError(operation, class string, err error) error {
	text := err.Error()
	if class == classOther || class == classBody {
		text = quotation.ReplaceAllString(text, redacted)
	}
	return &TransportError{Class: class, Service: c.service, Operation: operation, Err: err, text: cut(c.clean(text), 256)}
}

// quotation is how net/http repeats what it could not understand, such as a
// status line: it may be the end of the answer before, with a token in it.
var quotation = regexp.MustCompile(`"(\\.|[^"\\])*"?`)

func (c *client) brokenBody(operation string, err error) error {
	kind := class(err)
	if kind != classTimeout && kind != classCanceled {
		kind = classBody
	}
	return c.transportError(operation, kind, err)
}

func (c *client) refusal(operation string, resp *http.Response) error {
	e := newStatusError(c.service, operation, resp, c.clean)
	if e.Status == http.StatusUnauthorized {
		e.hint = clockHint(e, resp.Header)
	}
	return e
}

// body is the size-limited body of an answer.
type body struct {
	from io.ReadCloser
	left int64
	fail func(error) error
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.fail(errBodyTooLarge)
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return max(0, n-1), b.fail(errBodyTooLarge)
	}
	if err != nil && err != io.EOF {
		return n, b.fail(err)
	}
	return n, err
}

// Close reads what is left, as far as that is cheap, so that the connection
// can be used again.
func (b *body) Close() error {
	discard(b.from)
	return nil
}

// decode reads a small answer of the identity service whole and closes it.
func (c *client) decode(operation string, resp *http.Response, to any) error {
	defer resp.Body.Close()
	return c.read(operation, resp, to)
}

// read is decode without the closing.
func (c *client) read(operation string, resp *http.Response, to any) error {
	if err := json.UnmarshalRead(io.LimitReader(resp.Body, maxIdentityBody), to, jsontext.AllowInvalidUTF8(true)); err != nil {
		if isOurs(err) {
			return err
		}
		return c.transportError(operation, classBody, fmt.Errorf("%s is not what %s should say: %w",
			contentKind(resp.Header), spoken(operation), err))
	}
	return nil
}

func contentKind(h http.Header) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind == "" {
		return "an answer without content type"
	}
	return "an answer of type " + cut(oneLine(kind), 64)
}
