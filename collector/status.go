package collector

import (
	"time"

	"cloudip_exporter/inventory"
)

// statusMetrics are about the collectors themselves: each enabled one has them.
func statusMetrics() []Metric {
	return []Metric{
		stateGauge("cloudip_collector_success",
			"Whether the last collection was complete (1).",
			func(s *inventory.State) (float64, bool) { return boolValue(s.Success), true }),
		stateGauge("cloudip_collector_duration_seconds",
			"How long the last collection took.",
			func(s *inventory.State) (float64, bool) { return s.Duration.Seconds(), ran(s) }),
		stateGauge("cloudip_collector_last_success_timestamp_seconds",
			"When the published data were collected.",
			func(s *inventory.State) (float64, bool) { return unixSeconds(s.LastSuccess), s.Part != nil }),
		stateGauge("cloudip_collector_items",
			"Items in the published data, as the listing counts them.",
			ofPart(func(p *inventory.Part) int { return p.Items })),
		stateGauge("cloudip_collector_skipped_items",
			"Items missing in the published data, because they could not be read.",
			ofPart(func(p *inventory.Part) int { return p.Missing.N })),
	}
}

// ofPart is a figure of the last complete answer, absent while there is none.
func ofPart(figure func(*inventory.Part) int) func(*inventory.State) (float64, bool) {
	return func(s *inventory.State) (float64, bool) {
		if s.Part == nil {
			return 0, false
		}
		return float64(figure(s.Part)), true
	}
}

func stateGauge(name, help string, figure func(*inventory.State) (float64, bool)) Metric {
	return Metric{Name: name, Help: help, Labels: []string{"collector"}, Each: func(v View, emit Emit) {
		for i := range v.States {
			if value, ok := figure(&v.States[i]); ok {
				emit(value, v.States[i].Collector)
			}
		}
	}}
}

// ran reports whether a collection of the collector ever ended.
func ran(s *inventory.State) bool {
	return s.Duration > 0 || s.Success || s.Err != nil || s.Part != nil
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
