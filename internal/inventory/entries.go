package inventory

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

// ParseEntry reads one entry of an address group: an address, a range written
// "from-to", or a CIDR, whose host bits are masked away. A range that runs
// backwards or mixes the families is an error.
func ParseEntry(text string) (Range, error) {
	s := strings.TrimSpace(text)
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
	a, err := netip.ParseAddr(s)
	if err != nil {
		return Range{}, fmt.Errorf("read entry as an address: %w", err)
	}
	a = a.Unmap().WithZone("")
	return Range{a, a}, nil
}

func parseRange(from, to string) (Range, error) {
	a, err := netip.ParseAddr(strings.TrimSpace(from))
	if err != nil {
		return Range{}, fmt.Errorf("read entry as a range: %w", err)
	}
	b, err := netip.ParseAddr(strings.TrimSpace(to))
	if err != nil {
		return Range{}, fmt.Errorf("read entry as a range: %w", err)
	}
	r := Range{a.Unmap().WithZone(""), b.Unmap().WithZone("")}
	if !r.Valid() {
		return Range{}, fmt.Errorf("read entry as a range: %q runs backwards or mixes IPv4 with IPv6", from+"-"+to)
	}
	return r, nil
}

// EntryFacts is what the entries of one address group amount to.
type EntryFacts struct {
	Has       [2]bool    // entries of IPv4, of IPv6
	Addresses [2]float64 // distinct addresses covered, IPv4 and IPv6
	Redundant int        // entries that the others already cover
	Unread    int        // entries that could not be read
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
		case !r.Valid():
			facts.Unread++
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
