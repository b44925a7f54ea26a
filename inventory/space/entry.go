package space

import (
	"fmt"
	"strings"

	"go4.org/netipx"
)

// ParseEntry reads one entry of an address group: an address, a range written
// "from-to", or a CIDR, whose host bits are masked away. A range that runs
// backwards or mixes the families is an error, and so is an address with a zone.
func ParseEntry(text string) (netipx.IPRange, error) {
	if strings.Contains(text, "/") {
		p, err := ParseCIDR(strings.TrimSpace(text))
		return netipx.RangeOfPrefix(p), err
	}
	from, to, isRange := strings.Cut(text, "-")
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
	return netipx.IPRange{}, fmt.Errorf("%s-%s runs backwards or mixes IPv4 with IPv6", a, b)
}
