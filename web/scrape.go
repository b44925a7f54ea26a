package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cloudip_exporter/collect"
	"cloudip_exporter/web/query"
)

const (
	defaultScrapeTimeout = 30 * time.Second
	longestScrapeTimeout = 300 * time.Second
	// WriteTimeout is long enough for the longest scrape and its answer.
	WriteTimeout = longestScrapeTimeout + time.Minute
)

// patience is how long a scrape may wait for collections: what Prometheus
// says that it will wait itself, less the time to write the answer.
func patience(h http.Header) time.Duration {
	timeout := defaultScrapeTimeout
	seconds, err := strconv.ParseFloat(h.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err == nil && seconds > 0 && !math.IsInf(seconds, 0) { // false for NaN
		timeout = time.Duration(math.Min(seconds, longestScrapeTimeout.Seconds()) * float64(time.Second))
	}
	if timeout < time.Second {
		return timeout / 2
	}
	return timeout - 500*time.Millisecond
}

// metrics serves everything: all targets, the requests to the clouds, and this
// process.
func (s *server) metrics(scrapes gate) http.Handler {
	write := promhttp.HandlerForTransactional(prometheus.NewMultiTRegistry(
		prometheus.ToTransactionalGatherer(s.Process),
		prometheus.ToTransactionalGatherer(s.API),
		prometheus.ToTransactionalGatherer(prometheus.GathererFunc(s.Runner.Families)),
	), s.handlerOpts())
	return promhttp.InstrumentMetricHandler(s.Process, scrapes.limit(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience(r.Header))
		defer cancel()
		s.Runner.Collect(ctx)
		if r.Context().Err() != nil {
			return // nobody listens any more
		}
		write.ServeHTTP(w, r)
	}))
}

func (s *server) probe(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience(r.Header))
	defer cancel()
	p, err := s.findProbe(ctx, r)
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	p.Collect(ctx)
	if r.Context().Err() != nil {
		return
	}
	promhttp.HandlerForTransactional(prometheus.NewMultiTRegistry(
		prometheus.ToTransactionalGatherer(s.APIOf(p.Target().Cloud, p.Target().Project)),
		prometheus.ToTransactionalGatherer(prometheus.GathererFunc(p.Families)),
	), s.handlerOpts()).ServeHTTP(w, r)
}

func (s *server) handlerOpts() promhttp.HandlerOpts {
	return promhttp.HandlerOpts{
		ErrorLog:          s.errors,
		ErrorHandling:     promhttp.ContinueOnError,
		Registry:          s.Process,
		EnableOpenMetrics: true,
	}
}

func (s *server) findProbe(ctx context.Context, r *http.Request) (*collect.Probe, error) {
	values, err := query.Parse(r)
	if err != nil {
		return nil, err
	}
	cloud, project, err := values.Target()
	switch {
	case err != nil:
		return nil, err
	case !values.Has("cloud"):
		return nil, errors.New("the parameter cloud is missing")
	case values.Has("project"):
		return s.Runner.Probe(ctx, cloud, &project)
	}
	return s.Runner.Probe(ctx, cloud, nil)
}
