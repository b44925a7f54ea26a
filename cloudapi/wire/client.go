package wire

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/text"
)

const maxBody = 64 << 20 // bytes of one answer, decompressed

// Call is one request to a service. Path begins with the version, and what it
// holds of ids is escaped: /v1/{project_id}/subnets.
type Call struct {
	Method          string // "" is GET
	Operation, Path string
	Query           url.Values
	Header          http.Header
	Body            []byte // JSON

	tries *int // of a GET that may be asked for again: how often it was sent
}

// Client sends requests to one service of one project.
type Client struct {
	Service string
	Title   string // of the service in messages; "" for its name
	Base    *url.URL
	HTTP    *http.Client
	Agent   string
	Labels  func() (cloud, project string)
	Clean   func(string) string // takes credentials out of a text
}

// name is what messages call the service.
func (c *Client) name() string { return cmp.Or(c.Title, c.Service) }

// Do returns an answer 2xx, or a *apierr.StatusError, *apierr.TransportError or
// *apierr.AuthError. What is no GET is sent once, again only after a 401 and a new
// login. The caller reads the body and closes it before the next call: until then it
// holds one of the places of limits.concurrency. A body that ends too early or
// grows too large gives a *apierr.TransportError of class body when it is read.
func (c *Client) Do(ctx context.Context, call Call) (*http.Response, error) {
	req, err := c.request(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", apierr.Spoken(call.Operation), err)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, c.failure(call.Operation, err)
	}
	if id, ok := ctx.Value(requestIDKey{}).(*string); ok {
		*id = apierr.RequestID(resp.Header)
	}
	resp.Body = &hookedBody{ReadCloser: http.MaxBytesReader(nil, resp.Body, maxBody), translate: func(err error) error { return c.brokenBody(call.Operation, err) }}
	unreadable := error(nil)
	if e := encodingOf(resp); e != "" {
		unreadable = fmt.Errorf("its encoding is %s, which was not asked for: JSON in UTF-8 was", apierr.QuoteValue(e))
	}
	// 206 is an error: no request has a Range header.
	if resp.StatusCode/100 == 2 && resp.StatusCode != http.StatusPartialContent {
		if unreadable != nil {
			resp.Body.Close()
		}
		return resp, c.AnswerError(call.Operation, resp, unreadable)
	}
	defer resp.Body.Close()
	if unreadable != nil {
		resp.Body = io.NopCloser(strings.NewReader(unreadable.Error()))
	}
	refusal := apierr.FromResponse(c.name(), call.Operation, resp, c.Clean)
	if hint := AttemptOf(req).HintRefused; hint != "" && apierr.IsAuth(refusal) {
		refusal.Limited, refusal.Hint = true, cmp.Or(refusal.Hint, hint)
	}
	return nil, refusal
}

func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	u, err := c.url(call)
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, attemptKey{}, &Attempt{
		Service: c.Service, Operation: call.Operation, base: c.Base, labels: c.Labels, tries: call.tries,
	})
	req, err := http.NewRequestWithContext(ctx, call.Method, u.String(), bytes.NewReader(call.Body))
	if err != nil {
		return nil, err
	}
	for name, values := range call.Header {
		req.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if call.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", c.Agent)
	return req, nil
}

// url appends the path to the own address. Ids in a path come from a cloud:
// they must not lead out of it.
func (c *Client) url(call Call) (*url.URL, error) {
	segments := strings.Split(call.Path, "/")
	if !strings.HasPrefix(call.Path, "/") || strings.ContainsAny(call.Path, "?#\\") ||
		slices.Contains(segments, "..") || slices.Contains(segments, ".") {
		return nil, fmt.Errorf("the path %q is not one of %s", text.Clip(call.Path, 128), c.Service)
	}
	u, err := url.Parse(strings.TrimSuffix(c.Base.String(), "/") + call.Path)
	if err != nil {
		return nil, err
	}
	u.RawQuery = call.Query.Encode()
	return u, nil
}

// failure turns what http.Client returns into one of our errors.
func (c *Client) failure(operation string, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the URL says nothing that the operation does not
	}
	if isOurs(err) {
		return err
	}
	return apierr.NewTransportError(c.name(), operation, apierr.ClassOf(err), err, c.Clean)
}

func isOurs(err error) bool { return answeredOrBroke(err) || apierr.Is[*apierr.AuthError](err) }

// answeredOrBroke reports whether a request got a refusal, or no complete answer.
func answeredOrBroke(err error) bool {
	return apierr.Is[*apierr.StatusError](err) || apierr.Is[*apierr.TransportError](err)
}

func (c *Client) brokenBody(operation string, err error) error {
	if apierr.Is[*http.MaxBytesError](err) {
		err = apierr.ErrTooLarge
	}
	kind := apierr.ClassOf(err)
	if kind != apierr.ClassTimeout && kind != apierr.ClassCanceled {
		kind = apierr.ClassBody
	}
	return apierr.NewTransportError(c.name(), operation, kind, err, c.Clean)
}
