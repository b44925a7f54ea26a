package web

import (
	"slices"
	"time"

	"cloudip_exporter/inventory"
)

// rowsMax bounds each table: a browser stays quick, and more is for machines.
const rowsMax = 500

// listing is one table of the page with its rows.
type listing struct {
	Rows            []pageRow
	Known, Matching int
	Among           int  // all rows of the listing, also those that belong in no table
	Data            bool // a target has data of this kind, be it an empty list
	JSON            string
}

// Left is how many that match are not shown.
func (l listing) Left() int { return l.Matching - len(l.Rows) }

// show fills in the table from snapshots: the first of the rows that match the
// filter.
func (t pageTable) show(snaps []*inventory.Snapshot, f *filter, now time.Time) listing {
	l := listing{JSON: f.JSON(t.Name)}
	type candidate struct {
		pageRow
		snap *inventory.Snapshot
	}
	var found []candidate
	for _, snap := range snaps {
		st := snap.State(t.Collector())
		l.Data = l.Data || st != nil && st.Part != nil
		for values := range t.Rows(snap) {
			row := pageRow{table: &t, values: values}
			l.Among++
			if t.belongs != nil && !t.belongs(&row) {
				continue
			}
			l.Known++
			if f.words.In(&t.Listing, values) {
				found = append(found, candidate{row, snap})
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		if t.urgency != nil {
			if c := t.urgency(&a.pageRow, &b.pageRow); c != 0 {
				return c
			}
		}
		return t.order(a.values, b.values)
	})
	l.Matching = len(found)
	ages := map[*inventory.Snapshot]age{}
	for _, c := range found[:min(len(found), rowsMax)] {
		if _, known := ages[c.snap]; !known {
			ages[c.snap] = ageOf(c.snap, now, t.collectors...)
		}
		c.Age = ages[c.snap]
		if t.gauge != nil {
			c.Gauge = t.gauge(&c.pageRow)
		}
		l.Rows = append(l.Rows, c.pageRow)
	}
	return l
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
