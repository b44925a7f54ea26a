package wire

import (
	"math"
	"testing"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

// paced has sent so many requests at a time, below a configured rate; 0: none is.
func paced(rate float64, sent int, at time.Time) pace {
	p := newPace()
	if rate > 0 {
		p.adopt(rate)
	}
	for range sent {
		p.send(at)
	}
	return p
}

func TestTheRateHalvesOnceForAnswersThatWereUnderWayTogether(t *testing.T) {
	start := time.Now()
	p := paced(10, 20, start)
	now := start.Add(2 * time.Second) // 10 a second
	for range 8 {
		p.decrease(throttledStep(), start, now, time.Minute, 0)
	}
	check.Equal(t, "half of 10", 5.0, p.current)
	again := now.Add(61 * time.Second)
	for range 5 {
		p.send(now.Add(time.Minute))
	}
	p.decrease(throttledStep(), now.Add(60*time.Second), again, 0, 0)
	check.Equal(t, "half of 5", 2.5, p.current)
}

func TestTheRateComesBackAndNeverAboveTheConfiguredOne(t *testing.T) {
	start := time.Now()
	p := paced(10, 10, start)
	p.decrease(throttledStep(), start, start.Add(time.Second), 0, 0)
	at, seconds := start.Add(time.Second), 0
	for ; p.current < 9 && seconds < 100; seconds++ {
		at = at.Add(time.Second)
		p.increase(at)
	}
	check.Equal(t, "seconds from 5 to 9 a second", 8, seconds)
	p.increase(at.Add(time.Hour))
	check.Equal(t, "an hour later", 10.0, p.current)
	p.adopt(4)
	check.Equal(t, "after the configuration said 4", 4.0, p.current)
}

func TestAnOutageTakesTheRateToAHalfAtMost(t *testing.T) {
	at := time.Now()
	p := paced(8, 0, at)
	for range 100 {
		p.send(at)
		at = at.Add(time.Second)
		p.decrease(unavailableStep(), at, at, 0, 0)
	}
	check.Equal(t, "half of 8", 4.0, p.current)
}

func TestWithoutAConfiguredRateTheOneThatWasSentIsHalved(t *testing.T) {
	start := time.Now()
	p, told, hours := paced(0, 200, start), paced(0, 200, start), paced(0, 200, start)
	p.decrease(throttledStep(), start, start.Add(2*time.Second), 3*time.Second, 0)
	check.Equal(t, "half of 100", 50.0, p.current)
	told.decrease(throttledStep(), start, start.Add(2*time.Second), 3*time.Second, 3*time.Second)
	check.Equal(t, "what 200 in 5 seconds are", 40.0, told.current)
	p.increase(start.Add(5*time.Second + 24*time.Hour))
	if math.IsInf(p.current, 1) || p.current < 100 {
		t.Errorf("rate %v a day later", p.current)
	}
	hours.decrease(throttledStep(), start, start.Add(2*time.Second), time.Hour, time.Hour)
	if hours.current < 40 {
		t.Errorf("rate %v after being told to wait an hour, want about the half of what was sent", hours.current)
	}
}

func TestLimitsFollowThoseWhoUseThem(t *testing.T) {
	l := &Limiters{}
	wide, narrow := config.Limits{RequestsPerSecond: 20, Concurrency: 8}, config.Limits{RequestsPerSecond: 2, Concurrency: 3}
	lim := l.Join("id", wide)
	if l.Join("id", narrow) != lim {
		t.Fatal("one credential has two limiters")
	}
	check.Equal(t, "a second and at once: the narrower", []float64{2, 3}, []float64{lim.pace.current, float64(lim.slots)})
	l.Leave("id", narrow)
	check.Equal(t, "a second and at once: those that are left", []float64{20, 8}, []float64{lim.pace.current, float64(lim.slots)})
	l.Leave("id", wide)
	check.Equal(t, "limiters that nobody uses", 0, len(l.byID))
}
