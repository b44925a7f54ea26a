package inventory

import (
	"net/netip"
	"testing"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
)

func TestFactsOfAddressGroups(t *testing.T) {
	for _, tt := range []struct {
		name    string
		entries []string
		want    EntryFacts
	}{
		{"empty", nil, EntryFacts{}},
		{"one", []string{"10.0.0.1"}, EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{1, 0}}},
		{"twice the same", []string{"10.0.0.1", "10.0.0.1"}, EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{1, 0}, Redundant: 1}},
		{"address in a cidr", []string{"10.0.0.0/24", "10.0.0.7"}, EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{256, 0}, Redundant: 1}},
		{"two halves drop, the whole stays", []string{"10.0.0.0/25", "10.0.0.128/25", "10.0.0.0/24"},
			EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{256, 0}, Redundant: 2}},
		{"covered by the union of two", []string{"10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.14", "10.0.0.8-10.0.0.11"},
			EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{15, 0}, Redundant: 1}},
		{"a chain keeps its ends", []string{"10.0.0.0-10.0.0.3", "10.0.0.2-10.0.0.5", "10.0.0.4-10.0.0.7"},
			EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{8, 0}, Redundant: 1}},
		{"ties go as listed", []string{"10.0.0.0-10.0.0.1", "10.0.0.1-10.0.0.2", "10.0.0.2-10.0.0.3", "10.0.0.3-10.0.0.4", "10.0.0.0-10.0.0.0"},
			EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{5, 0}, Redundant: 2}},
		{"mixed families", []string{"10.0.0.0/30", "2001:db8::/64", "2001:db8::1"},
			EntryFacts{Has: [2]bool{true, true}, Addresses: [2]float64{4, 18446744073709551616}, Redundant: 1}},
		{"to the very last address", []string{"255.255.255.255", "255.255.255.254-255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"},
			EntryFacts{Has: [2]bool{true, true}, Addresses: [2]float64{2, 340282366920938463463374607431768211456}, Redundant: 2}},
		{"unread entries cover nothing", []string{"10.0.0.9-10.0.0.1", "10.0.0.1"},
			EntryFacts{Has: [2]bool{true, false}, Addresses: [2]float64{1, 0}}},
	} {
		g := group(tt.entries...)
		check.Equal(t, tt.name+": Facts", tt.want, g.Facts())
	}
}

func TestFactsOfHostileGroupsAreQuick(t *testing.T) {
	g := AddressGroup{}
	for i := range 20000 { // all overlap all
		from := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		g.Entries = append(g.Entries, AddressGroupEntry{Range: netipx.IPRangeFrom(from, netip.AddrFrom4([4]byte{10, 200, byte(i >> 8), byte(i)}))})
	}
	begin := time.Now()
	facts := g.Facts()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("20000 overlapping entries took %v", took)
	}
	check.Equal(t, "Redundant", 19998, facts.Redundant)
}

func FuzzParseEntry(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "10.0.0.0/28", "10.0.0.5-10.0.0.9", "::/0", "fe80::1%eth0", "::ffff:1.2.3.4-1.2.3.9", "10.0.0.9-10.0.0.1"} {
		f.Add(s, "10.0.0.0/8")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		g := group(a, b)
		facts := g.Facts()
		if facts.Redundant < 0 || facts.Redundant > 1 {
			t.Errorf("%q, %q: Redundant = %d", a, b, facts.Redundant)
		}
		for i := range g.Entries {
			if r := g.Entries[i].Range; !r.IsZero() && (!r.IsValid() || !r.Contains(r.From()) || !r.Contains(r.To())) {
				t.Errorf("ParseEntry(%q) = %v, which is no range", g.Entries[i].Text, r)
			}
		}
		if facts.Redundant == 0 && g.Entries[0].Range.IsValid() && g.Entries[0].Range == g.Entries[1].Range {
			t.Errorf("%q, %q: equal entries and none redundant", a, b)
		}
	})
}

func group(entries ...string) AddressGroup {
	var g AddressGroup
	for _, text := range entries {
		r, _ := space.ParseEntry(text)
		g.Entries = append(g.Entries, AddressGroupEntry{Text: text, Range: r})
	}
	return g
}
