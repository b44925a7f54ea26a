package wire

import (
	"math"
	"testing"
	"time"
)

func TestTheRateHalvesOnceForAnswersThatWereUnderWayTogether(t *testing.T) {
	p := newPace()
	p.adopt(10)
	start := time.Now()
	for range 20 {
		p.send(start)
	}
	now := start.Add(2 * time.Second) // 10 a second
	for range 8 {
		p.decrease(throttledStep(), start, now, time.Minute, 0)
	}
	if p.current != 5 {
		t.Errorf("rate %v, want half of 10", p.current)
	}
	again := now.Add(61 * time.Second)
	for range 5 {
		p.send(now.Add(time.Minute))
	}
	p.decrease(throttledStep(), now.Add(60*time.Second), again, 0, 0)
	if p.current != 2.5 {
		t.Errorf("rate %v, want half of 5", p.current)
	}
}

func TestTheRateComesBackAndNeverAboveTheConfiguredOne(t *testing.T) {
	p := newPace()
	p.adopt(10)
	start := time.Now()
	for range 10 {
		p.send(start)
	}
	p.decrease(throttledStep(), start, start.Add(time.Second), 0, 0)
	at, seconds := start.Add(time.Second), 0
	for ; p.current < 9 && seconds < 100; seconds++ {
		at = at.Add(time.Second)
		p.increase(at)
	}
	if seconds != 8 {
		t.Errorf("from %v to 9 a second took %d s, want 8", 5.0, seconds)
	}
	if p.increase(at.Add(time.Hour)); p.current != 10 {
		t.Errorf("rate %v, want 10", p.current)
	}
	p.adopt(4)
	if p.current != 4 {
		t.Errorf("rate %v after the configuration said 4", p.current)
	}
}

func TestAnOutageTakesTheRateToAHalfAtMost(t *testing.T) {
	p := newPace()
	p.adopt(8)
	at := time.Now()
	for range 100 {
		p.send(at)
		at = at.Add(time.Second)
		p.decrease(unavailableStep(), at, at, 0, 0)
	}
	if p.current != 4 {
		t.Errorf("rate %v, want half of 8", p.current)
	}
}

func TestWithoutAConfiguredRateTheOneThatWasSentIsHalved(t *testing.T) {
	p := newPace()
	start := time.Now()
	for range 200 {
		p.send(start)
	}
	p.decrease(throttledStep(), start, start.Add(2*time.Second), 3*time.Second, 0)
	if p.current != 50 {
		t.Errorf("rate %v, want half of 100", p.current)
	}
	told := newPace()
	for range 200 {
		told.send(start)
	}
	told.decrease(throttledStep(), start, start.Add(2*time.Second), 3*time.Second, 3*time.Second)
	if told.current != 40 {
		t.Errorf("rate %v, want the 40 that 200 in 5 seconds are", told.current)
	}
	p.increase(start.Add(5*time.Second + 24*time.Hour))
	if math.IsInf(p.current, 1) || p.current < 100 {
		t.Errorf("rate %v a day later", p.current)
	}

	hours := newPace()
	for range 200 {
		hours.send(start)
	}
	hours.decrease(throttledStep(), start, start.Add(2*time.Second), time.Hour, time.Hour)
	if hours.current < 40 {
		t.Errorf("rate %v after being told to wait an hour, want about the half of what was sent", hours.current)
	}
}
