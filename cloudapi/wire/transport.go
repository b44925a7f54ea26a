// Package wire sends requests to a cloud: it puts the credential on them, paces
// them, tries them again where that can help, counts them, and reads their
// answers. What goes wrong is a typed error of package apierr.
package wire

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/config"
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
// timeout.
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

// NewConnections makes the connections of one cloud.
func NewConnections(cfg config.Cloud) (*http.Transport, error) {
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

// ParseBase reads a base URL as people and catalogues write it: with or without a path
// prefix, a version and a project, or $(project_id)s or %(project_id)s in its place.
// The prefix stays. The key stands in the error.
func ParseBase(key, text string) (*url.URL, error) {
	u, err := url.Parse(strings.ReplaceAll(strings.TrimSpace(text), "%(", "$("))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%s is not a URL such as https://host", key)
	}
	if u.User != nil {
		return nil, fmt.Errorf("%s holds a user or password: remove them", key)
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: prefixOf(u.Path)}, nil
}

var (
	versionSegment = regexp.MustCompile(`^v\d+(\.\d+)?$`)
	projectSegment = regexp.MustCompile(`^([0-9a-fA-F-]{32,36}|AUTH_.*|\$\(.*\)s)$`) // or what stands for one
)

// prefixOf cuts /v2.1, /v2.1/{project_id} and their like off the end of a path.
func prefixOf(path string) string {
	segments := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	end := len(segments)
	if end > 1 && projectSegment.MatchString(segments[end-1]) && versionSegment.MatchString(segments[end-2]) {
		end--
	}
	if end > 0 && versionSegment.MatchString(segments[end-1]) {
		end--
	}
	if end == 0 {
		return ""
	}
	return "/" + strings.Join(segments[:end], "/")
}
