package cloudapi

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/metrictest"
)

const (
	testProject = scripted.Project
	testPath    = "/v2.0/ports"
)

type (
	world      = scripted.Cloud
	fakeAnswer = scripted.Answer
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

var (
	ok, status, retryAfterHeader     = scripted.OK, scripted.Status, scripted.RetryAfter
	passwordConfig, keyConfig, drain = scripted.PasswordConfig, scripted.KeyConfig, scripted.Drain
)

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
	return drain(c.Do(ctx, wire.Call{Operation: operation, Path: path}))
}

func (s *session) post(ctx context.Context) error {
	c, err := s.project.service(ctx, s.project.provider().Neutron)
	if err != nil {
		return err
	}
	return drain(c.Do(ctx, wire.Call{Method: http.MethodPost, Operation: "assign_private_ip", Path: testPath, Body: []byte(`{"port":{}}`)}))
}

// metric sums a family over the series that have all the values.
func (s *session) metric(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	sum, _ := metrictest.Sum(t, s.registry, name, values...)
	return sum
}

// count is the number of those series.
func (s *session) count(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	_, n := metrictest.Sum(t, s.registry, name, values...)
	return n
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
