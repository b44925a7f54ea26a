package web

import (
	"time"

	"cloudip_exporter/inventory"
)

const troublesMax = 20

// standing is what comes first on the page: how old the data are and which
// collectors fail.
type standing struct {
	Targets, Collectors int
	Complete, Waiting   int // of the collectors; waiting: nothing has ended yet
	Failing             int
	Oldest              age
	Troubles            []trouble
	More                int // troubles that are not listed
}

// trouble is one reason why collectors of a target fail.
type trouble struct {
	Cloud, Project string
	Collectors     []string
	Age            age // of the data that stand in
	Reason         string
}

func standingOf(snaps []*inventory.Snapshot, now time.Time) standing {
	s := standing{Targets: len(snaps)}
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
		s.Troubles = append(s.Troubles, troublesOf(snap, now)...)
	}
	if s.More = len(s.Troubles) - troublesMax; s.More > 0 {
		s.Troubles = s.Troubles[:troublesMax]
	}
	return s
}

// troublesOf puts together the collectors that fail for the same reason.
func troublesOf(snap *inventory.Snapshot, now time.Time) []trouble {
	var all []trouble
	seen := map[string]int{}
	for i := range snap.States {
		st := &snap.States[i]
		if !failing(st) {
			continue
		}
		t := trouble{Cloud: snap.Cloud, Project: snap.Project, Age: ageOf(snap, now, st.Collector), Reason: "the collection failed"}
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
