package inventory

import (
	"net/netip"

	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
)

// EntryFacts is what the entries of one address group amount to.
type EntryFacts struct {
	Has       [2]bool    // the group is of IPv4, of IPv6: it has such entries, or the API says so
	Addresses [2]float64 // distinct addresses covered, IPv4 and IPv6
	Redundant int        // entries that the others already cover
}

// IPVersion is the one address family of the group, "" where there are two or none.
func (f *EntryFacts) IPVersion() string {
	switch f.Has {
	case [2]bool{true, false}:
		return "4"
	case [2]bool{false, true}:
		return "6"
	}
	return ""
}

// Facts counts what the entries cover. Which are redundant is said by
// space.Redundant.
func (g *AddressGroup) Facts() EntryFacts {
	var byFamily [2][]netipx.IPRange
	for i := range g.Entries {
		if r := g.Entries[i].Range; r.IsValid() {
			family := familyIndex(r.From())
			byFamily[family] = append(byFamily[family], r)
		}
	}
	var facts EntryFacts
	for family, ranges := range byFamily {
		facts.Has[family] = len(ranges) > 0 || g.Version == [2]string{"4", "6"}[family]
		facts.Redundant += space.Redundant(ranges)
		facts.Addresses[family] = space.Size(space.Set(ranges...))
	}
	return facts
}

// Covering returns the entries that cover a whole prefix, as listed.
func (g *AddressGroup) Covering(prefix netip.Prefix) []AddressGroupEntry {
	var entries []AddressGroupEntry
	whole := netipx.RangeOfPrefix(prefix)
	for i := range g.Entries {
		if r := g.Entries[i].Range; r.Contains(whole.From()) && r.Contains(whole.To()) {
			entries = append(entries, g.Entries[i])
		}
	}
	return entries
}
