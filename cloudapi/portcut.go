package cloudapi

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"cloudip_exporter/inventory"
)

const (
	standIns = 3 // ports that stand in for one behind which a part begins
	// Parts come in rounds, each half as long as those of the round before: the
	// short ones make up for what a worker was late with a long one.
	partRounds = 3
)

// even reports whether places, in order, lie between 0 and end as if by chance
// (Kolmogorov and Smirnov; one true sample in a thousand fails).
func even(places []float64, end float64) bool {
	if end <= 0 {
		return false
	}
	n, off := float64(len(places)), 0.0
	for i, place := range places {
		off = max(off, float64(i+1)/n-place/end, place/end-float64(i)/n)
	}
	return off <= 2/math.Sqrt(n)
}

// cutPorts cuts what follows the first ports of a listing, of which lead are the
// last ids, at some of marks into at most so many parts, the longest first. Ids
// are UUIDs in order; where they lie tells how long a part is.
func cutPorts(lead, marks []inventory.ID, most, workers int) []PortPart {
	lead = lead[max(0, len(lead)-1-standIns):]
	ids := slices.Concat(lead, marks)
	at := len(lead) - 1
	from := placeOf(ids[at])
	parts := []PortPart{{After: backFrom(ids, at)}}
	shares := partShares(most, workers)
	end := from
	for _, share := range shares[:len(shares)-1] {
		end += (1 - from) * share
		to := nearest(ids, end)
		if to <= at {
			continue
		}
		parts[len(parts)-1].Until = ids[to]
		parts = append(parts, PortPart{After: backFrom(ids, to)})
		at = to
	}
	slices.SortStableFunc(parts, func(a, b PortPart) int { return cmp.Compare(b.length(), a.length()) })
	return parts
}

// partShares are the shares of the parts in what there is to read.
func partShares(most, workers int) []float64 {
	if most > workers {
		most = min(most/workers, partRounds) * workers // whole rounds
	}
	shares, sum := make([]float64, max(1, most)), 0.0
	for i := range shares {
		shares[i] = math.Exp2(-float64(i / workers))
		sum += shares[i]
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares
}

// length is that of a part in the space of all UUIDs.
func (p PortPart) length() float64 {
	if p.Until.IsZero() {
		return 1 - placeOf(p.After[0])
	}
	return placeOf(p.Until) - placeOf(p.After[0])
}

func placeOf(id inventory.ID) float64 {
	place, _ := id.Place()
	return place
}

// backFrom are the id at i and those before it, which stand in for it.
func backFrom(ids []inventory.ID, i int) []inventory.ID {
	back := slices.Clone(ids[max(0, i-standIns) : i+1])
	slices.Reverse(back)
	return back
}

// nearest is which of the ids lies nearest to a place.
func nearest(ids []inventory.ID, place float64) int {
	i := sort.Search(len(ids), func(i int) bool { return placeOf(ids[i]) >= place })
	if i == len(ids) || i > 0 && place-placeOf(ids[i-1]) < placeOf(ids[i])-place {
		i--
	}
	return i
}
