package simulator

import (
	"sync"
	"time"
)

// worldTick is the shortest time in which the demo's world changes.
const worldTick = 5 * time.Second

// world moves an estate. Its state at a moment depends on the seed and that
// moment only, whoever asked before.
type world struct {
	cloud  *Cloud
	start  time.Time
	speed  float64
	actors []actor

	mu   sync.Mutex
	last time.Duration
	ran  bool
}

// actor brings its part of the estate into the state of time t of the world.
type actor func(t time.Duration)

// since is the world's own time.
func (w *world) since(now time.Time) time.Duration {
	t := time.Duration(float64(now.Sub(w.start)) * w.speed)
	return max(0, t.Truncate(worldTick))
}

// wall is the time on the clock at time t of the world.
func (w *world) wall(t time.Duration) time.Time {
	return w.start.Add(time.Duration(float64(t) / w.speed))
}

// advance brings the estate to the present.
func (w *world) advance(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.since(now)
	if w.ran && t == w.last {
		return
	}
	w.last, w.ran = t, true
	w.cloud.mu.Lock()
	defer w.cloud.mu.Unlock()
	for _, act := range w.actors {
		act(t)
	}
}

// wave rises from 0 to 1 and falls back, again and again.
type wave struct {
	period, offset   time.Duration
	rise, hold, fall time.Duration // the rest of the period it is 0
}

// at is the wave's height, 0 to 1.
func (w wave) at(t time.Duration) float64 {
	x := (t + w.offset) % w.period
	switch {
	case x < w.rise:
		return float64(x) / float64(w.rise)
	case x < w.rise+w.hold:
		return 1
	case x < w.rise+w.hold+w.fall:
		return 1 - float64(x-w.rise-w.hold)/float64(w.fall)
	}
	return 0
}

// spell is on for a while in every period.
type spell struct{ period, from, to time.Duration }

func (s spell) on(t time.Duration) bool {
	x := t % s.period
	return s.from <= x && x < s.to
}

// began is when the present state, on or off, began.
func (s spell) began(t time.Duration) time.Duration {
	x, base := t%s.period, t-t%s.period
	switch {
	case x < s.from:
		return max(0, base-s.period+s.to)
	case x < s.to:
		return base + s.from
	}
	return base + s.to
}
