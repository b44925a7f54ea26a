package pages

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/storage"
)

const (
	spansMax   = 100    // of a line of time, the latest
	tenuresMax = 50_000 // that a page reads
)

// timeLine is who held an address in one project.
type timeLine struct {
	Target   string
	From     string
	Segments []segment
	Spans    []timeSpan // the latest first
	At       string     // the answer to the question who had it then
}

// timeSpan is time in which one had it, or nobody, or nobody watched.
type timeSpan struct {
	From, To   time.Time
	When, Long string
	Kind       kind
	What, Note string
	gaps       []storage.Gap // in which nobody watched who had it before and after
}

// tenures reads what is recorded. Where not all can be read, note says why.
func (v *view) tenures(q storage.Query) (all []storage.Tenure, gaps []storage.Gap, note string) {
	reader, err := v.History()
	switch {
	case errors.Is(err, storage.ErrNone):
		return nil, nil, "No history is kept: set storage.path in the configuration."
	case err == nil:
		gaps, err = reader.Gaps(v.context, q)
	}
	if err == nil {
		for t, failed := range reader.History(v.context, q) {
			if err = failed; err != nil || len(all) == tenuresMax {
				break
			}
			all = append(all, t)
		}
	}
	if err != nil {
		return nil, nil, "The history cannot be read: " + reason(err)
	}
	if len(all) == tenuresMax { // the latest are missing
		return nil, nil, "There are too many changes to show them here."
	}
	return all, gaps, ""
}

// timeLines are the lines of time of an address, one for each project.
func (v *view) timeLines(addr netip.Addr) (lines []timeLine, note string) {
	q := storage.Query{Cloud: v.get("cloud"), Project: v.get("project"), Addresses: netip.PrefixFrom(addr, addr.BitLen())}
	all, gaps, note := v.tenures(q)
	if note == "" && len(all) == 0 {
		note = "Nothing is recorded of it."
	}
	var at time.Time
	if text := v.get("at"); text != "" {
		var err error
		if at, err = storage.ParseTime(text, v.now); err != nil {
			v.fail(err)
		}
	}
	byTarget := map[string][]storage.Tenure{}
	var targets []string
	for _, t := range all {
		name := targetName(t.Cloud, t.Project)
		if byTarget[name] == nil {
			targets = append(targets, name)
		}
		byTarget[name] = append(byTarget[name], t)
	}
	if more := len(targets) - placesMax; more > 0 {
		note, targets = "Not shown: "+plural(more, "project")+" more.", targets[:placesMax]
	}
	for _, name := range targets {
		lines = append(lines, v.timeLine(name, byTarget[name], gaps, at))
	}
	return lines, note
}

func (v *view) timeLine(name string, tenures []storage.Tenure, gaps []storage.Gap, at time.Time) timeLine {
	slices.SortStableFunc(tenures, func(a, b storage.Tenure) int { return a.FirstSeen.Compare(b.FirstSeen) })
	l := timeLine{Target: name}
	until := tenures[0].FirstSeen // what came before is told
	for i := range tenures {
		t := &tenures[i]
		l.Spans = append(l.Spans, v.between(t, gaps, until, t.FirstSeen)...)
		s := v.spanOf(t, gaps)
		l.Spans = append(l.Spans, s)
		if s.To.After(until) {
			until = s.To
		}
	}
	l.Spans = append(l.Spans, v.between(&tenures[0], gaps, until, v.now)...)
	for _, s := range l.Spans {
		if !at.IsZero() && !s.From.After(at) && at.Before(s.To) {
			if slices.ContainsFunc(s.gaps, func(g storage.Gap) bool { return !g.Since.After(at) && at.Before(g.Until) }) {
				s.What += ", not watched"
			}
			l.At = fmt.Sprintf("At %s UTC: %s.", at.Format("2 Jan 2006, 15:04"), s.What)
		}
	}
	if !at.IsZero() && l.At == "" {
		l.At = fmt.Sprintf("At %s UTC nothing was recorded.", at.Format("2 Jan 2006, 15:04"))
	}
	l.Spans = l.Spans[max(0, len(l.Spans)-spansMax):]
	first := l.Spans[0].From
	l.From = moment(first, v.now)
	whole := max(v.now.Sub(first), time.Second).Seconds()
	draw := func(class string, from, to time.Time) {
		l.Segments = append(l.Segments, segment{class, percent(from.Sub(first).Seconds() / whole), percent(to.Sub(from).Seconds() / whole)})
	}
	for i := range l.Spans {
		s := &l.Spans[i]
		s.When, s.Long = moment(s.From, v.now)+" to "+moment(s.To, v.now), span(s.To.Sub(s.From))
		if !s.To.Before(v.now) {
			s.When = moment(s.From, v.now) + " to now"
		}
		draw(s.Kind.Class, s.From, s.To)
		for _, g := range s.gaps {
			draw("reserved", g.Since, g.Until)
		}
	}
	slices.Reverse(l.Spans)
	return l
}

func (v *view) spanOf(t *storage.Tenure, gaps []storage.Gap) timeSpan {
	s := timeSpan{From: t.FirstSeen, To: t.EndedBefore, Kind: kindOf(t.Holder)}
	if s.To.IsZero() {
		s.To = v.now
	}
	s.gaps = gapsOf(t, gaps, s.From, s.To)
	if n := len(s.gaps) - 1; n >= 0 && s.gaps[n].Until.Equal(t.EndedBefore) { // nobody knows when
		s.To, s.gaps = t.LastSeen, s.gaps[:n]
	}
	if !t.IdleSince.IsZero() {
		s.Kind = idle()
	}
	s.What = strings.TrimSpace(s.Kind.Name + " " + nameOf(t.DeviceName, short(t.Device.String())))
	s.Note = "Id " + short(t.Item.String()) + ". First seen at " + t.FirstSeen.UTC().Format("15:04:05")
	switch {
	case t.BeganAfter.IsZero():
		s.Note += ", by the first collection: it may have begun before."
	default:
		s.Note += "; nobody had it at " + moment(t.BeganAfter, v.now) + "."
	}
	if !t.EndedBefore.IsZero() {
		s.Note += " Last seen at " + moment(t.LastSeen, v.now) + "."
	}
	if len(s.gaps) > 0 {
		var unwatched time.Duration
		for _, g := range s.gaps {
			unwatched += g.Until.Sub(g.Since)
		}
		s.Note += " Not watched for " + span(unwatched) + " of it."
	}
	return s
}

// gapsOf are the gaps between two times in what shows t.
func gapsOf(t *storage.Tenure, gaps []storage.Gap, from, to time.Time) (found []storage.Gap) {
	for _, g := range gaps {
		if g.Cloud == t.Cloud && g.Project == t.Project && g.Collector == t.Kind.Collector() && g.Until.After(from) && g.Since.Before(to) {
			found = append(found, g)
		}
	}
	return found
}

// between is the time between two tenures: nobody had the address, or nobody watched.
func (v *view) between(t *storage.Tenure, gaps []storage.Gap, from, to time.Time) (spans []timeSpan) {
	add := func(until time.Time, k kind, what string) {
		if until.After(from) {
			spans = append(spans, timeSpan{From: from, To: until, Kind: k, What: what})
			from = until
		}
	}
	for _, g := range gapsOf(t, gaps, from, to) {
		add(g.Since, kind{Class: "free"}, "nobody")
		add(older(g.Until, to), kind{Class: "reserved"}, "not watched")
	}
	add(to, kind{Class: "free"}, "nobody")
	return spans
}
