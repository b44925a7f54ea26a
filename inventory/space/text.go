package space

import (
	"fmt"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

// ParseAddr reads an address that a person wrote: without a zone, and IPv4 where it is
// mapped into IPv6.
func ParseAddr(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is no IP address", text)
	}
	return a.Unmap(), nil
}

// ParsePrefix reads an address or a CIDR that a person wrote. Host bits do not count.
func ParsePrefix(text string) (netip.Prefix, error) {
	if a, err := ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%q is neither an IPv4 or IPv6 address nor a CIDR", text)
	}
	return p.Masked(), nil
}

// AddrText returns an address as text, "" for none.
func AddrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

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
