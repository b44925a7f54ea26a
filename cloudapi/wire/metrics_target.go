package wire

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// targetSeries finds the series of one target, so that a scrape of one does
// not go through those of thousands of others.
type targetSeries struct {
	mu  sync.Mutex
	all map[[2]string]map[prometheus.Metric]struct{} // by cloud and project
	n   int                                          // series in an exposition of all
}

// Series of a histogram in an exposition beside its buckets: sum, count and +Inf.
const histogramSeries = 3

func (s *targetSeries) weight(m prometheus.Metric) int {
	if _, ok := m.(prometheus.Histogram); ok {
		return len(durationBuckets()) + histogramSeries
	}
	return 1
}

func (s *targetSeries) add(cloud, project string, m prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.all[[2]string{cloud, project}]
	if _, known := of[m]; known {
		return
	}
	if s.all == nil {
		s.all = make(map[[2]string]map[prometheus.Metric]struct{})
	}
	if of == nil {
		of = make(map[prometheus.Metric]struct{})
		s.all[[2]string{cloud, project}] = of
	}
	of[m] = struct{}{}
	s.n += s.weight(m)
}

func (s *targetSeries) forget(cloud, project string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for m := range s.all[[2]string{cloud, project}] {
		s.n -= s.weight(m)
	}
	delete(s.all, [2]string{cloud, project})
}

func (s *targetSeries) of(cloud, project string) []prometheus.Metric {
	s.mu.Lock()
	defer s.mu.Unlock()
	var metrics []prometheus.Metric
	for m := range s.all[[2]string{cloud, project}] {
		metrics = append(metrics, m)
	}
	return metrics
}

// Of gathers the series of one target alone.
func (m *Metrics) Of(cloud, project string) prometheus.Gatherer {
	reg := prometheus.NewRegistry()
	reg.MustRegister(someMetrics(m.series.of(cloud, project)))
	return reg
}

// Series returns how many series an exposition of all targets has.
func (m *Metrics) Series() int {
	m.series.mu.Lock()
	defer m.series.mu.Unlock()
	return m.series.n
}

// SeriesOf returns how many series an exposition of one target has.
func (m *Metrics) SeriesOf(cloud, project string) int {
	n := 0
	for _, metric := range m.series.of(cloud, project) {
		n += m.series.weight(metric)
	}
	return n
}

// someMetrics are metrics that were checked when they were made.
type someMetrics []prometheus.Metric

// Describe sends nothing: what there is differs from target to target.
func (someMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the metrics.
func (s someMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, m := range s {
		ch <- m
	}
}
