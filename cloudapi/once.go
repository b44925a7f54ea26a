package cloudapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
)

var errResent = errors.New("the server ended the connection without looking at the request")

// once makes an attempt one request on the wire. By itself http.Transport sends
// it again: over HTTP/1 a GET for each kept connection that breaks, over HTTP/2
// anything for as long as the server says that it has not looked at it. Such
// requests are neither counted nor paced, and do not end after the third.
// reconnect lets go of the connections that are kept.
func once(next http.RoundTripper, reconnect func()) http.RoundTripper {
	next = notAgain(next)
	var plain sync.Map // hosts that spoke HTTP/1
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if _, ok := plain.Load(req.URL.Host); ok && req.Body == nil {
			req = req.WithContext(req.Context())
			// Empty, so that nothing is sent, and not to be had a second time.
			req.Body = io.NopCloser(strings.NewReader(""))
		}
		resp, err := next.RoundTrip(req)
		switch {
		case err == nil && resp.ProtoMajor == 1:
			plain.Store(req.URL.Host, true)
		case err != nil && class(err) == classConnection:
			reconnect() // the others are as old as the one that broke
		}
		return resp, err
	})
}

// notAgain ends an attempt when its request is about to be sent again. Over
// HTTP/1 that may come too late; over HTTP/2 it does not.
func notAgain(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		var sent atomic.Bool
		ctx, cancel := context.WithCancelCause(req.Context())
		resp, err := next.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			WroteHeaders: func() { sent.Store(true) },
			GotConn: func(httptrace.GotConnInfo) {
				if sent.Load() {
					cancel(errResent)
				}
			},
		})))
		if err != nil {
			defer cancel(nil)
			if errors.Is(context.Cause(ctx), errResent) {
				return nil, errResent
			}
			return nil, err
		}
		resp.Body = &hookedBody{ReadCloser: resp.Body, done: func(error) { cancel(nil) }}
		return resp, nil
	})
}
