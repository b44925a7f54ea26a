package space

import (
	"fmt"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

const maxEntryBytes = 128 // two IPv6 addresses and more

// ParseEntry reads one entry of an address group: an address, a range written
// "from-to", or a CIDR, whose host bits are masked away. A range that runs
// backwards or mixes the families is an error, and so is an address with a zone.
func ParseEntry(text string) (netipx.IPRange, error) {
	s := strings.TrimSpace(text)
	if len(s) > maxEntryBytes {
		return netipx.IPRange{}, fmt.Errorf("read entry: %d bytes are too long", len(s))
	}
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return netipx.IPRange{}, fmt.Errorf("read entry as a CIDR: %w", err)
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		return netipx.RangeOfPrefix(p), nil
	}
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, err := ParseAddr(strings.TrimSpace(from))
	if err != nil {
		return netipx.IPRange{}, err
	}
	b, err := ParseAddr(strings.TrimSpace(to))
	if err != nil {
		return netipx.IPRange{}, err
	}
	if r := netipx.IPRangeFrom(a, b); r.IsValid() {
		return r, nil
	}
	return netipx.IPRange{}, fmt.Errorf("read entry: %q runs backwards or mixes IPv4 with IPv6", s)
}
