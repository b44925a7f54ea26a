package web

import (
	"time"

	"cloudip_exporter/inventory"
)

const problemsMax = 20

// health is what comes first on the page: how old the data are and which
// collectors fail.
type health struct {
	Targets, Collectors int
	Complete, Waiting   int // of the collectors; waiting: nothing has ended yet
	Failing             int
	Oldest              age
	Problems            []problem
	More                int // problems that are not listed
}

// problem is one reason why collectors of a target fail.
type problem struct {
	Cloud, Project string
	Collectors     []string
	Age            age // of the older data that are shown meanwhile
	Reason         string
}

func healthOf(snaps []*inventory.Snapshot, now time.Time) health {
	s := health{Targets: len(snaps)}
	for _, snap := range snaps {
		for i := range snap.States {
			st := &snap.States[i]
			s.Collectors++
			switch {
			case st.Success:
				s.Complete++
			case failing(st):
				s.Failing++
			default:
				s.Waiting++
			}
			if st.Part != nil {
				s.Oldest.older(st.LastSuccess, now)
			}
		}
		s.Problems = append(s.Problems, problemsOf(snap, now)...)
	}
	if s.More = len(s.Problems) - problemsMax; s.More > 0 {
		s.Problems = s.Problems[:problemsMax]
	}
	return s
}

// problemsOf puts together the collectors that fail for the same reason.
func problemsOf(snap *inventory.Snapshot, now time.Time) []problem {
	var all []problem
	seen := map[string]int{}
	for i := range snap.States {
		st := &snap.States[i]
		if !failing(st) {
			continue
		}
		t := problem{Cloud: snap.Cloud, Project: snap.Project, Age: ageOf(snap, now, st.Collector), Reason: "the collection failed"}
		if st.Err != nil {
			t.Reason = st.Err.Error()
		}
		at, known := seen[t.Reason]
		if !known {
			at = len(all)
			seen[t.Reason] = at
			all = append(all, t)
		}
		all[at].Collectors = append(all[at].Collectors, st.Collector)
		if t.Age.Known() && all[at].Age.Known() {
			all[at].Age.older(t.Age.At, now)
		} else {
			all[at].Age = age{Failing: true} // one without data
		}
	}
	return all
}
