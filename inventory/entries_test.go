package inventory

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
)

func TestFactsOfAddressGroups(t *testing.T) {
	for name, tt := range map[string]struct{ entries, want string }{ // whether it has IPv4 and IPv6, their addresses, what is redundant
		"empty":                            {"", "{[false false] [0 0] 0}"},
		"one":                              {"10.0.0.1", "{[true false] [1 0] 0}"},
		"twice the same":                   {"10.0.0.1 10.0.0.1", "{[true false] [1 0] 1}"},
		"address in a cidr":                {"10.0.0.0/24 10.0.0.7", "{[true false] [256 0] 1}"},
		"two halves drop, the whole stays": {"10.0.0.0/25 10.0.0.128/25 10.0.0.0/24", "{[true false] [256 0] 2}"},
		"covered by the union of two":      {"10.0.0.0-10.0.0.9 10.0.0.5-10.0.0.14 10.0.0.8-10.0.0.11", "{[true false] [15 0] 1}"},
		"a chain keeps its ends":           {"10.0.0.0-10.0.0.3 10.0.0.2-10.0.0.5 10.0.0.4-10.0.0.7", "{[true false] [8 0] 1}"},
		"ties go as listed":                {"10.0.0.0-10.0.0.1 10.0.0.1-10.0.0.2 10.0.0.2-10.0.0.3 10.0.0.3-10.0.0.4 10.0.0.0-10.0.0.0", "{[true false] [5 0] 2}"},
		"mixed families":                   {"10.0.0.0/30 2001:db8::/64 2001:db8::1", "{[true true] [4 1.8446744073709552e+19] 1}"},
		"to the very last address":         {"255.255.255.255 255.255.255.254-255.255.255.255 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::/0", "{[true true] [2 3.402823669209385e+38] 2}"},
		"unread entries cover nothing":     {"10.0.0.9-10.0.0.1 10.0.0.1", "{[true false] [1 0] 0}"},
	} {
		g := group(strings.Fields(tt.entries)...)
		check.Equal(t, name, tt.want, fmt.Sprint(g.Facts()))
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
