package pages

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/storage"
)

const (
	graphDays   = 30
	graphPoints = 60
	changesMax  = 12
)

// past is what is recorded of a subnet in the last days.
type past struct {
	Note    string // why there is nothing
	Graph   *graph
	Changes []change
	since   map[holder]time.Time
	idle    map[holder]time.Time
}

type holder struct {
	address netip.Addr
	port    inventory.ID
}

// graph is the number of addresses held, drawn 300 wide and 100 high.
type graph struct {
	Curve, Area string    // paths
	Gaps        []segment // in units of the drawing: nobody watched
	Most        string    // what the top of the drawing is
	Text        string
	From        string
}

type change struct {
	When, Sign, Address, Href, What string

	at time.Time
}

func (v *view) pastOf(snap *inventory.Snapshot, s *inventory.Subnet) past {
	begin := v.now.AddDate(0, 0, -graphDays)
	all, gaps, note := v.tenures(storage.Query{Cloud: snap.Cloud, Project: snap.Project, Subnet: s.ID, Since: begin})
	p := past{Note: note, since: map[holder]time.Time{}, idle: map[holder]time.Time{}}
	all = slices.DeleteFunc(all, func(t storage.Tenure) bool { return t.Address.Is4() != s.Prefix.Addr().Is4() })
	if p.Note != "" || len(all) == 0 {
		return p
	}
	for i := range all {
		t := &all[i]
		if at := (holder{t.Address, t.Item}); t.EndedBefore.IsZero() {
			p.since[at], p.idle[at] = t.FirstSeen, t.IdleSince
		}
		who := strings.TrimSpace(kindOf(t.Holder).Name + " " + nameOf(t.DeviceName, short(t.Device.String())))
		if t.FirstSeen.After(begin) && !t.BeganAfter.IsZero() {
			p.Changes = append(p.Changes, v.change(t, t.FirstSeen, "+", "taken by "+who))
		}
		if !t.EndedBefore.IsZero() {
			p.Changes = append(p.Changes, v.change(t, t.EndedBefore, "−", "given back by "+who))
		}
	}
	slices.SortStableFunc(p.Changes, func(a, b change) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	p.Changes = p.Changes[:min(len(p.Changes), changesMax)]
	p.Graph = v.graph(all, gaps, begin, s)
	return p
}

func (v *view) change(t *storage.Tenure, at time.Time, sign, what string) change {
	return change{moment(at, v.now), sign, t.Address.String(), addressLink(t.Address.String()), what, at}
}

// graph draws how many addresses were held since begin, or since the first record.
func (v *view) graph(all []storage.Tenure, gaps []storage.Gap, begin time.Time, s *inventory.Subnet) *graph {
	first := v.now
	for i := range all {
		first = older(first, all[i].FirstSeen)
	}
	if first.After(begin) {
		begin = first
	}
	if v.now.Sub(begin) < time.Minute {
		return nil
	}
	step := v.now.Sub(begin) / graphPoints
	var counts [graphPoints + 1]int
	for i := range counts {
		at := begin.Add(time.Duration(i) * step)
		for k := range all {
			if t := &all[k]; !t.FirstSeen.After(at) && (t.EndedBefore.IsZero() || t.EndedBefore.After(at)) {
				counts[i]++
			}
		}
	}
	most := float64(max(slices.Max(counts[:]), 1))
	if c := s.Usage.Capacity; c != nil && *c < 4*most {
		most = max(most, *c)
	}
	g := &graph{Most: figure(most), From: moment(begin, v.now)}
	var curve strings.Builder
	for i, n := range counts {
		fmt.Fprintf(&curve, "%c%d %.1f", "ML"[min(i, 1)], 300*i/graphPoints, 100-92*float64(n)/most)
	}
	g.Curve = curve.String()
	g.Area = g.Curve + "L300 100L0 100z"
	for _, gap := range gaps {
		if gap.Collector == "ports" && gap.Until.After(begin) {
			x := max(gap.Since.Sub(begin).Seconds(), 0) * 300 / v.now.Sub(begin).Seconds()
			w := gap.Until.Sub(begin).Seconds()*300/v.now.Sub(begin).Seconds() - x
			g.Gaps = append(g.Gaps, segment{"", fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", max(w, 0.5))})
		}
	}
	g.Text = fmt.Sprintf("Addresses held since %s: from %s to %s", g.From, figure(counts[0]), figure(counts[graphPoints]))
	if len(g.Gaps) > 0 {
		g.Text += ", not watched " + plural(len(g.Gaps), "time")
	}
	return g
}
