package collector

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/config"
)

// Families makes the metric families of all views, sorted by name and labels: the
// same state gives the same bytes. They must not be written to. Series beyond
// series.Limit are left out in a fixed order and counted in cloudip_series_dropped;
// the others, cloudip_ series from elsewhere in the same response, count against it too.
func Families(views []View, series config.Series, others int) []*dto.MetricFamily {
	views = withSeries(views, series)
	targets := targetsOf(views)
	all := families(views, targets, allMetrics(series), series.Limit)
	all = applyLimit(all, targets, series.Limit, others)
	slices.SortFunc(all, func(a, b family) int { return strings.Compare(a.metric.Name, b.metric.Name) })
	var found []*dto.MetricFamily
	labels := pairs{}
	for i := range all {
		if len(all[i].samples) > 0 {
			found = append(found, all[i].exposed(targets, labels))
			all[i].samples = nil
		}
	}
	return found
}

// pairs holds each label with each of its values once: most series of a subnet have
// the same ones.
type pairs map[[2]string]*dto.LabelPair

func (p pairs) of(name, value string) *dto.LabelPair {
	pair := p[[2]string{name, value}]
	if pair == nil {
		pair = &dto.LabelPair{Name: new(name), Value: new(value)}
		p[[2]string{name, value}] = pair
	}
	return pair
}

// exposed returns the family as encoders take it: gauges in the order of the samples,
// each with its labels in the order of their names. Its parts are allocated together.
func (f *family) exposed(targets []target, labels pairs) *dto.MetricFamily {
	width := len(f.labels)
	refs := make([]*dto.LabelPair, len(f.samples)*width)
	gauges := make([]dto.Gauge, len(f.samples))
	metrics := make([]dto.Metric, len(f.samples))
	values := make([]float64, len(f.samples))
	out := &dto.MetricFamily{Name: &f.metric.Name, Help: &f.metric.Help, Type: dto.MetricType_GAUGE.Enum(), Metric: make([]*dto.Metric, len(metrics))}
	for i := range f.samples {
		s, row := &f.samples[i], refs[i*width:(i+1)*width:(i+1)*width]
		for j, label := range f.sorted {
			row[j] = labels.of(f.labels[label], s.label(label, targets))
		}
		values[i] = s.value
		gauges[i].Value = &values[i]
		metrics[i].Gauge, metrics[i].Label = &gauges[i], row
		out.Metric[i] = &metrics[i]
	}
	return out
}
