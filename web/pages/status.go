package pages

import (
	"fmt"
	"strings"
	"time"

	"cloudip_exporter/inventory"
)

// status is what comes first on each page: how old the data are, and what fails.
type status struct {
	Targets, Collectors int
	Complete, Waiting   int // of the collectors; waiting: nothing has ended yet
	Failing             int
	Ready               bool   // the first collection has ended
	Oldest              string // age of the oldest data, "" without data
	Idle                bool   // nothing was tried for longer than max_stale
	Problems            []problem
}

// Level names the icon: good, warn or bad.
func (s *status) Level() string {
	switch {
	case s.Failing > 0:
		return "bad"
	case s.Idle || s.Waiting > 0 || s.Collectors == 0:
		return "warn"
	}
	return "good"
}

// problem is one reason why collectors of a target fail.
type problem struct {
	Cloud, Project string
	Collectors     string
	Since          string // when they began to fail
	Shown          string // what is shown meanwhile
	Reason         string
	Overview       string // link
}

func statusOf(snaps []*inventory.Snapshot, now time.Time, o *Options) status {
	s := status{Targets: len(snaps), Ready: o.Ready()}
	var oldest time.Time
	for _, snap := range snaps {
		for i := range snap.States {
			st := &snap.States[i]
			s.Collectors++
			switch {
			case st.Success:
				s.Complete++
				s.Idle = s.Idle || now.Sub(st.LastSuccess) > o.MaxStale()
			case failing(st):
				s.Failing++
			default:
				s.Waiting++
			}
			if st.Part != nil {
				oldest = older(oldest, st.LastSuccess)
			}
		}
		s.Problems = append(s.Problems, problemsOf(snap, now)...)
	}
	if !oldest.IsZero() {
		s.Oldest = span(now.Sub(oldest))
	}
	return s
}

// failing reports whether the last collection failed; one that has not ended yet did
// not fail, and what a stored answer stands in for neither.
func failing(st *inventory.State) bool { return st.Err != nil }

// problemsOf puts together the collectors that fail for the same reason.
func problemsOf(snap *inventory.Snapshot, now time.Time) (all []problem) {
	var reasons []string
	failed := map[string][]*inventory.State{}
	for i := range snap.States {
		if st := &snap.States[i]; failing(st) {
			why := reason(st.Err)
			if failed[why] == nil {
				reasons = append(reasons, why)
			}
			failed[why] = append(failed[why], st)
		}
	}
	for _, why := range reasons {
		p := problem{Cloud: snap.Cloud, Project: snap.Project, Reason: why, Overview: link("./", "cloud", snap.Cloud, "project", snap.Project)}
		p.describe(failed[why], now)
		all = append(all, p)
	}
	return all
}

// describe says what the states of collectors that fail for one reason amount to.
func (p *problem) describe(states []*inventory.State, now time.Time) {
	var names []string
	var since, shown time.Time
	empty := false
	for _, st := range states {
		names = append(names, strings.ReplaceAll(st.Collector, "_", " "))
		since = older(since, st.FailingSince)
		if empty = empty || st.Part == nil; st.Part != nil {
			shown = older(shown, st.LastSuccess)
		}
	}
	p.Collectors = strings.Join(names, ", ")
	if !since.IsZero() {
		p.Since = fmt.Sprintf("since %s (%s)", moment(since, now), span(now.Sub(since)))
	}
	switch {
	case shown.IsZero():
		p.Shown = "nothing: there is no complete answer that is young enough"
	case empty:
		p.Shown = fmt.Sprintf("the answer of %s where there was one", moment(shown, now))
	default:
		p.Shown = fmt.Sprintf("the answer of %s, %s old", moment(shown, now), span(now.Sub(shown)))
	}
}

// oldest returns the oldest data among some collectors of a target, and whether one of
// them fails. Those that are not enabled, or have no data, have no age.
func oldest(snap *inventory.Snapshot, collectors ...string) (at time.Time, fails bool) {
	for _, name := range collectors {
		st := snap.State(name)
		if st == nil {
			continue
		}
		fails = fails || failing(st)
		if st.Part != nil {
			at = older(at, st.LastSuccess)
		}
	}
	return at, fails
}

// older returns the earlier of two times, of which a zero one does not count.
func older(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
