package storage

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	up, size, oldest, committed prometheus.Gauge
	writes, failures, dropped   prometheus.Counter
	took                        prometheus.Histogram // seconds
}

func newMetrics() metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return metrics{
		up:        gauge("cloudip_storage_up", "Whether the file is open and the last write succeeded (1)."),
		size:      gauge("cloudip_storage_size_bytes", "Size of the SQLite file."),
		oldest:    gauge("cloudip_storage_oldest_timestamp_seconds", "When the oldest tenure began; 0 without one."),
		committed: gauge("cloudip_storage_committed_timestamp_seconds", "What was collected before this time is on the disk; 0 before the first write."),
		writes:    counter("cloudip_storage_writes_total", "Collections that were written."),
		failures:  counter("cloudip_storage_write_failures_total", "Failed attempts to open or write the file."),
		dropped:   counter("cloudip_storage_dropped_total", "Collections that were not written, as the next one had come."),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cloudip_storage_write_duration_seconds", Help: "Time to write and sync what a collection changed.", Buckets: writeBounds(),
		}),
	}
}

// writeBounds are upper bounds of the duration of a write, in seconds.
func writeBounds() []float64 { return []float64{0.001, 0.01, 0.1, 1, 10} }

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.up, m.size, m.oldest, m.committed, m.writes, m.failures, m.dropped, m.took}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Series is the number of cloudip_ series that Collect sends.
func (s *Store) Series() int {
	if !s.keeps() {
		return 0
	}
	return len(s.metrics.all()) - 1 + len(writeBounds()) + 3 // +Inf, sum and count
}

// Describe sends the description of each metric.
func (s *Store) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range s.metrics.all() {
		m.Describe(ch)
	}
}

// Collect sends the metrics, none where nothing is to be kept.
func (s *Store) Collect(ch chan<- prometheus.Metric) {
	if !s.keeps() {
		return
	}
	for _, m := range s.metrics.all() {
		m.Collect(ch)
	}
}
