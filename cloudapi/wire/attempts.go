package wire

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// attempts is the innermost stage: it bounds each attempt in time, its body
// included, and counts it once: when its body was closed, so that a body that
// broke off counts as such.
type attempts struct {
	timeout time.Duration
	metrics *Metrics
	next    http.RoundTripper
}

// RoundTrip sends a request. It drops the header Location: redirects are not
// followed, and net/http would quote a malformed address in its error.
func (a attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	x, start := AttemptOf(req), time.Now()
	ctx, cancel := context.WithTimeoutCause(req.Context(), a.timeout, apierr.ErrTimeout)
	resp, err := a.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		defer cancel()
		a.metrics.request(x, apierr.ClassOf(ended(ctx, err)), time.Since(start))
		return nil, ownTimeout(ctx, req, err)
	}
	resp.Header.Del("Location")
	resp.Body = &hookedBody{
		ReadCloser: resp.Body,
		translate:  func(err error) error { return ownTimeout(ctx, req, err) },
		done: func(broken error) {
			a.metrics.request(x, codeOf(ctx, resp.StatusCode, broken), time.Since(start))
			cancel()
		},
	}
	return resp, nil
}

// codeOf returns the label code of an attempt whose body ended with an error, or
// without.
func codeOf(ctx context.Context, status int, broken error) string {
	if broken == nil {
		return strconv.Itoa(status)
	}
	if class := apierr.ClassOf(ended(ctx, broken)); class == apierr.ClassTimeout || class == apierr.ClassCanceled {
		return class
	}
	return apierr.ClassBody
}

// ownTimeout returns apierr.ErrTimeout when http.timeout ended the attempt, and the cause
// when the caller's context did.
func ownTimeout(ctx context.Context, outer *http.Request, err error) error {
	if ctx.Err() != nil && outer.Context().Err() == nil {
		return apierr.ErrTimeout
	}
	if cause := context.Cause(outer.Context()); cause != nil {
		return cause
	}
	return err
}

// ended returns ctx.Err() if ctx is done, else err: net/http returns the
// context's cause, which apierr.ClassOf cannot sort.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// limited is the stage of the transport that asks the limiter.
type limited struct {
	limiter *Limiter
	metrics *Metrics
	next    http.RoundTripper
}

// RoundTrip sends a request when its turn has come.
func (s limited) RoundTrip(req *http.Request) (*http.Response, error) {
	l, x := s.limiter, AttemptOf(req)
	if err := l.enter(req.Context(), x.Service, x.Operation); err != nil {
		return nil, err
	}
	if x.BeforeSend != nil {
		if err := x.BeforeSend(); err != nil {
			l.leave()
			return nil, err
		}
	}
	sent := l.sends()
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		l.leave()
		return nil, err
	}
	var wait, reported time.Duration
	if resp.StatusCode == http.StatusTooManyRequests {
		wait, reported = throttleWait(resp)
		l.pause(x.Operation, time.Now().Add(wait))
	}
	s.metrics.allowed(x, l.observe(sent, resp.StatusCode, wait, reported))
	// A refused credential is noted before the next request gets the place.
	early := resp.StatusCode != http.StatusUnauthorized
	resp.Body = &hookedBody{ReadCloser: resp.Body, done: func(error) { l.leave() }, early: early}
	return resp, nil
}
