package wire

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/config"
)

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
