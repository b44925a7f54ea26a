package faults

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"cloudip_exporter/collector"
	"cloudip_exporter/simulator"
)

// ledger is one exposition: value by series, a series being written as
// name{label="value",…} with its labels sorted.
type ledger map[string]float64

func parse(t *testing.T, body string) ledger {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatalf("the exposition is not valid: %v\n%.2000s", err, body)
	}
	l := ledger{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			var b strings.Builder
			b.WriteString(name + "{")
			for _, p := range m.GetLabel() {
				b.WriteString(p.GetName() + `="` + strings.ReplaceAll(p.GetValue(), `"`, "″") + `",`) // ends at the first quote
			}
			key := b.String() + "}"
			if _, twice := l[key]; twice {
				t.Errorf("%s is there twice", key)
			}
			l[key] = value(m)
			if m.TimestampMs != nil {
				t.Errorf("%s has a timestamp", key)
			}
		}
	}
	return l
}

func value(m *dto.Metric) float64 {
	switch {
	case m.Gauge != nil:
		return m.GetGauge().GetValue()
	case m.Counter != nil:
		return m.GetCounter().GetValue()
	case m.Untyped != nil:
		return m.GetUntyped().GetValue()
	case m.Summary != nil:
		return float64(m.GetSummary().GetSampleCount())
	}
	return float64(m.GetHistogram().GetSampleCount())
}

func family(key string) string { return key[:strings.IndexByte(key, '{')] }

func label(key, name string) string {
	_, rest, ok := strings.Cut(key, "{"+name+`="`)
	if !ok {
		_, rest, ok = strings.Cut(key, `",`+name+`="`)
	}
	if !ok {
		return ""
	}
	v, _, _ := strings.Cut(rest, `",`)
	return v
}

// of are the series of one family that have the labels, name, value, name, …
func (l ledger) of(name string, labels ...string) ledger {
	out := ledger{}
	for key, v := range l {
		if family(key) != name {
			continue
		}
		fits := true
		for i := 0; i < len(labels); i += 2 {
			fits = fits && label(key, labels[i]) == labels[i+1]
		}
		if fits {
			out[key] = v
		}
	}
	return out
}

func (l ledger) sum(name string, labels ...string) (sum float64) {
	for _, v := range l.of(name, labels...) {
		sum += v
	}
	return sum
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

// ofProcess are the families that follow from the process and its requests
// and not from what the clouds hold.
var ofProcess = regexp.MustCompile(`^(go_|process_|promhttp_|cloudip_(api_|auth_|credential_|config_|build_info|collector_duration|collector_success|collector_last_success))`)

// data are the series that tell what the clouds hold.
func (l ledger) data() ledger {
	out := maps.Clone(l)
	maps.DeleteFunc(out, func(key string, _ float64) bool { return ofProcess.MatchString(key) })
	return out
}

// same holds what is published against what was.
func same(t *testing.T, what string, want, got ledger) {
	t.Helper()
	want, got = want.data(), got.data()
	n := 0
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if v, ok := got[key]; !ok || v != want[key] {
			if n++; n <= 5 {
				t.Errorf("%s: %s is %v (there: %v), want %v", what, key, v, ok, want[key])
			}
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			if n++; n <= 5 {
				t.Errorf("%s: %s is new", what, key)
			}
		}
	}
	if len(want) == 0 {
		t.Errorf("%s: nothing to compare", what)
	}
}

// collectorCount is how many collectors a cloud of OTC has.
func collectorCount() int {
	return len(slices.DeleteFunc(collector.All(), func(c collector.Collector) bool { return !c.For(simulator.OTC) }))
}

// owned reports whether a collector publishes a family.
func owned(name, family string) bool {
	return slices.ContainsFunc(collector.MetricDocs(), func(d collector.Doc) bool { return d.Collector == name && d.Name == family })
}
