package auth

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
)

const (
	testProject = scripted.Project
	testPath    = "/v2.0/ports"
)

type (
	world      = scripted.Cloud
	fakeAnswer = scripted.Answer
)

func ok() fakeAnswer { return status(http.StatusOK) }

func status(code int) fakeAnswer { return fakeAnswer{Status: code, Body: `{}`} }

func retryAfterHeader(v string) http.Header { return http.Header{"Retry-After": {v}} }

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
	credential, err := ReadCredential(cfg)
	if err != nil {
		t.Fatal(err)
	}
	project := ""
	if len(cfg.Projects) > 0 {
		project = cfg.Projects[0]
	}
	s.account, err = NewAccount(&Identity{
		Config: cfg, Transport: wire.NewTransport(w, cfg.HTTP.Timeout, limiter, metrics), Limiter: limiter,
		Metrics: metrics, Secrets: &apierr.Redactor{}, Log: slog.New(slog.DiscardHandler),
	}, credential, project)
	if err != nil {
		t.Fatal(err)
	}
	scope := Scope{Project: project}
	if project == "*" {
		scope = Scope{AllProjects: true}
	}
	s.own = s.account.NewSession(scope, project)
	return s
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
