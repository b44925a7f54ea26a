package wire

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/test/check"
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
		NewMetrics(reg).Expires("c", "p", at)
		families, err := reg.Gather()
		if err != nil || len(families) != 1 {
			t.Fatalf("%v, %v", families, err)
		}
		if got := families[0].GetMetric()[0].GetGauge().GetValue(); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
