package cloudapi

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
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
	inTurn, ofProjects               = scripted.InTurn, scripted.OfProjects
	limitedConfig                    = scripted.LimitedConfig
	passwordConfig, keyConfig, drain = scripted.PasswordConfig, scripted.KeyConfig, scripted.Drain
)

type session struct {
	*world
	cloud    *Cloud
	project  *Project
	registry *prometheus.Registry
	secure   *http.Transport // that a credential gives its certificates to
}

func newSession(t *testing.T, cfg config.Cloud, w *world) *session {
	t.Helper()
	s := &session{world: w, registry: prometheus.NewRegistry(), secure: &http.Transport{}}
	c := check.Get(open(cfg, Options{Metrics: wire.NewMetrics(s.registry)}, w, s.secure))(t)
	t.Cleanup(c.Close)
	s.cloud = c
	if len(c.fixed) > 0 {
		s.project = c.fixed[0]
	}
	return s
}

// bubble is a test in virtual time with a cloud that answers as written.
func bubble(cfg config.Cloud, w *world, test func(t *testing.T, s *session)) func(*testing.T) {
	return func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newSession(t, cfg, w)) })
	}
}

// get asks for one page and reads it.
func (s *session) get(ctx context.Context) error {
	return s.send(ctx, wire.Call{Operation: "list_ports", Path: testPath})
}

func (s *session) post(ctx context.Context) error {
	return s.send(ctx, wire.Call{Method: http.MethodPost, Operation: "assign_private_ip", Path: testPath, Body: []byte(`{"port":{}}`)})
}

func (s *session) send(ctx context.Context, call wire.Call) error {
	c, err := s.project.service(ctx, s.project.provider().Neutron)
	if err != nil {
		return err
	}
	return drain(c.Do(ctx, call))
}

// metric sums a family over the series that have all the values.
func (s *session) metric(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	sum, _ := metrictest.Sum(t, s.registry, name, values...)
	return sum
}
