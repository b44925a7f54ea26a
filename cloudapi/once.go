package cloudapi

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// once makes an attempt one request on the wire. By itself http.Transport
// sends a GET again whenever a kept connection breaks, as often as it has kept
// ones: neither counted nor paced, and not ending after the third.
func once(t *http.Transport) http.RoundTripper {
	var plain sync.Map // hosts that spoke HTTP/1: only there are GETs repeated so
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if _, ok := plain.Load(req.URL.Host); ok && req.Body == nil {
			req = req.WithContext(req.Context())
			// Empty, so that nothing is sent, and not to be had a second time.
			req.Body = io.NopCloser(strings.NewReader(""))
		}
		resp, err := t.RoundTrip(req)
		switch {
		case err == nil && resp.ProtoMajor == 1:
			plain.Store(req.URL.Host, true)
		case err != nil && class(err) == classConnection:
			t.CloseIdleConnections() // as old as the one that broke
		}
		return resp, err
	})
}
