package faults

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/collector"
	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

// ledger is one exposition.
type ledger metrictest.Series

func parse(t *testing.T, body string) ledger {
	t.Helper()
	return ledger(metrictest.Text(t, []byte(body)))
}

func family(key string) string { return metrictest.Family(key) }

func label(key, name string) string { return metrictest.Label(key, name) }

// of are the series of one family that have the labels, name, value, name, …
func (l ledger) of(name string, labels ...string) ledger {
	return ledger(metrictest.Series(l).Of(name, labels...))
}

func (l ledger) sum(name string, labels ...string) float64 {
	return metrictest.Series(l).Of(name, labels...).Total()
}

// failed are the collectors without success, cloud/project/collector.
func (l ledger) failed() []string {
	var names []string
	for key, v := range l.of("cloudip_collector_success") {
		if v != 1 {
			names = append(names, label(key, "cloud")+"/"+label(key, "project")+"/"+label(key, "collector"))
		}
	}
	slices.Sort(names)
	return names
}

// allFailed checks that no collector succeeded.
func (l ledger) allFailed(t *testing.T, what string) {
	t.Helper()
	if n := len(l.of("cloudip_collector_success")); n == 0 || len(l.failed()) != n {
		t.Errorf("%s: of %d collectors only these failed: %v", what, n, l.failed())
	}
}

// noneFailed checks that each collector succeeded.
func (l ledger) noneFailed(t *testing.T, what string) {
	t.Helper()
	check.Equal(t, what+": failed", "", strings.Join(l.failed(), " "))
}

// data are the series that tell what the clouds hold.
func (l ledger) data() ledger {
	out := maps.Clone(l)
	maps.DeleteFunc(out, func(key string, _ float64) bool {
		return metrictest.OfProcess(key) || family(key) == "cloudip_collector_success"
	})
	return out
}

// same compares the data of what is published with those of before. What is
// unaccounted is absent while one of the collectors that it is counted from fails.
func same(t *testing.T, what string, want, got ledger) {
	t.Helper()
	failed := slices.ContainsFunc(got.failed(), func(name string) bool {
		return slices.Contains([]string{"subnets", "ports", "private_ips"}, path.Base(name))
	})
	want, got = want.data(), got.data()
	maps.DeleteFunc(want, func(key string, _ float64) bool {
		return failed && family(key) == "cloudip_subnet_addresses_unaccounted"
	})
	metrictest.Compare(t, what, metrictest.Series(want), metrictest.Series(got))
}

// collectorCount is how many collectors a cloud of OTC has.
func collectorCount() int {
	return len(slices.DeleteFunc(collector.All(), func(c collector.Collector) bool { return !c.For(simulator.OTC) }))
}

// owned reports whether a collector publishes a family.
func owned(name, family string) bool {
	return slices.ContainsFunc(collector.All(), func(c collector.Collector) bool {
		return c.Name == name && slices.ContainsFunc(c.Metrics, func(m collector.Metric) bool { return m.Name == family })
	})
}
