package storage

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric is one metric about the storage.
type Metric struct {
	Name, Type, Help string
	value            func(*Status) float64 // of all but the histogram
}

// Metrics returns all metrics about the storage.
func Metrics() []Metric {
	return []Metric{
		{"cloudip_storage_up", "gauge", "Whether the file is open and the last write succeeded (1).", func(s *Status) float64 {
			if s.Up {
				return 1
			}
			return 0
		}},
		{"cloudip_storage_size_bytes", "gauge", "Size of the SQLite file.", func(s *Status) float64 { return float64(s.Size) }},
		{"cloudip_storage_oldest_timestamp_seconds", "gauge", "When the oldest tenure began; 0 without one.", func(s *Status) float64 { return seconds(s.Oldest) }},
		{"cloudip_storage_committed_timestamp_seconds", "gauge", "What was collected before this time is on the disk; 0 before the first write.", func(s *Status) float64 { return seconds(s.Committed) }},
		{"cloudip_storage_writes_total", "counter", "Collections that were written.", func(s *Status) float64 { return float64(s.Writes) }},
		{"cloudip_storage_write_failures_total", "counter", "Failed attempts to open or write the file.", func(s *Status) float64 { return float64(s.Failures) }},
		{"cloudip_storage_dropped_total", "counter", "Collections that were not written, as the next one had come.", func(s *Status) float64 { return float64(s.Dropped) }},
		{"cloudip_storage_write_duration_seconds", "histogram", "Time to write and sync what a collection changed.", nil},
	}
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// Series is the number of cloudip_ series that Collect sends.
func (s *Store) Series() int {
	if !s.Status().Keeps {
		return 0
	}
	return len(Metrics()) - 1 + len(WriteBounds()) + 3 // +Inf, sum and count
}

// Describe sends the description of each metric.
func (s *Store) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range Metrics() {
		ch <- m.desc()
	}
}

func (m *Metric) desc() *prometheus.Desc { return prometheus.NewDesc(m.Name, m.Help, nil, nil) }

// Collect sends the metrics, none where nothing is to be kept.
func (s *Store) Collect(ch chan<- prometheus.Metric) {
	st := s.Status()
	if !st.Keeps {
		return
	}
	types := map[string]prometheus.ValueType{"gauge": prometheus.GaugeValue, "counter": prometheus.CounterValue}
	for _, m := range Metrics() {
		if m.value != nil {
			ch <- prometheus.MustNewConstMetric(m.desc(), types[m.Type], m.value(&st))
			continue
		}
		buckets := map[float64]uint64{}
		for i, bound := range WriteBounds() {
			buckets[bound] = st.Within[i]
		}
		ch <- prometheus.MustNewConstHistogram(m.desc(), st.Writes, st.Took.Seconds(), buckets)
	}
}
