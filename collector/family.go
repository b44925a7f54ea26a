package collector

import (
	"math"
	"slices"
	"strings"

	"cloudip_exporter/config"
	"cloudip_exporter/text"
)

// family is one metric family under construction.
type family struct {
	metric  *Metric
	labels  []string // all label names, in the order of sample.labels
	sorted  []int    // the order of labels by name, in which they are published
	samples []sample
	lost    int // series that were not even kept, since the family alone exceeds the limit
}

type sample struct {
	value  float64
	target int      // index of the view
	labels []string // values, without those of the target
}

// noTarget marks samples that belong to no target.
const noTarget = -1

// target holds the label values of one view.
type target struct{ cloud, project string }

// families runs all rows over all views. The samples of each family are sorted
// and no two have the same labels. A family that limit is sure to give up is
// only counted, so that a million of its series cost no memory.
func families(views []View, targets []target, metrics []Metric, limit int) []family {
	all := make([]family, len(metrics))
	for i := range metrics {
		f := &all[i]
		f.describe(&metrics[i], "cloud", "project")
		most := math.MaxInt
		if limit > 0 && f.metric.PerItem > 0 {
			most = limit
		}
		for t := range views {
			f.metric.Each(views[t], func(value float64, labels ...string) {
				if len(f.samples)+f.lost >= most {
					f.lost += len(f.samples) + 1
					f.samples = nil
					return
				}
				for j, l := range labels {
					labels[j] = text.Label(l)
				}
				f.samples = append(f.samples, sample{value, t, labels})
			})
		}
		f.sort(targets)
		f.dedupe(targets)
	}
	return all
}

func targetsOf(views []View) []target {
	targets := make([]target, len(views))
	for i, v := range views {
		targets[i] = target{text.Label(v.Cloud), text.Label(v.Project)}
	}
	return targets
}

func (f *family) describe(m *Metric, before ...string) {
	f.metric = m
	f.labels = slices.Concat(before, m.Labels)
	f.sorted = make([]int, len(f.labels))
	for i := range f.sorted {
		f.sorted[i] = i
	}
	slices.SortFunc(f.sorted, func(a, b int) int { return strings.Compare(f.labels[a], f.labels[b]) })
}

// label is the value of the i-th label of the family.
func (s *sample) label(i int, targets []target) string {
	switch {
	case s.target == noTarget:
		return s.labels[i]
	case i == 0:
		return targets[s.target].cloud
	case i == 1:
		return targets[s.target].project
	}
	return s.labels[i-2]
}

func (f *family) compare(a, b *sample, targets []target) int {
	for _, i := range f.sorted {
		if c := strings.Compare(a.label(i, targets), b.label(i, targets)); c != 0 {
			return c
		}
	}
	return 0
}

// sort puts the samples in the order of their labels. Equal ones stay as they came.
func (f *family) sort(targets []target) {
	compare := func(a, b sample) int { return f.compare(&a, &b, targets) }
	if !slices.IsSortedFunc(f.samples, compare) {
		slices.SortStableFunc(f.samples, compare)
	}
}

// dedupe joins samples with the same labels: two of them would fail the scrape.
func (f *family) dedupe(targets []target) {
	kept := f.samples[:0]
	for _, s := range f.samples {
		if n := len(kept); n > 0 && f.compare(&kept[n-1], &s, targets) == 0 {
			if f.metric.Sums {
				kept[n-1].value += s.value
			}
			continue
		}
		kept = append(kept, s)
	}
	f.samples = kept
}

// allMetrics is every row of this package that belongs to a target, with all its labels.
func allMetrics(series config.Series) []Metric {
	var rows []Metric
	for _, c := range All() {
		rows = append(rows, c.Metrics...)
	}
	for i := range rows {
		if m := &rows[i]; m.Tags {
			m.Labels = slices.Clone(m.Labels)
			for _, tag := range series.Tags {
				m.Labels = append(m.Labels, text.TagLabel(tag))
			}
		}
	}
	return append(rows, statusMetrics()...)
}

func withSeries(views []View, series config.Series) []View {
	views = slices.Clone(views)
	for i := range views {
		views[i].Series = series
	}
	return views
}
