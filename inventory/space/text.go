package space

import (
	"fmt"
	"net/netip"
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
