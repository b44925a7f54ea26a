package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

func TestTheEndOfACredentialIsRightInAnyYear(t *testing.T) {
	for text, want := range map[string]float64{
		"9999-12-31T23:59:59.999999Z": 253402300799.999999,
		"9999-01-01T00:00:00Z":        253370764800,
		"2262-04-12T00:00:00Z":        9223372800,
		"2300-01-01T00:00:00.5Z":      10413792000.5,
		"2026-11-29T12:00:00Z":        1795953600,
		"1969-12-31T23:59:59.5Z":      -0.5,
	} {
		at := check.Get(time.Parse(time.RFC3339, text))(t)
		reg := prometheus.NewRegistry()
		m := NewMetrics(reg)
		m.Expires("c", "p", at)
		ends, n := metrictest.Sum(t, reg, "cloudip_credential_expiry_timestamp_seconds")
		check.Equal(t, text+": its end and series", []float64{want, 1}, []float64{ends, n})
		m.Expires("c", "p", time.Time{}) // a key that does not end has taken its place
		check.Equal(t, text+": families after it", 0, len(check.Get(reg.Gather())(t)))
	}
}

// lines counts the lines of an exposition and shows those of one target.
func lines(t *testing.T, g prometheus.Gatherer, cloud string) (all int, of map[string]string) {
	t.Helper()
	of = map[string]string{}
	for _, f := range check.Get(g.Gather())(t) {
		for _, m := range f.GetMetric() {
			if all++; m.GetHistogram() != nil {
				all += len(m.GetHistogram().GetBucket()) + 2
			}
			if slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == "cloud" && l.GetValue() == cloud }) {
				of[f.GetName()+fmt.Sprint(m.GetLabel())] = m.String()
			}
		}
	}
	return all, of
}

func TestTheSeriesOfOneTargetAreThoseOfTheWhole(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := NewMetrics(reg)
	fill := func(cloud string) {
		x := &Attempt{Service: "vpc", Operation: "list_ports", labels: func() (string, string) { return cloud, "p" }}
		m.Begin(cloud, "p", "vpc", "iam")
		_, begun := lines(t, reg, cloud)
		var names []string
		for series, sample := range begun {
			name, _, _ := strings.Cut(series, "[")
			names = append(names, name)
			check.Has(t, name, sample, "counter:{value:0 ")
		}
		slices.Sort(names)
		check.Equal(t, "series that begin at 0", []string{"cloudip_api_throttled_total", "cloudip_api_throttled_total", "cloudip_auth_failures_total", "cloudip_auth_logins_total"}, names)
		m.request(x, "200", time.Second)
		m.request(x, "429", time.Second)
		m.retry(x, reasonThrottled)
		m.Login(cloud, "p", time.Unix(1e9, 0))
		m.LoginFailed(cloud, "p")
		m.allowed(x, 5)
		for name, want := range map[string]float64{"cloudip_auth_logins_total": 1, "cloudip_auth_failures_total": 1, "cloudip_credential_expiry_timestamp_seconds": 1e9} {
			got, _ := metrictest.Sum(t, reg, name, cloud, "p")
			check.Equal(t, name, want, got)
		}
	}
	fill("a")
	fill("b")
	compare := func() {
		t.Helper()
		all, want := lines(t, reg, "a")
		alone, got := lines(t, m.Of("a", "p"), "a")
		check.Equal(t, "series of the target", want, got)
		check.Equal(t, "series counted", []int{all, alone}, []int{m.Series(), m.SeriesOf("a", "p")})
	}
	compare()
	check.Equal(t, "problems", 0, len(check.Get(testutil.GatherAndLint(reg))(t)))
	replaced := m.Session()
	replaced.Leave()
	replaced.LoginFailed("a", "p")
	failures, _ := metrictest.Sum(t, reg, "cloudip_auth_failures_total", "a", "p")
	check.Equal(t, "failures without that of a session that has left", 1, failures)
	m.Forget("b", "p")
	compare()
	m.Forget("a", "p")
	compare()
	check.Equal(t, "series left", 0, m.Series())
}
