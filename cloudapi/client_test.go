package cloudapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// over opens a cloud over real HTTP with a token of a server of its own.
func over(t *testing.T, service http.Handler, change func(*config.Cloud)) *session {
	t.Helper()
	iam := loopback.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", "secret-token")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"token":{"project":{"id":%q,"name":"alpha"}}}`, testProject)
	}))
	cfg := passwordConfig()
	cfg.Auth.URL = iam
	cfg.Endpoints = map[string]string{"network": loopback.Serve(t, service)}
	if change != nil {
		change(&cfg)
	}
	s := &session{registry: prometheus.NewRegistry()}
	c := check.Get(Open(cfg, Options{Metrics: wire.NewMetrics(s.registry)}))(t)
	t.Cleanup(c.Close)
	s.cloud, s.project = c, c.fixed[0]
	return s
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var foreign atomic.Int32
	stranger := loopback.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { foreign.Add(1) }))
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{stranger + "/v2.0/ports", "/elsewhere", "http://[bad", "http://user:password@[bad/%zz", ""} {
			var own atomic.Int32
			s := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				own.Add(1)
				w.Header()["Location"] = []string{target}
				w.WriteHeader(code)
			}), nil)
			for name, send := range map[string]func(context.Context) error{"GET": s.get, "POST": s.post} {
				own.Store(0)
				err := send(t.Context())
				if own.Load() != 1 || !apierr.IsStatus(err, code) || target != "" && strings.Contains(err.Error(), target) {
					t.Errorf("%s %d to %q: got %v and %d requests", name, code, target, err, own.Load())
				}
			}
		}
	}
	check.Equal(t, "requests to a stranger", 0, foreign.Load())
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	var remotes atomic.Pointer[string]
	var changed atomic.Int32
	s := over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if old := remotes.Swap(&r.RemoteAddr); old != nil && *old != r.RemoteAddr {
			changed.Add(1)
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 10000))
	}), nil)
	for range 5 {
		_ = s.get(t.Context())
	}
	check.Equal(t, "changes of the connection", 0, changed.Load())
}

func TestARequestEndsWithHTTPTimeout(t *testing.T) {
	cfg := passwordConfig()
	bubble(cfg, &world{Answer: inTurn(fakeAnswer{After: time.Hour})}, func(t *testing.T, s *session) {
		start := time.Now()
		err := s.post(t.Context())
		e, ok := errors.AsType[*apierr.TransportError](err)
		if !ok || e.Class != apierr.ClassTimeout || !strings.Contains(err.Error(), "http.timeout") || time.Since(start) != cfg.HTTP.Timeout {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		ctx := check.Within(t, time.Second)
		if err := s.get(ctx); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "http.timeout") {
			t.Errorf("the caller's own deadline: got %v", err)
		}
	})(t)
}

func TestABadProxyURLIsNotRepeated(t *testing.T) {
	s := over(t, http.NotFoundHandler(), func(c *config.Cloud) {
		c.HTTP.ProxyURL = config.NewSecret("http://user:canary@ bad")
		c.Endpoints["network"] = "http://cloud.example"
		c.Auth.URL = "http://iam.example"
	})
	check.Fails(t, "a bad address", s.get(t.Context()), "http.proxy_url", "canary")
}

func TestNoErrorShowsThePasswordOfTheProxy(t *testing.T) {
	cfg := passwordConfig()
	cfg.HTTP.ProxyURL = config.NewSecret("http://user:open%20sesame@proxy.test")
	s := newSession(t, cfg, &world{Answer: inTurn(fakeAnswer{Status: http.StatusBadRequest, Body: `{"message":"it was open sesame, they say"}`})})
	check.Fails(t, "a proxy's refusal", s.get(t.Context()), "it was [redacted], they say", "sesame")
}

func TestAMissingFileOfCertificatesIsNamed(t *testing.T) {
	cfg := passwordConfig()
	cfg.HTTP.TLS.CAFile = filepath.Join(t.TempDir(), "none.pem")
	_, err := Open(cfg, Options{})
	check.Has(t, "the error", fmt.Sprint(err), "http.tls_config", cfg.HTTP.TLS.CAFile)
}

func TestHeadersOfARequest(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{})
	s.cloud.account.Agent = "cloudip_exporter/1"
	c := check.Get(s.project.service(t.Context(), "compute"))(t)
	check.OK(t, drain(c.Do(t.Context(), wire.Call{Method: http.MethodPost, Operation: "get_serial_console", Path: "/v2.1/x", Body: []byte("{}"), Header: http.Header{"X-OpenStack-Nova-API-Version": {"2.26"}}})))
	for name, want := range map[string]string{
		"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "cloudip_exporter/1",
		"X-OpenStack-Nova-API-Version": "2.26", "X-Auth-Token": "token-1",
	} {
		check.Equal(t, name, want, s.Requests[0].Header.Get(name))
	}
}

func TestWhatIsNoAnswerIsNotRepeated(t *testing.T) {
	const secret = "left-over-of-another-answer"
	for name, sent := range map[string]string{
		"status line": secret + "\r\n\r\n",
		"status code": "HTTP/1.1 " + secret + " OK\r\n\r\n",
		"version":     "HTTP/" + secret + " 200 OK\r\n\r\n",
		"header":      "HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n",
		"quoted":      "say \"" + secret + "\r\n\r\n",
		"length":      "HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n",
	} {
		s := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				fmt.Fprint(conn, sent)
				conn.Close()
			}
		}), nil)
		_, _, err := collect(s.project.Subnets(t.Context()))
		check.Fails(t, name, err, "list subnets: network gave no answer", secret[5:])
	}
}
