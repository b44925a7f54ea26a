package collector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/config"
)

// Families makes the metric families of all views, sorted by name and labels:
// the same state gives the same bytes. They went through a registry, so that
// its checks hold, and must not be written to. Series beyond series.Limit are
// left out in a fixed order and counted in cloudip_series_dropped; the others,
// cloudip_ series from elsewhere in the same response, count against it too.
func Families(views []View, series config.Series, others int) ([]*dto.MetricFamily, error) {
	return gather(prometheus.NewRegistry(), views, series, others)
}

func gather(reg *prometheus.Registry, views []View, series config.Series, others int) ([]*dto.MetricFamily, error) {
	views = withSeries(views, series)
	targets := targetsOf(views)
	all := families(views, targets, allMetrics(series), series.Limit)
	all = applyLimit(all, targets, series.Limit, others)
	slices.SortFunc(all, func(a, b family) int { return strings.Compare(a.metric.Name, b.metric.Name) })
	if err := reg.Register(newConstMetrics(all, targets)); err != nil {
		return nil, fmt.Errorf("describe metrics: %w", err)
	}
	got, err := reg.Gather()
	if err != nil {
		return nil, fmt.Errorf("build metrics: %w", err)
	}
	return got, nil
}

// constMetrics hands finished metrics to a registry.
type constMetrics struct {
	descs   []*prometheus.Desc
	metrics []constMetric
}

var _ prometheus.Collector = (*constMetrics)(nil)

// Describe sends the description of each family.
func (c *constMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect sends the metrics in the order of the registry.
func (c *constMetrics) Collect(ch chan<- prometheus.Metric) {
	for i := range c.metrics {
		ch <- &c.metrics[i]
	}
}

// constMetric is a gauge whose parts were allocated together with those of its
// whole family.
type constMetric struct {
	desc  *prometheus.Desc
	pairs []*dto.LabelPair
	gauge *dto.Gauge
}

// Desc is the description of the family.
func (m *constMetric) Desc() *prometheus.Desc { return m.desc }

// Write fills out. It shares the parts, which nobody writes to.
func (m *constMetric) Write(out *dto.Metric) error {
	out.Label, out.Gauge = m.pairs, m.gauge
	return nil
}

func newConstMetrics(all []family, targets []target) *constMetrics {
	total := 0
	for i := range all {
		total += len(all[i].samples)
	}
	c := &constMetrics{metrics: make([]constMetric, 0, total)}
	for i := range all {
		c.add(&all[i], targets)
	}
	return c
}

func (c *constMetrics) add(f *family, targets []target) {
	desc := prometheus.NewDesc(f.metric.Name, f.metric.Help, f.labels, nil)
	c.descs = append(c.descs, desc)
	width := len(f.labels)
	pairs := make([]dto.LabelPair, len(f.samples)*width)
	refs := make([]*dto.LabelPair, len(pairs))
	gauges := make([]dto.Gauge, len(f.samples))
	values := make([]string, len(pairs))
	for i := range f.samples {
		s := &f.samples[i]
		for j, label := range f.sorted {
			at := i*width + j
			values[at] = s.label(label, targets)
			pairs[at].Name, pairs[at].Value = &f.labels[label], &values[at]
			refs[at] = &pairs[at]
		}
		gauges[i].Value = &s.value
		c.metrics = append(c.metrics, constMetric{desc, refs[i*width : (i+1)*width : (i+1)*width], &gauges[i]})
	}
}
