package cloudapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

var errResent = errors.New("the server ended the connection without looking at the request")

// bounded makes an attempt one request on the wire, also over HTTP/2: there
// net/http sends a request again for as long as the server says that it has not
// looked at it, unpaced and uncounted, and also one that changes something.
func bounded(next http.RoundTripper) http.RoundTripper {
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
