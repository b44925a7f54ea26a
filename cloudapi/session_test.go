package cloudapi

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/config"
)

const (
	testProject = "5f0c1d2e3a4b4c5d8e9f001122334455"
	testPath    = "/v2.0/ports"
)

// world is a cloud behind a transport, without network, so that it can stand
// in a bubble of virtual time.
type world struct {
	mu       sync.Mutex
	requests []*http.Request // in the order they came, without those to the identity service
	identity []*http.Request
	bodies   []string // of logins
	times    []time.Time

	login  func(n int) (status int, body string) // nil, or status 0: a token
	token  string                                // the body that comes with a token, where it is another
	broken error                                 // of the connection to log in by

	role   string                                     // of tokens; "": member
	answer func(n int, req *http.Request) fakeAnswer  // n counts from 1
	valid  func(token string) bool                    // nil: the newest token only
	iam    func(req *http.Request) (fakeAnswer, bool) // other requests to the identity service
}

type fakeAnswer struct {
	status int
	header http.Header
	body   string
	err    error
	after  time.Duration
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// sleep waits, at most as long as ctx allows.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func ok() fakeAnswer { return fakeAnswer{status: http.StatusOK, body: `{}`} }

func status(code int) fakeAnswer { return fakeAnswer{status: code, body: `{}`} }

func retryAfterHeader(v string) http.Header { return http.Header{"Retry-After": {v}} }

func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Host, "iam.test") {
		return w.roundTripIdentity(req)
	}
	w.mu.Lock()
	w.requests = append(w.requests, req)
	w.times = append(w.times, time.Now())
	n, newest := len(w.requests), w.newest()
	w.mu.Unlock()
	token := req.Header.Get("X-Auth-Token")
	good := token == newest
	if w.valid != nil {
		good = w.valid(token)
	}
	if token != "" && !good {
		return respond(req, status(http.StatusUnauthorized))
	}
	if w.answer == nil {
		return respond(req, ok())
	}
	return respond(req, w.answer(n, req))
}

func (w *world) newest() string { return fmt.Sprintf("token-%d", len(w.bodies)) }

func (w *world) roundTripIdentity(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.identity = append(w.identity, req)
	if req.Method != http.MethodPost {
		if w.iam != nil {
			if a, ok := w.iam(req); ok {
				return respond(req, a)
			}
		}
		return respond(req, status(http.StatusNotFound))
	}
	body, _ := io.ReadAll(req.Body)
	w.bodies = append(w.bodies, string(body))
	if w.broken != nil {
		return nil, w.broken
	}
	if w.login != nil {
		if code, text := w.login(len(w.bodies)); code != 0 {
			return respond(req, fakeAnswer{status: code, body: text})
		}
	}
	if w.token != "" {
		return respond(req, fakeAnswer{status: http.StatusCreated, header: http.Header{"X-Subject-Token": {w.newest()}}, body: w.token})
	}
	now := time.Now().UTC()
	return respond(req, fakeAnswer{
		status: http.StatusCreated, header: http.Header{"X-Subject-Token": {w.newest()}},
		body: fmt.Sprintf(`{"token":{"issued_at":%q,"expires_at":%q,"project":{"id":%q,"name":"alpha"},"roles":[{"name":%q}],"catalog":[]}}`,
			now.Format(time.RFC3339Nano), now.Add(time.Hour).Format(time.RFC3339Nano), testProject, cmp.Or(w.role, "member")),
	})
}

func respond(req *http.Request, a fakeAnswer) (*http.Response, error) {
	if err := sleep(req.Context(), a.after); err != nil {
		return nil, err
	}
	if a.err != nil {
		return nil, a.err
	}
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: a.status, Header: header, Request: req,
		Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

func (w *world) asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.requests)
}

func (w *world) logins() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.bodies)
}

// passwordConfig is a cloud with all endpoints written.
func passwordConfig() config.Cloud {
	return config.Cloud{
		Name: "test", Provider: config.OpenStack, Region: "RegionOne", Projects: []string{"alpha"},
		Auth: config.Auth{
			Type: config.Password, URL: "https://iam.test/v3",
			Username: "exporter", UserDomain: "Default", Password: config.NewSecret("correct horse"),
		},
		Endpoints: map[string]string{"network": "https://network.test", "compute": "https://compute.test"},
		Limits:    config.Limits{Concurrency: 8, PageSize: 1000},
		HTTP:      config.HTTP{Timeout: 30 * time.Second},
	}
}

// keyConfig is a cloud of Huawei Cloud with an access key.
func keyConfig() config.Cloud {
	cfg := passwordConfig()
	cfg.Provider, cfg.Region, cfg.Projects = config.HuaweiCloud, "cn-north-4", []string{testProject}
	cfg.Auth = config.Auth{Type: config.AccessKey, URL: "https://iam.test", AccessKeyID: "AKEXAMPLE", SecretKey: config.NewSecret("SKEXAMPLE")}
	cfg.Endpoints = map[string]string{"vpc": "https://network.test"}
	return cfg
}

type session struct {
	*world
	cloud    *Cloud
	project  *Project
	registry *prometheus.Registry
}

func newSession(t *testing.T, cfg config.Cloud, w *world) *session {
	t.Helper()
	s := &session{world: w, registry: prometheus.NewRegistry()}
	c, err := open(cfg, Options{Metrics: wire.NewMetrics(s.registry)}, w, &http.Transport{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s.cloud = c
	if len(c.fixed) > 0 {
		s.project = c.fixed[0]
	}
	return s
}

// get asks for one page and reads it.
func (s *session) get(ctx context.Context) error { return s.ask(ctx, "list_ports", testPath) }

// ask is get with another operation and path.
func (s *session) ask(ctx context.Context, operation, path string) error {
	c, err := s.project.service(ctx, s.project.provider().Neutron)
	if err != nil {
		return err
	}
	return drain(c.Get(ctx, wire.Call{Operation: operation, Path: path}))
}

func (s *session) post(ctx context.Context) error {
	c, err := s.project.service(ctx, s.project.provider().Neutron)
	if err != nil {
		return err
	}
	return drain(c.Post(ctx, wire.Call{Operation: "assign_private_ip", Path: testPath, Body: []byte(`{"port":{}}`)}))
}

func drain(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// metric sums a family over the series that have all the values.
func (s *session) metric(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	sum, _ := s.series(t, name, values...)
	return sum
}

// count is the number of those series.
func (s *session) count(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	_, n := s.series(t, name, values...)
	return n
}

func (s *session) series(t *testing.T, name string, values ...string) (sum, count float64) {
	t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			have := map[string]bool{}
			for _, l := range m.GetLabel() {
				have[l.GetValue()] = true
			}
			if slices.ContainsFunc(values, func(v string) bool { return !have[v] }) {
				continue
			}
			count++
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum, count
}

// names returns the families that have series.
func (s *session) names(t *testing.T) []string {
	t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range families {
		names[f.GetName()] = true
	}
	return slices.Sorted(maps.Keys(names))
}
