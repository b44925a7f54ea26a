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
	for i := range all {
		if len(all[i].samples) > 0 {
			found = append(found, all[i].exposed(targets))
		}
	}
	return found
}

// exposed returns the family as encoders take it: gauges in the order of the samples,
// each with its labels in the order of their names. Its parts are allocated together.
func (f *family) exposed(targets []target) *dto.MetricFamily {
	width := len(f.labels)
	pairs := make([]dto.LabelPair, len(f.samples)*width)
	refs := make([]*dto.LabelPair, len(pairs))
	values := make([]string, len(pairs))
	gauges := make([]dto.Gauge, len(f.samples))
	metrics := make([]dto.Metric, len(f.samples))
	out := &dto.MetricFamily{Name: &f.metric.Name, Help: &f.metric.Help, Type: dto.MetricType_GAUGE.Enum(), Metric: make([]*dto.Metric, len(metrics))}
	for i := range f.samples {
		s := &f.samples[i]
		for j, label := range f.sorted {
			at := i*width + j
			values[at] = s.label(label, targets)
			pairs[at].Name, pairs[at].Value = &f.labels[label], &values[at]
			refs[at] = &pairs[at]
		}
		gauges[i].Value = &s.value
		metrics[i].Gauge, metrics[i].Label = &gauges[i], refs[i*width:(i+1)*width:(i+1)*width]
		out.Metric[i] = &metrics[i]
	}
	return out
}
