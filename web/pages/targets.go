package pages

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/inventory"
)

// targetsPage shows what fails, and how old the data of each target are.
type targetsPage struct {
	*view
	Targets targetList
}

// targetList is a table of targets and collectors, those that fail first.
type targetList struct {
	Collectors []string
	Rows       []targetRow
	Matching   int
}

type targetRow struct {
	Name, Href, Probe, Provider string
	Failing                     int
	Ages                        []targetAge // one for each collector of the list
	Took                        string
}

// targetAge is the age of the data of a collector of a target.
type targetAge struct {
	Collector, Text string
	Class           string // x: fails; hide: the target has no such collector
}

func showTargets(v *view) any {
	v.Title, v.Nav = "Targets", "targets"
	v.form("q", "cloud", "project")
	return &targetsPage{v, v.targets()}
}

// targets lists the chosen targets that match the words, at most a page of them.
func (v *view) targets() targetList {
	var l targetList
	var found []*inventory.Snapshot
	for _, snap := range v.chosen {
		if !v.words.InText(snap.Cloud, snap.Project, snap.Provider) {
			continue
		}
		found = append(found, snap)
		for i := range snap.States {
			if name := snap.States[i].Collector; !slices.Contains(l.Collectors, name) {
				l.Collectors = append(l.Collectors, name)
			}
		}
	}
	l.Matching = len(found)
	slices.SortStableFunc(found, func(a, b *inventory.Snapshot) int { return cmp.Compare(failures(b), failures(a)) })
	for _, snap := range found[:min(len(found), rowsAPage)] {
		l.Rows = append(l.Rows, targetRowOf(snap, l.Collectors, v.now))
	}
	for i, name := range l.Collectors {
		l.Collectors[i] = strings.ReplaceAll(name, "_", " ")
	}
	return l
}

func failures(snap *inventory.Snapshot) (n int) {
	for i := range snap.States {
		if failing(&snap.States[i]) {
			n++
		}
	}
	return n
}

func targetRowOf(snap *inventory.Snapshot, collectors []string, now time.Time) targetRow {
	r := targetRow{
		Name: targetName(snap.Cloud, snap.Project), Provider: snap.Provider, Failing: failures(snap),
		Href:  link("./", "cloud", snap.Cloud, "project", snap.Project),
		Probe: link("probe", "cloud", snap.Cloud, "project", snap.Project),
	}
	var took time.Duration
	for _, name := range collectors {
		a := targetAge{Collector: strings.ReplaceAll(name, "_", " "), Text: unknown, Class: "hide"}
		if st := snap.State(name); st != nil {
			a.Text, a.Class = "no data", ""
			if st.Part != nil {
				a.Text = span(now.Sub(st.LastSuccess))
			}
			if failing(st) {
				a.Class, a.Text = "x", "✕ "+a.Text
			}
			took = max(took, st.Duration)
		}
		r.Ages = append(r.Ages, a)
	}
	r.Took = took.Round(100 * time.Millisecond).String()
	return r
}
