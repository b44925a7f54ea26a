package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
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
	"cloudip_exporter/test/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a whole server over two simulated clouds.
type fixture struct {
	t              testing.TB
	otc, openstack *simtest.Cloud
	runner         *collect.Runner
	url            string // of the server
	handler        http.Handler
}

type option func(*Options)

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
	base := loopback.Serve(t, clouds)
	const unlimited = "  limits: {requests_per_second: 0}"
	yaml := "clouds:\n" + f.otc.ConfigYAML(base, "access_key", unlimited) + f.openstack.ConfigYAML(base, "password", unlimited)
	cfg := check.Get(config.Parse("test.yml", []byte(yaml), config.Options{Collectors: collector.Catalogue()}))(t)
	api := prometheus.NewRegistry()
	metrics := wire.NewMetrics(api)
	f.runner = check.Get(collect.New(cfg, collect.Options{
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
	}))(t)
	t.Cleanup(func() { check.Equal(t, "closing the runner", nil, f.runner.Close(context.Background())) })
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector())
	o := Options{
		Runner: f.runner, Recorded: &storage.Store{}, Process: process, API: api, APIOf: metrics.Of, Version: "1.2.3", Logger: slog.New(slog.DiscardHandler),
		Reload: func() error { return nil }, Settings: Settings{TelemetryPath: "/metrics"},
	}
	for _, option := range options {
		option(&o)
	}
	f.handler = check.Get(New(o))(t)
	f.url = loopback.Serve(t, f.handler)
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
	req := check.Get(http.NewRequest(method, f.url+path, nil))(f.t)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	begun := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req)
	check.OK(f.t, err)
	defer resp.Body.Close()
	body := check.Get(io.ReadAll(resp.Body))(f.t)
	return answer{resp.StatusCode, resp.Header, string(body), time.Since(begun)}
}

func (f *fixture) get(path string, header ...string) answer {
	f.t.Helper()
	return f.do(http.MethodGet, path, header...)
}
