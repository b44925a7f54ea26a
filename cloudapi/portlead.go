package cloudapi

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"
	"time"

	"cloudip_exporter/inventory"
)

const (
	leadPorts = 1000 // ports that tell how many there are to within a few percent
	leadPages = 2    // that show what follows what

	pagesPerExtra = 5 // for so many pages one call more: a fifth at most
)

// portLead is the beginning of a listing of ports of which nothing is known
// from before. Ids of ports are random, so it tells how many ports there are,
// and the ids of any few tell where the rest can be cut into parts.
type portLead struct {
	project *Project
	begun   time.Time

	ids       []inventory.ID // in order
	places    []float64      // of the ids
	backwards int            // ports that were not in order
	kinds     map[portFilter]int
	pages     int

	decided bool
	parts   []PortPart // of what follows; none: the listing goes on as it is
}

// unknownPorts lists ports of which nothing is known from before. A few pages
// are read one after the other; where many more follow these are cut at ports
// that a sample shows, and read in parts.
func (p *Project) unknownPorts(ctx context.Context) iter.Seq2[inventory.Port, error] {
	if !p.portsHaveFilters() || p.Config().Limits.Concurrency < 2 {
		return p.Ports(ctx)
	}
	return func(yield func(inventory.Port, error) bool) {
		lead := &portLead{project: p, begun: time.Now(), kinds: make(map[portFilter]int)}
		q := portQuery{turn: func(read int) bool { return lead.goesOn(ctx, read) }}
		for port, err := range p.portsAPI()(ctx, p, q) {
			if err == nil && !lead.decided {
				lead.see(&port)
			}
			lead.decided = lead.decided || errors.Is(err, ErrAgain) // it changes too fast
			if !yield(port, err) {
				return
			}
		}
		if len(lead.parts) > 0 {
			p.knownParts(ctx, lead.parts, yield)
		}
	}
}

// see takes note of a port.
func (l *portLead) see(p *inventory.Port) {
	place, ok := p.ID.Place()
	n := len(l.ids)
	switch {
	case !ok:
		l.decided = true // ids of another kind tell nothing
		return
	case n > 0 && p.ID.Compare(l.ids[n-1]) <= 0:
		l.backwards++
		l.decided = tooManyBackwards(l.backwards, n)
		return
	}
	l.ids, l.places = append(l.ids, p.ID), append(l.places, place)
	network := portFilter{network: p.NetworkID}
	if network.network.IsZero() {
		return
	}
	l.kinds[network]++
	if p.Owner != "" && p.Status != "" {
		l.kinds[portFilter{p.NetworkID, p.Owner, p.Status}]++
	}
}

// end is where among all UUIDs the ports read so far end.
func (l *portLead) end() float64 { return l.places[len(l.places)-1] }

// goesOn is asked before each further page, with the number of ports so far:
// does the listing go on with it, or are there parts to be read instead?
func (l *portLead) goesOn(ctx context.Context, read int) bool {
	if l.decided {
		return true
	}
	l.pages++
	n := len(l.ids)
	if l.pages < leadPages || n < leadPorts {
		return true
	}
	l.decided = true
	if !l.paced() && even(l.places, l.end()) {
		pages := float64(l.pages) / l.end() * (1 - 2/math.Sqrt(float64(n))) // at least, in all
		l.cut(ctx, int(pages/pagesPerExtra), float64(read)/float64(l.pages))
	}
	l.ids, l.places, l.kinds = nil, nil, nil
	return len(l.parts) == 0
}

// paced reports whether pages come as fast as requests may be sent: then parts
// would not be faster, and their extra calls only cost.
func (l *portLead) paced() bool {
	perSecond := l.project.Config().Limits.RequestsPerSecond
	each := time.Since(l.begun).Seconds() / float64(l.pages)
	return perSecond > 0 && each <= 1.5/perSecond
}

// cut finds the parts of what follows, if so many extra calls are enough for
// a sample and for pages that are read for the end of a part alone.
func (l *portLead) cut(ctx context.Context, extra int, pageSize float64) {
	if extra < 2 {
		return
	}
	marks, calls := l.sample(ctx, extra, pageSize)
	workers := l.project.Config().Limits.Concurrency
	if parts := cutPorts(l.ids, marks, extra-calls+1, workers); len(parts) > 1 {
		l.parts = slices.Clip(parts)
	}
}
