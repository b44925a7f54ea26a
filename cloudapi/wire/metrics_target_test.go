package wire

import (
	"fmt"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/prometheus/client_golang/prometheus"
)

// lines counts the lines of an exposition and shows those of one target.
func lines(t *testing.T, g prometheus.Gatherer, cloud string) (all int, of map[string]string) {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	of = map[string]string{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if h := m.GetHistogram(); h != nil {
				all += len(h.GetBucket()) + 3
			} else {
				all++
			}
			if labelOf(m, "cloud") == cloud {
				of[f.GetName()+fmt.Sprint(m.GetLabel())] = m.String()
			}
		}
	}
	return all, of
}

func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func TestTheSeriesOfOneTargetAreThoseOfTheWhole(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := NewMetrics(reg)
	fill := func(cloud string) {
		x := &Attempt{Service: "vpc", Operation: "list_ports", labels: func() (string, string) { return cloud, "p" }}
		m.Begin(cloud, "p", "vpc", "iam")
		m.request(x, "200", time.Second)
		m.request(x, "429", time.Second)
		m.retry(x, reasonThrottled)
		m.Login(cloud, "p", time.Unix(1e9, 0))
		m.LoginFailed(cloud, "p")
		m.allowed(x, 5)
	}
	fill("a")
	fill("b")
	check := func() {
		t.Helper()
		all, want := lines(t, reg, "a")
		alone, got := lines(t, m.Of("a", "p"), "a")
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("of the target:\n%v\nof the whole:\n%v", got, want)
		}
		if m.Series() != all || m.SeriesOf("a", "p") != alone {
			t.Errorf("%d and %d series were counted, want %d and %d", m.Series(), m.SeriesOf("a", "p"), all, alone)
		}
	}
	check()
	m.Forget("b", "p")
	check()
	m.Forget("a", "p")
	check()
	if m.Series() != 0 {
		t.Errorf("%d series are left", m.Series())
	}
}
