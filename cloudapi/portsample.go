package cloudapi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cloudip_exporter/inventory"
)

const (
	samplesMost  = 8      // calls for samples
	samplesPer   = 50     // pages of the listing for each of them
	sampleTries  = 2      // networks that are tried
	sampleEnough = 200    // ports where a listing can be cut
	sampleMost   = 10_000 // ports of one sample, whatever the cloud sends
	sampleTime   = 2 * time.Second
)

// sample asks for some of the ports that follow, those of one network: what
// network a port is in says nothing of its id. It is no part of the listing, and
// one that fails only leaves it whole. It returns their ids, in order, and the
// calls that it took, fewer than extra.
func (l *portLead) sample(ctx context.Context, extra int, pageSize float64) (marks []inventory.ID, calls int) {
	// Where it takes longer it saves nothing.
	ctx, cancel := context.WithTimeout(ctx, max(sampleTime, 2*time.Since(l.begun)))
	defer cancel()
	most := max(1, min(samplesMost, extra*pagesPerExtra/samplesPer))
	for try := 0; try < sampleTries && calls < most && len(marks) < sampleEnough; try++ {
		filter, ok := l.choose(pageSize, most-calls)
		if !ok {
			break
		}
		delete(l.kinds, filter)
		ids, took := l.ask(ctx, filter, most-calls)
		calls += took
		marks = append(marks, ids...)
	}
	slices.SortFunc(marks, inventory.ID.Compare)
	return slices.Compact(marks), calls
}

// candidate is a filter that a sample may be asked for with.
type candidate struct {
	portFilter
	rank int     // 0 the best
	size float64 // ports to be expected
}

func (a candidate) compare(b candidate) int {
	size := cmp.Compare(b.size, a.size)
	if a.rank == 2 {
		size = -size
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), size, a.portFilter.compare(b.portFilter))
}

// choose finds the ports to ask for: the largest network that should well fit
// in one page, else those of one owner and status in a network, else the fewest
// that there are, unless even they are far too many.
func (l *portLead) choose(pageSize float64, calls int) (portFilter, bool) {
	var all []candidate
	for filter, seen := range l.kinds {
		c := candidate{portFilter: filter, size: float64(seen) / l.end()}
		switch {
		case c.size > pageSize/2:
			c.rank = 2
		case filter.owner != "":
			c.rank = 1
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return portFilter{}, false
	}
	best := slices.MinFunc(all, candidate.compare)
	return best.portFilter, best.size <= 4*pageSize*float64(calls)
}

// ask reads the ports that a filter lets through, in at most so many calls, and
// returns the ids of those behind the ones read so far.
func (l *portLead) ask(ctx context.Context, filter portFilter, most int) (marks []inventory.ID, calls int) {
	var places []float64
	calls = 1
	whole := true // read to its end
	q := portQuery{filter: filter, turn: func(int) bool {
		// A page without a mark is far from the end, or the filter is ignored.
		if whole = calls < most && len(marks) > 0; whole {
			calls++
		}
		return whole
	}}
	last := l.ids[len(l.ids)-1]
	for port, err := range l.project.portsAPI()(ctx, l.project, q) {
		if isItem(err) {
			continue
		}
		place, ok := port.ID.Place()
		if err != nil || !ok || len(places) == sampleMost {
			whole = false
			break
		}
		places = append(places, place)
		if port.ID.Compare(last) > 0 {
			marks, last = append(marks, port.ID), port.ID
		}
	}
	if whole && !even(places, 1) {
		return nil, calls // they are not as if by chance: the list is not as long as it seems
	}
	return marks, calls
}
