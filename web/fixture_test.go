package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/storage"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a whole server over two simulated clouds.
type fixture struct {
	t              testing.TB
	otc, openstack *simtest.Cloud
	base           string // of the clouds
	runner         *collect.Runner
	url            string // of the server
	handler        http.Handler
}

type option func(*Options)

func lifecycle(o *Options) { o.EnableLifecycle = true }

// serve starts the server; its clouds have done nothing yet. Call start to
// begin the first collection, or ready to wait for its end as well.
func serve(t testing.TB, options ...option) *fixture {
	t.Helper()
	f := &fixture{t: t,
		otc:       simtest.New(simulator.Options{Provider: simulator.OTC, Prefix: "/otc"}),
		openstack: simtest.New(simulator.Options{Provider: simulator.OpenStack, Seed: 7, Prefix: "/openstack"}),
	}
	clouds := http.NewServeMux()
	clouds.Handle("/otc/", f.otc)
	clouds.Handle("/openstack/", f.openstack)
	backend := httptest.NewServer(clouds)
	t.Cleanup(backend.Close)
	f.base = backend.URL
	const unlimited = "  limits: {requests_per_second: 0}"
	yaml := "clouds:\n" + f.otc.ConfigYAML(f.base, "access_key", unlimited) + f.openstack.ConfigYAML(f.base, "password", unlimited)
	cfg, err := config.Parse("test.yml", []byte(yaml), config.Options{Collectors: collector.Catalogue()})
	check.OK(t, err)
	api := prometheus.NewRegistry()
	metrics := wire.NewMetrics(api)
	f.runner, err = collect.New(cfg, collect.Options{
		Open: func(c config.Cloud) (collect.Cloud, error) {
			cloud, err := cloudapi.Open(c, cloudapi.Options{Metrics: metrics})
			if err != nil {
				return nil, err
			}
			return collect.Session(cloud), nil
		},
		Collectors: collector.All(),
		Logger:     slog.New(slog.NewTextHandler(t.Output(), nil)),
		Begin:      func(t collect.Target, c config.Cloud) { metrics.Begin(t.Cloud, t.Project, c.Services()...) },
		Forget:     func(collect.Target) {},
		Other:      func(*collect.Target) int { return 0 },
		Storage:    &storage.Store{}, // which keeps nothing
	})
	check.OK(t, err)
	t.Cleanup(func() {
		if err := f.runner.Close(context.Background()); err != nil {
			t.Errorf("closing the runner: %v", err)
		}
	})
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector())
	o := Options{
		Runner: f.runner, Recorded: &storage.Store{}, Process: process, API: api, APIOf: metrics.Of, Version: "1.2.3", Logger: slog.New(slog.DiscardHandler),
		Reload: func() error { return nil }, Settings: Settings{TelemetryPath: "/metrics"},
	}
	for _, option := range options {
		option(&o)
	}
	handler, err := New(o)
	check.OK(t, err)
	f.handler = handler
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fixture) start() *fixture { f.runner.Start(); return f }

// ready waits for the end of the first collection: a scrape joins it.
func (f *fixture) ready() *fixture {
	f.t.Helper()
	f.start()
	f.runner.Collect(f.t.Context())
	return f
}

type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

func (f *fixture) do(method, path string, header ...string) answer {
	f.t.Helper()
	req, err := http.NewRequest(method, f.url+path, nil)
	check.OK(f.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	begun := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.t.Errorf("%s %s: %v", method, path, err)
		return answer{}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Errorf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(body), time.Since(begun)}
}

func (f *fixture) get(path string, header ...string) answer {
	f.t.Helper()
	return f.do(http.MethodGet, path, header...)
}

// families parses an exposition.
func families(t *testing.T, a answer) map[string]*dto.MetricFamily {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	return metrictest.Families(t, []byte(a.body))
}
