package web

import (
	"cmp"
	"time"

	"cloudip_exporter/inventory"
)

// rowsMax bounds each table: a browser stays quick, and more is for machines.
const rowsMax = 500

// listing is one table of the page.
type listing[T any] struct {
	Rows            []T
	Known, Matching int
	Among           int  // what those known were picked from, where they were
	Data            bool // a target has data of this kind, be it an empty list
	JSON            string
}

// Left is how many that match are not shown.
func (l listing[T]) Left() int { return l.Matching - len(l.Rows) }

// fill makes the rows of the first of those that match.
func (l *listing[T]) fill(n int, row func(i int) T) {
	l.Matching = n
	for i := range min(n, rowsMax) {
		l.Rows = append(l.Rows, row(i))
	}
}

// has takes note of data.
func (l *listing[T]) has(snap *inventory.Snapshot, collector string) {
	st := snap.State(collector)
	l.Data = l.Data || st != nil && st.Part != nil
}

// gauge is a bar, and what it says.
type gauge struct {
	Known   bool
	Percent int // rounded down: 100 is full
}

func gaugeOf(used, capacity float64) gauge {
	if capacity <= 0 {
		return gauge{}
	}
	return gauge{Known: true, Percent: int(min(used/capacity, 9.99) * 100)}
}

// Level names how urgent it is: high from where the alerts begin. The template
// of the bar has the same bounds.
func (g gauge) Level() string {
	switch {
	case g.Percent >= 95:
		return "full"
	case g.Percent >= 85:
		return "high"
	}
	return "low"
}

// compareTargets puts rows that are else equal in a fixed order.
func compareTargets(a, b *inventory.Snapshot) int {
	return cmp.Or(cmp.Compare(a.Cloud, b.Cloud), cmp.Compare(a.Project, b.Project))
}

// ages remembers the age of some collectors' data by target.
type ages map[*inventory.Snapshot]age

func (m ages) of(snap *inventory.Snapshot, now time.Time, collectors ...string) age {
	a, known := m[snap]
	if !known {
		a = ageOf(snap, now, collectors...)
		m[snap] = a
	}
	return a
}
