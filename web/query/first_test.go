package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cloudip_exporter/test/check"
)

func TestTheFirstOfManyAreFoundWithoutSortingTheOthers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		all := make([][2]int, r.IntN(300)) // what counts, and a number
		for i := range all {
			all[i] = [2]int{r.IntN(1 + round), i}
		}
		compared := 0
		compare := func(a, b [2]int) int { compared++; return a[0] - b[0] }
		sorted := slices.SortedStableFunc(slices.Values(all), compare)
		for most := range 20 {
			want := sorted
			if most > 0 {
				want = sorted[:min(most, len(all))]
			}
			check.Equal(t, fmt.Sprintf("the first %d of %d", most, len(all)), fmt.Sprint(want), fmt.Sprint(First(slices.Values(all), most, compare)))
		}
		compared = 0
		First(slices.Values(sorted), 5, compare)
		if compared > len(all)+100 {
			t.Errorf("%d comparisons for the first 5 of %d", compared, len(all))
		}
	}
}
