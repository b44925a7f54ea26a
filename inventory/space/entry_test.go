package space

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go4.org/netipx"

	"cloudip_exporter/test/check"
)

func TestParseEntry(t *testing.T) {
	for _, tt := range []struct{ text, from, to string }{
		{"10.0.0.1", "10.0.0.1", "10.0.0.1"},
		{" 10.0.0.1 ", "10.0.0.1", "10.0.0.1"},
		{"::ffff:10.0.0.1", "10.0.0.1", "10.0.0.1"},
		{"10.0.0.0/28", "10.0.0.0", "10.0.0.15"},
		{"10.0.0.77/28", "10.0.0.64", "10.0.0.79"},
		{"0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
		{"::ffff:10.0.0.9/120", "10.0.0.0", "10.0.0.255"},
		{"2001:db8::5/126", "2001:db8::4", "2001:db8::7"},
		{"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"10.0.0.5-10.0.0.9", "10.0.0.5", "10.0.0.9"},
		{"10.0.0.5 - 10.0.0.5", "10.0.0.5", "10.0.0.5"},
		{"2001:db8::1-2001:db8::ff", "2001:db8::1", "2001:db8::ff"},
	} {
		check.Equal(t, tt.text, rng(tt.from, tt.to), check.Get(ParseEntry(tt.text))(t))
	}
}

func TestParseEntryRefusesWhatIsNoEntry(t *testing.T) {
	for _, text := range []string{"", "-", "/", "10.0.0.9-10.0.0.5", "10.0.0.1-2001:db8::1", "10.0.0.0/33", "10.0.0", "10.0.0.1-", "-10.0.0.1", "10.0.0.1-10.0.0.2-10.0.0.3", "any", "10.0.0.1/x", "fe80::1%eth0", "fe80::1%eth0-fe80::2%eth0", strings.Repeat("1", 1000)} {
		_, err := ParseEntry(text)
		check.Fails(t, text, err, "")
	}
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
