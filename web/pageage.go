package web

import (
	"fmt"
	"time"

	"cloudip_exporter/inventory"
)

// age is how old data are. The zero age means: no data.
type age struct {
	At      time.Time // UTC
	Text    string
	Failing bool // the last collection was not complete
}

// Known reports whether there is data at all.
func (a age) Known() bool { return !a.At.IsZero() }

// ageOf is the age of the oldest data among some collectors of a target. Those
// that are not enabled, or have no data, have no age.
func ageOf(snap *inventory.Snapshot, now time.Time, collectors ...string) age {
	var a age
	for _, name := range collectors {
		st := snap.State(name)
		if st == nil {
			continue
		}
		a.Failing = a.Failing || failing(st)
		if st.Part != nil {
			a.older(st.LastSuccess, now)
		}
	}
	return a
}

// older takes over a time that lies further back.
func (a *age) older(at, now time.Time) {
	if a.At.IsZero() || at.Before(a.At) {
		a.At, a.Text = at.UTC(), span(now.Sub(at))
	}
}

// failing reports whether the last collection failed; one that has not ended yet
// did not fail.
func failing(st *inventory.State) bool { return !st.Success && (st.Err != nil || st.Part != nil) }

// span writes a duration as people say it.
func span(d time.Duration) string {
	d = max(0, d) // the clock was set back
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}
