package space

import (
	"fmt"
	"net/netip"

	"cloudip_exporter/text"
)

// ParseAddr reads an address: without a zone, and IPv4 where it is mapped into IPv6.
func ParseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%s is no IP address", text.Quote(s))
	}
	return a.Unmap(), nil
}

// ParseCIDR reads a CIDR of a cloud: without host bits, and IPv4 where it is mapped into IPv6.
func ParseCIDR(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() {
		p, err = p.Addr().Unmap().Prefix(p.Bits() - 96)
	}
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%s is no CIDR", text.Quote(s))
	}
	return p.Masked(), nil
}

// ParsePrefix reads an address or a CIDR that a person wrote. Host bits do not count.
func ParsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" { // a search tries each text: no message for it
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%s is neither an IPv4 or IPv6 address nor a CIDR", text.Quote(s))
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
