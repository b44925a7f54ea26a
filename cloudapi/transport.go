package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/config"
)

// The stages that a request passes, from the outside:
//
//	retrying → sender (the credential) → limited → timed → counted → http.Transport
//
// so that each attempt is authorised afresh, paced and counted.

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// exchange is what the stages know of a request beyond HTTP.
type exchange struct {
	service, operation string
	base               *url.URL // the configured address: no credential goes elsewhere
	labels             func() (cloud, project string)
	ready              func() error // asked when its turn comes; nil: it is
	tries              *int         // how often the call was sent; nil: a POST
	repeated           bool         // after a 401, with another credential
}

// repeat reports whether a request that was refused may be sent once more with
// another credential, and counts it among the tries of its call.
func (x *exchange) repeat() bool {
	if x.repeated {
		return false
	}
	x.repeated = true
	if x.tries != nil {
		*x.tries++
	}
	return true
}

type exchangeKey struct{}

func exchangeOf(req *http.Request) *exchange {
	x, _ := req.Context().Value(exchangeKey{}).(*exchange)
	if x == nil {
		x = &exchange{base: &url.URL{}, labels: func() (string, string) { return "", "" }}
	}
	return x
}

// atHome refuses a request to another origin than the configured one.
func (x *exchange) atHome(u *url.URL) error {
	if u.Scheme == x.base.Scheme && u.Host == x.base.Host {
		return nil
	}
	return fmt.Errorf("credentials of %s://%s are not sent to %s://%s", x.base.Scheme, x.base.Host, u.Scheme, u.Host)
}

// newHTTPTransport makes the connections of one cloud.
func newHTTPTransport(cfg config.Cloud) (*http.Transport, error) {
	tlsConfig, err := promconfig.NewTLSConfig(&cfg.HTTP.TLS)
	if err != nil {
		return nil, fmt.Errorf("read http.tls_config of cloud %s: %w", cfg.Name, err)
	}
	idle := max(2, cfg.Limits.Concurrency)
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  cfg.HTTP.Timeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           4 * idle,
		MaxIdleConnsPerHost:    idle,
		MaxResponseHeaderBytes: 1 << 20, // a token may take 100 kB
		ForceAttemptHTTP2:      true,
		// A connection that died in silence must not swallow request after request.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
	if proxy := cfg.HTTP.ProxyURL; !proxy.IsZero() {
		t.Proxy = func(*http.Request) (*url.URL, error) { return proxyURL(proxy) }
	}
	return t, nil
}

func proxyURL(secret config.Secret) (*url.URL, error) {
	text, err := secret.Reveal()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		// The text is not repeated: it may hold a password.
		return nil, fmt.Errorf("read http.proxy_url: not a URL such as http://proxy:3128")
	}
	return u, nil
}

// timed bounds one attempt, its body included.
func timed(timeout time.Duration, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if timeout <= 0 {
			return next.RoundTrip(req)
		}
		ctx, cancel := context.WithTimeoutCause(req.Context(), timeout, errRequestTimeout)
		resp, err := next.RoundTrip(req.WithContext(ctx))
		if err != nil {
			defer cancel()
			return nil, ownTimeout(ctx, req, err)
		}
		resp.Body = &hookedBody{
			ReadCloser: resp.Body,
			done:       func(error) { cancel() },
			translate:  func(err error) error { return ownTimeout(ctx, req, err) },
		}
		return resp, nil
	})
}

// ownTimeout tells the end of http.timeout from that of the caller's context.
func ownTimeout(ctx context.Context, outer *http.Request, err error) error {
	if ctx.Err() != nil && outer.Context().Err() == nil {
		return errRequestTimeout
	}
	if cause := context.Cause(outer.Context()); cause != nil {
		return cause
	}
	return err
}

// counted counts each attempt once: when its body was closed, so that a body
// that broke off counts as such.
func counted(m *Metrics, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		x, start := exchangeOf(req), time.Now()
		resp, err := next.RoundTrip(req)
		if err != nil {
			m.request(x, codeOf(0, ended(req.Context(), err)), time.Since(start))
			return nil, err
		}
		resp.Body = &hookedBody{ReadCloser: resp.Body, done: func(err error) {
			if err != nil {
				err = ended(req.Context(), err)
			}
			if err != nil && class(err) != classTimeout && class(err) != classCanceled {
				err = &TransportError{Class: classBody, Err: err}
			}
			m.request(x, codeOf(resp.StatusCode, err), time.Since(start))
		}}
		return resp, nil
	})
}

// ended is how the context of a request ended, if it did: what net/http then
// returns is its cause, of which nobody knows the class.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// hookedBody calls done once: when the body is closed or, if early, already
// when it was read to its end.
type hookedBody struct {
	io.ReadCloser
	done      func(err error)       // err is the one that broke the body
	translate func(err error) error // of reading
	early     bool

	once   sync.Once
	broken error
}

func (b *hookedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		if b.translate != nil {
			err = b.translate(err)
		}
		if b.broken == nil {
			b.broken = err // what comes after only follows from it
		}
	}
	if err != nil && b.early {
		b.once.Do(func() { b.done(b.broken) })
	}
	return n, err
}

func (b *hookedBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() { b.done(b.broken) })
	return err
}
