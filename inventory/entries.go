package inventory

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

const maxEntryBytes = 128 // two IPv6 addresses and more

// ParseEntry reads one entry of an address group: an address, a range written
// "from-to", or a CIDR, whose host bits are masked away. A range that runs
// backwards or mixes the families is an error, and so is an address with a zone.
func ParseEntry(text string) (Range, error) {
	s := strings.TrimSpace(text)
	if len(s) > maxEntryBytes {
		return Range{}, fmt.Errorf("read entry: %d bytes are too long", len(s))
	}
	if from, to, ok := strings.Cut(s, "-"); ok {
		return parseRange(from, to)
	}
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return Range{}, fmt.Errorf("read entry as a CIDR: %w", err)
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		r := netipx.RangeOfPrefix(p.Masked())
		return Range{r.From(), r.To()}, nil
	}
	a, err := parseAddr(s)
	return Range{a, a}, err
}

func parseRange(from, to string) (Range, error) {
	a, err := parseAddr(from)
	if err != nil {
		return Range{}, err
	}
	b, err := parseAddr(to)
	if err != nil {
		return Range{}, err
	}
	if r := (Range{a, b}); r.Valid() {
		return r, nil
	}
	return Range{}, fmt.Errorf("read entry: %q runs backwards or mixes IPv4 with IPv6", from+"-"+to)
}

func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("read entry as an address: %w", err)
	}
	if a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("read entry as an address: %q has a zone", s)
	}
	return a.Unmap(), nil
}

// EntryFacts is what the entries of one address group amount to.
type EntryFacts struct {
	Has       [2]bool    // entries of IPv4, of IPv6
	Addresses [2]float64 // distinct addresses covered, IPv4 and IPv6
	Redundant int        // entries that the others already cover
}

// IPVersion is the one address family of the group, "" where there are two or
// none. facts are those of the group.
func (g *AddressGroup) IPVersion(facts *EntryFacts) string {
	switch {
	case g.Version != "":
		return g.Version
	case facts.Has[0] && !facts.Has[1]:
		return "4"
	case facts.Has[1] && !facts.Has[0]:
		return "6"
	}
	return ""
}

// Facts counts what the entries cover. Redundant entries are found by walking
// the entries from the smallest to the largest, ties as listed, and dropping
// each that the union of those not dropped still covers. It takes n log n
// steps, whatever the entries are.
func (g *AddressGroup) Facts() EntryFacts {
	var facts EntryFacts
	var spans [2][]span
	for i := range g.Entries {
		r := g.Entries[i].Range
		switch {
		case !r.Valid(): // it could not be read
		case r.From.Is4():
			spans[0] = append(spans[0], spanOf(r))
		default:
			spans[1] = append(spans[1], spanOf(r))
		}
	}
	for family, s := range spans {
		facts.Has[family] = len(s) > 0
		facts.Redundant += redundant(s)
		facts.Addresses[family], _ = new(big.Float).SetInt(unionSize(s)).Float64()
	}
	return facts
}
