package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

// daemon is what serve runs: the collections, and the metrics of this process.
type daemon struct {
	read     func() (*config.Config, error)
	logger   *slog.Logger
	runner   *collect.Runner
	process  *prometheus.Registry // of this process
	api      *prometheus.Registry // of the requests to clouds
	requests *wire.Metrics        // the same by target

	reloading  sync.Mutex
	successful prometheus.Gauge
	succeeded  prometheus.Gauge
}

// newDaemon reads the configuration and prepares its collections. It does no
// I/O but that.
func newDaemon(read func() (*config.Config, error), shard collect.Shard, logger *slog.Logger) (*daemon, error) {
	d := &daemon{
		read: read, logger: logger,
		process: prometheus.NewRegistry(), api: prometheus.NewRegistry(),
		successful: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cloudip_config_last_reload_successful",
			Help: "Whether the last attempt to read the configuration succeeded (1) or the old one stayed in force (0).",
		}),
		succeeded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "cloudip_config_last_reload_success_timestamp_seconds",
			Help: "When the configuration in force was read, in seconds since 1970.",
		}),
	}
	d.process.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("cloudip"), d.successful, d.succeeded)
	cfg, err := read()
	if err != nil {
		return nil, err
	}
	metrics, limiters := wire.NewMetrics(d.api), &wire.Limiters{}
	d.requests = metrics
	d.runner, err = collect.New(cfg, collect.Options{
		Open: func(c config.Cloud) (collect.Cloud, error) {
			cloud, err := cloudapi.Open(c, cloudapi.Options{Logger: logger, Metrics: metrics, Limiters: limiters, UserAgent: userAgent()})
			if err != nil {
				return nil, err
			}
			return collect.Session(cloud), nil
		},
		Collectors: collector.All(),
		Logger:     logger,
		Forget:     func(t collect.Target) { metrics.Forget(t.Cloud, t.Project) },
		Other:      d.otherSeries,
		OtherOf:    func(t collect.Target) int { return d.requests.SeriesOf(t.Cloud, t.Project) },
		Shard:      shard,
	})
	if err != nil {
		return nil, err
	}
	d.took(cfg)
	return d, nil
}

// reload reads the configuration again. When it is bad the old one stays.
func (d *daemon) reload() error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	cfg, err := d.read()
	if err == nil {
		err = d.runner.Reload(cfg)
	}
	if err != nil {
		d.successful.Set(0)
		d.logger.Error("reloading the configuration failed, the old one stays in force", "err", err)
		return err
	}
	d.took(cfg)
	d.logger.Info("reloaded the configuration")
	return nil
}

// took tells of a configuration that came into force.
func (d *daemon) took(cfg *config.Config) {
	d.successful.Set(1)
	d.succeeded.Set(float64(time.Now().UnixMilli()) / 1000)
	for _, w := range cfg.Warnings() {
		d.logger.Warn("configuration", "warning", w)
	}
}

// close ends all collections.
func (d *daemon) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := d.runner.Close(ctx); err != nil {
		d.logger.Warn("some collections did not end", "err", err)
	}
}

// otherSeries counts the cloudip_ series that do not come from collectors.
func (d *daemon) otherSeries() int {
	const configSeries, buildSeries = 2, 1
	return configSeries + buildSeries + d.requests.Series()
}
