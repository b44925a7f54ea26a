package page

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// ParseAddr reads one address: unmapped, and without a zone, which has no
// meaning outside the host that wrote it.
func ParseAddr(text []byte) (netip.Addr, error) {
	if a, ok := parseIPv4(text); ok {
		return a, nil
	}
	if len(text) > 64 {
		return netip.Addr{}, errors.New("an address is too long")
	}
	a, err := netip.ParseAddr(string(text))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s is not an address", apierr.QuoteValue(string(text)))
	}
	if a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("address %s has a zone", apierr.QuoteValue(string(text)))
	}
	return a.Unmap(), nil
}

// parseIPv4 reads a dotted address without making a string of it, since a large
// project has a million of them. What it does not take, netip may.
func parseIPv4(text []byte) (netip.Addr, bool) {
	var octets [4]byte
	n, value, digits := 0, 0, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if digits > 0 && value == 0 { // no leading zeros
				return netip.Addr{}, false
			}
			value = value*10 + int(c-'0')
			digits++
			if value > 255 {
				return netip.Addr{}, false
			}
		case c == '.' && digits > 0 && n < 3:
			octets[n] = byte(value)
			n, value, digits = n+1, 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	if n != 3 || digits == 0 {
		return netip.Addr{}, false
	}
	octets[3] = byte(value)
	return netip.AddrFrom4(octets), true
}

// ParsePrefix reads a CIDR and masks its host bits; an IPv4 prefix written in
// the IPv4-mapped form becomes IPv4.
func ParsePrefix(text []byte) (netip.Prefix, error) {
	if len(text) > 64 {
		return netip.Prefix{}, errors.New("a CIDR is too long")
	}
	p, err := netip.ParsePrefix(string(text))
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%s is not a CIDR", apierr.QuoteValue(string(text)))
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%s is not a CIDR of one family", apierr.QuoteValue(string(text)))
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// Addr reads an address; null and "" are no address.
func (s *Scanner) Addr() netip.Addr {
	b := s.Text()
	if len(b) == 0 {
		return netip.Addr{}
	}
	a, err := ParseAddr(b)
	if err != nil {
		s.Refuse(err)
	}
	return a
}

// Prefix reads a CIDR; null and "" are none.
func (s *Scanner) Prefix() netip.Prefix {
	b := s.Text()
	if len(b) == 0 {
		return netip.Prefix{}
	}
	p, err := ParsePrefix(b)
	if err != nil {
		s.Refuse(err)
	}
	return p
}

// Time reads a time; null, "" and what is no time are the zero time, because no
// item is worth losing over its time of change.
func (s *Scanner) Time() time.Time {
	t, _ := wire.ParseTime(string(s.TextOr("")))
	return t
}
