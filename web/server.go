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
	// TelemetryPath is the path of the metrics, "/metrics" by default.
	TelemetryPath string
	// RoutePrefix is the path below which all routes are, "" or "/" for none.
	RoutePrefix string
	// ExternalURL is where others find the routes, nil when it is where they are.
	ExternalURL     *url.URL
	EnableLifecycle bool // serve POST /-/reload
	EnablePprof     bool // serve /debug/pprof/
	Version         string
	Logger          *slog.Logger
}

type server struct {
	Options
	errors promhttp.Logger
}
