package collector

import (
	"time"

	"cloudip_exporter/inventory"
)

// statusMetrics are about the collectors themselves: each enabled one has them.
func statusMetrics() []Metric {
	return []Metric{
		stateGauge("cloudip_collector_success",
			"Whether the last collection of a collector was complete (1) or not (0).",
			func(s *inventory.State) (float64, bool) { return boolValue(s.Success), true }),
		stateGauge("cloudip_collector_duration_seconds",
			"How long the last collection of a collector took.",
			func(s *inventory.State) (float64, bool) { return s.Duration.Seconds(), ran(s) }),
		stateGauge("cloudip_collector_last_success_timestamp_seconds",
			"When the data now published of a collector was collected, in seconds since 1970.",
			func(s *inventory.State) (float64, bool) { return unixSeconds(s.LastSuccess), s.Part != nil }),
		stateGauge("cloudip_collector_items",
			"Items in the data now published of a collector, as its listing counts them.",
			ofPart(func(p *inventory.Part) int { return p.Items })),
		stateGauge("cloudip_collector_skipped_items",
			"Items missing in the data now published of a collector, because they could not be read.",
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
