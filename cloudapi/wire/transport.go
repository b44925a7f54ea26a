// Package wire sends requests to a cloud: it puts the credential on them, paces
// them, tries them again where that can help, counts them, and reads their
// answers. What goes wrong is a typed error of package apierr.
package wire

import (
	"net/http"
	"time"
)

// Credential puts a credential on requests.
type Credential interface {
	// Send sends a request by next, with the credential on it, and once more
	// where another credential may be taken. It must not change req.
	Send(req *http.Request, next http.RoundTripper) (*http.Response, error)
}

// Transport carries the requests of one cloud. They pass these stages, from the
// outside:
//
//	retrier → Credential → limited → attempts → http.Transport
//
// so that each attempt is authorized afresh, paced and counted.
type Transport struct {
	limiter *Limiter
	metrics *Metrics
	shared  http.RoundTripper // limited → attempts → http.Transport
}

// NewTransport returns the transport over connections. Each attempt may take the
// timeout; 0 is no limit.
func NewTransport(connections http.RoundTripper, timeout time.Duration, l *Limiter, m *Metrics) *Transport {
	return &Transport{l, m, limited{l, m, attempts{timeout, m, connections}}}
}

// Bare returns a client without credential that sends each request once: for
// logins.
func (t *Transport) Bare() *http.Client { return newHTTPClient(t.shared) }

// With returns a client whose requests carry the credential.
func (t *Transport) With(c Credential) *http.Client {
	return newHTTPClient(retrier{t.limiter, t.metrics, c, t.shared})
}

// Direct returns a client for a service of this machine: without credential and
// without limits.
func Direct(connections http.RoundTripper, timeout time.Duration, m *Metrics) *http.Client {
	return newHTTPClient(attempts{timeout, m, connections})
}

// newHTTPClient follows no redirect: most headers that carry a credential
// would travel along to any host.
func newHTTPClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
