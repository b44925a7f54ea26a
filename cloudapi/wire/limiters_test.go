package wire

import (
	"testing"

	"cloudip_exporter/config"
)

func TestLimitsFollowThoseWhoUseThem(t *testing.T) {
	l := &Limiters{}
	wide, narrow := config.Limits{RequestsPerSecond: 20, Concurrency: 8}, config.Limits{RequestsPerSecond: 2, Concurrency: 3}
	lim := l.Join("id", wide)
	if l.Join("id", narrow) != lim {
		t.Fatal("one credential has two limiters")
	}
	if lim.pace.current != 2 || lim.slots != 3 {
		t.Errorf("got %v a second, %d at once, want the narrower", lim.pace.current, lim.slots)
	}
	l.Leave("id", narrow)
	if lim.pace.current != 20 || lim.slots != 8 {
		t.Errorf("got %v a second, %d at once, want those that are left", lim.pace.current, lim.slots)
	}
	l.Leave("id", wide)
	if len(l.byID) != 0 {
		t.Error("a limiter that nobody uses stays")
	}
}
