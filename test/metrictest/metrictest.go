// Package metrictest reads expositions for the tests of all packages.
package metrictest

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Series is an exposition: the value of each series by its Key. That of a
// histogram or a summary is its count.
type Series map[string]float64

// Key returns name{label="value",...} with the labels sorted; they are given as
// name, value, name, ...
func Key(name string, labels ...string) string {
	pairs := make([]string, len(labels)/2)
	for i := range pairs {
		pairs[i] = labels[2*i] + "=" + strconv.Quote(labels[2*i+1])
	}
	slices.Sort(pairs)
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// Family returns the metric name of a key.
func Family(key string) string { return key[:strings.IndexByte(key, '{')] }

// Label returns the value of a label of a key, "" when it has none.
func Label(key, name string) string {
	rest := key[strings.IndexByte(key, '{')+1:]
	for {
		label, after, ok := strings.Cut(rest, "=")
		if !ok {
			return ""
		}
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			return ""
		}
		if label == name {
			value, _ := strconv.Unquote(quoted)
			return value
		}
		rest = strings.TrimPrefix(after[len(quoted):], ",")
	}
}

// Of returns the series of a family ("" for any) that have the labels; they are given as
// name, value, name, ...
func (s Series) Of(family string, labels ...string) Series {
	out := Series{}
	for key, v := range s {
		fits := family == "" || Family(key) == family
		for i := 0; i < len(labels) && fits; i += 2 {
			fits = Label(key, labels[i]) == labels[i+1]
		}
		if fits {
			out[key] = v
		}
	}
	return out
}

// Total adds up all series.
func (s Series) Total() (sum float64) {
	for _, v := range s {
		sum += v
	}
	return sum
}

// Families reads the text format.
func Families(t testing.TB, body []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("the exposition is not valid: %v\n%.2000s", err, body)
	}
	return families
}

// Text reads the series of the text format.
func Text(t testing.TB, body []byte) Series {
	t.Helper()
	s := Series{}
	for _, f := range Families(t, body) {
		s.add(t, f)
	}
	return s
}

// Protobuf reads the series of the binary format.
func Protobuf(t testing.TB, body []byte) Series {
	t.Helper()
	s := Series{}
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	for {
		var f dto.MetricFamily
		if err := decoder.Decode(&f); errors.Is(err, io.EOF) {
			return s
		} else if err != nil {
			t.Fatal(err)
		}
		s.add(t, &f)
	}
}

func (s Series) add(t testing.TB, f *dto.MetricFamily) {
	t.Helper()
	for _, m := range f.GetMetric() {
		labels := make([]string, 0, 2*len(m.GetLabel()))
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetName(), l.GetValue())
		}
		key := Key(f.GetName(), labels...)
		if _, twice := s[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		if m.TimestampMs != nil {
			t.Errorf("%s has a timestamp", key)
		}
		s[key] = Value(m)
	}
}

// Value returns the value of a metric.
func Value(m *dto.Metric) float64 {
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

// OfProcess reports whether a family follows from the process, its requests and times,
// and not from what the clouds hold. It takes the name of a family or a whole key.
func OfProcess(name string) bool {
	for _, prefix := range []string{
		"go_", "process_", "promhttp_", "cloudip_api_", "cloudip_auth_", "cloudip_credential_", "cloudip_config_", "cloudip_build_info",
		"cloudip_collector_duration", "cloudip_collector_last_success",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Compare reports each series that differs from the wanted ones.
func Compare(t testing.TB, what string, want, got Series) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: nothing to compare", what)
	}
	if maps.Equal(want, got) { // the difference takes its time
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%.8000s", what, diff)
	}
}

// Sum adds up a family of a registry over the series that have all the values of
// labels, and counts these series.
func Sum(t testing.TB, registry prometheus.Gatherer, name string, values ...string) (sum, count float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := Series{}
	for _, f := range families {
		all.add(t, f)
	}
	all = all.Of(name)
	maps.DeleteFunc(all, func(key string, _ float64) bool {
		return slices.ContainsFunc(values, func(v string) bool { return !strings.Contains(key, "="+strconv.Quote(v)) })
	})
	return all.Total(), float64(len(all))
}
