package query

import (
	"iter"
	"slices"
)

// First returns the first most of all in an order, 0 is all of them; equal ones stay as
// they come. It holds twice as many as it returns, but no more.
func First[T any](all iter.Seq[T], most int, compare func(a, b T) int) []T {
	var kept []T
	full := false // the first most so far are sorted, and in front
	for one := range all {
		if full && compare(one, kept[most-1]) >= 0 {
			continue
		}
		if kept = append(kept, one); most > 0 && len(kept)/2 >= most {
			slices.SortStableFunc(kept, compare)
			kept, full = slices.Delete(kept, most, len(kept)), true
		}
	}
	slices.SortStableFunc(kept, compare)
	if most > 0 && most < len(kept) {
		kept = kept[:most]
	}
	return kept
}
