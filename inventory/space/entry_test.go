package space

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/test/golden"
)

// TestEntriesAndSizesAreThoseInTheFile has entries of address groups, prefixes and pools.
func TestEntriesAndSizesAreThoseInTheFile(t *testing.T) {
	golden.Cases(t, "testdata/sizes.txt", func(in string) string {
		word, text, _ := strings.Cut(in, " ")
		switch word {
		case "entry":
			r, err := ParseEntry(text)
			return fmt.Sprint(r, " ", err)
		case "prefix":
			p, _ := netip.ParsePrefix(text)
			return fmt.Sprint(PrefixSize(p), " ", EstimatedCapacity(p))
		}
		var pools []netipx.IPRange
		for _, field := range strings.Fields(text) {
			from, to, _ := strings.Cut(field, "-")
			pools = append(pools, netipx.IPRangeFrom(netip.MustParseAddr(from), netip.MustParseAddr(to)))
		}
		return fmt.Sprint(Size(Set(pools...)))
	})
}

// TestRedundantAgreesWithTheSlowWalk compares with the rule written out on sets
// of addresses.
func TestRedundantAgreesWithTheSlowWalk(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		entries := make([]netipx.IPRange, random.IntN(9))
		for i := range entries {
			from := 223 + byte(random.IntN(24))
			entries[i] = netipx.IPRangeFrom(netip.AddrFrom4([4]byte{255, 255, 255, from}), netip.AddrFrom4([4]byte{255, 255, 255, from + byte(random.IntN(9))}))
		}
		if got, want := Redundant(entries), slowWalk(entries); got != want {
			t.Fatalf("Redundant(%v) = %d, want %d", entries, got, want)
		}
	}
}

func slowWalk(entries []netipx.IPRange) int {
	left := slices.Clone(entries)
	order := slices.Clone(entries)
	slices.SortStableFunc(order, func(a, b netipx.IPRange) int { return RangeSize(a).Cmp(RangeSize(b)) })
	dropped := 0
	for _, r := range order {
		at := slices.Index(left, r)
		others := slices.Delete(slices.Clone(left), at, at+1)
		all := true
		for a := r.From(); a.IsValid() && a.Compare(r.To()) <= 0; a = a.Next() {
			all = all && slices.ContainsFunc(others, func(o netipx.IPRange) bool { return o.Contains(a) })
		}
		if all {
			left = others
			dropped++
		}
	}
	return dropped
}
