package auth

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
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

var (
	ok, retryAfterHeader             = scripted.OK, scripted.RetryAfter
	inTurn, ofProjects               = scripted.InTurn, scripted.OfProjects
	limitedConfig                    = scripted.LimitedConfig
	passwordConfig, keyConfig, drain = scripted.PasswordConfig, scripted.KeyConfig, scripted.Drain
)

// session is an account with one session in front of a fake cloud.
type session struct {
	*world
	account  *Account
	own      *Session
	registry *prometheus.Registry
}

func newSession(t *testing.T, cfg config.Cloud, w *world) *session {
	t.Helper()
	s := &session{world: w, registry: prometheus.NewRegistry()}
	metrics, limiter := wire.NewMetrics(s.registry), (&wire.Limiters{}).Join("", cfg.Limits)
	credential := check.Get(ReadCredential(cfg))(t)
	project := ""
	if len(cfg.Projects) > 0 {
		project = cfg.Projects[0]
	}
	s.account = check.Get(NewAccount(&Identity{
		Config: cfg, Transport: wire.NewTransport(w, cfg.HTTP.Timeout, limiter, metrics), Limiter: limiter,
		Metrics: metrics, Secrets: &apierr.Redactor{}, Log: slog.New(slog.DiscardHandler),
	}, credential, project))(t)
	scope := Scope{Project: project}
	if project == "*" {
		scope = Scope{AllProjects: true}
	}
	s.own = s.account.NewSession(scope, project)
	return s
}

// bubble is a test in virtual time with a cloud that answers as written.
func bubble(cfg config.Cloud, w *world, test func(t *testing.T, s *session)) func(*testing.T) {
	return func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newSession(t, cfg, w)) })
	}
}

// getAtOnce asks n times at once.
func (s *session) getAtOnce(t *testing.T, n int) error {
	var group errgroup.Group
	for range n {
		group.Go(func() error { return s.get(t.Context()) })
	}
	return group.Wait()
}

// wantSent compares how many requests and how many logins came.
func (s *session) wantSent(t *testing.T, when string, requests, logins int) {
	t.Helper()
	check.Equal(t, when+": requests and logins", []int{requests, logins}, []int{s.Asked(), s.Logins()})
}

// get asks for one page and reads it.
func (s *session) get(ctx context.Context) error { return s.ask(ctx, "list_ports", testPath) }

// ask is get with another operation and path.
func (s *session) ask(ctx context.Context, operation, path string) error {
	if s.account.Signs() {
		if _, err := s.own.ID(ctx); err != nil {
			return err
		}
	}
	return drain(s.service().Do(ctx, wire.Call{Operation: operation, Path: path}))
}

func (s *session) post(ctx context.Context) error {
	return drain(s.service().Do(ctx, wire.Call{Method: http.MethodPost, Operation: "assign_private_ip", Path: testPath, Body: []byte(`{"port":{}}`)}))
}

func (s *session) service() *wire.Client {
	return s.own.Client("network", &url.URL{Scheme: "https", Host: "network.test"})
}

// metric sums a family over the series that have all the values.
func (s *session) metric(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	sum, _ := metrictest.Sum(t, s.registry, name, values...)
	return sum
}
