// Package daemon is what the command serve runs: the collections, the metrics of
// this process and of its requests to clouds, reloading, the memory limit, and the
// HTTP server with its orderly end.
package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/storage"
	"cloudip_exporter/web"
)

// Options are for New.
type Options struct {
	Read    func() (*config.Config, error) // reads the configuration, at the start and at each reload
	Reloads <-chan os.Signal               // each value asks for a reload; nil: none
	Shard   collect.Shard
	// InMemory keeps what is remembered in memory, whatever the configuration says.
	InMemory bool

	Listen    *toolkit.FlagConfig // where the HTTP server listens, and how
	Listening func(net.Listener)  // called for each address once it listens
	web.Settings

	Version   string
	UserAgent string // of requests to clouds
	Logger    *slog.Logger
}

// Daemon collects from clouds and serves what it knows.
type Daemon struct {
	options  Options
	handler  http.Handler
	runner   *collect.Runner
	process  *prometheus.Registry // of this process
	api      *prometheus.Registry // of the requests to clouds
	requests *wire.Metrics        // the same by target
	storage  *storage.Store

	reloading  sync.Mutex
	successful prometheus.Gauge
	succeeded  prometheus.Gauge
}

// New reads the configuration and prepares its collections. It does no I/O but
// that, and opens the storage. All its errors are faults of the configuration or of the options.
func New(o Options) (*Daemon, error) {
	if o.Listen != nil {
		if err := toolkit.Validate(*o.Listen.WebConfigFile); err != nil {
			return nil, fmt.Errorf("web configuration %s: %w", *o.Listen.WebConfigFile, err)
		}
	}
	d := &Daemon{options: o, process: prometheus.NewRegistry(), api: prometheus.NewRegistry()}
	d.addReloadMetrics()
	d.process.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("cloudip", versioncollector.WithExtraConstLabels(prometheus.Labels{"build_date": version.BuildDate})))
	d.requests = wire.NewMetrics(d.api)
	cfg, err := o.Read()
	if err != nil {
		return nil, err
	}
	d.openStorage(cfg)
	if d.runner, err = d.newRunner(cfg); err != nil {
		d.closeStorage()
		return nil, err
	}
	d.handler, err = web.New(web.Options{
		Runner: d.runner, Recorded: d.storage, Process: d.process, API: d.api, APIOf: d.requests.Of, Reload: d.reload,
		Settings: o.Settings, Version: o.Version, Logger: o.Logger,
	})
	if err != nil {
		d.Close()
		return nil, err
	}
	d.applied(cfg)
	return d, nil
}

func (d *Daemon) newRunner(cfg *config.Config) (*collect.Runner, error) {
	limiters := &wire.Limiters{}
	return collect.New(cfg, collect.Options{
		Open: func(c config.Cloud) (collect.Cloud, error) {
			cloud, err := cloudapi.Open(c, cloudapi.Options{Logger: d.options.Logger, Metrics: d.requests, Limiters: limiters, UserAgent: d.options.UserAgent})
			if err != nil {
				return nil, err
			}
			return collect.Session(cloud), nil
		},
		Collectors: collector.All(),
		Storage:    d.storage,
		Logger:     d.options.Logger,
		Begin:      func(t collect.Target, c config.Cloud) { d.requests.Begin(t.Cloud, t.Project, c.Services()...) },
		Forget:     func(t collect.Target) { d.requests.Forget(t.Cloud, t.Project) },
		Spread:     rand.N[time.Duration],
		Other:      d.otherSeries,
		Shard:      d.options.Shard,
	})
}

// Close ends all collections, and writes what is to be remembered.
func (d *Daemon) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := d.runner.Close(ctx); err != nil {
		d.options.Logger.Warn("some collections did not end", "err", err)
	}
	d.closeStorage()
}

// otherSeries counts the cloudip_ series that do not come from collectors, or those
// of one target.
func (d *Daemon) otherSeries(of *collect.Target) int {
	if of != nil {
		return d.requests.SeriesOf(of.Cloud, of.Project)
	}
	const configSeries, buildSeries = 2, 1
	return configSeries + buildSeries + d.requests.Series() + d.storage.Series()
}
