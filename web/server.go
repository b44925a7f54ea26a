package web

import (
	"log/slog"
	"net/url"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cloudip_exporter/collect"
	"cloudip_exporter/web/api"
)

// Options are what the handlers show and do.
type Options struct {
	Runner *collect.Runner
	// Recorded is what is remembered of the past.
	Recorded api.Recorded
	// Process holds the metrics of this process: only /metrics shows them.
	// The handlers register their own promhttp_* metrics in it.
	Process *prometheus.Registry
	// API gathers the metrics of the requests to the clouds; each series
	// carries the labels cloud and project.
	API prometheus.Gatherer
	// APIOf gathers those of one target.
	APIOf func(cloud, project string) prometheus.Gatherer
	// Reload reads the configuration again.
	Reload func() error
	Settings
	Version string
	Logger  *slog.Logger
}

// Settings are what flags say of the routes.
type Settings struct {
	TelemetryPath   string   // of the metrics
	RoutePrefix     string   // path below which all routes are, "" or "/" for none
	ExternalURL     *url.URL // where others find the routes, nil when it is where they are
	EnableLifecycle bool     // serve POST /-/reload
	EnablePprof     bool     // serve /debug/pprof/
}

type server struct {
	Options
	errors promhttp.Logger
}
