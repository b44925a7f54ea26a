package pages

import (
	"fmt"
	"iter"
	"net/netip"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

type mapPanel struct {
	Maps     []*addressMap
	Blocks   []block
	Within   string // the part; "" is the whole subnet
	Whole    string // a link to the whole subnet
	Sentence string
}

// drawMap draws the subnet, or the part of it that the parameter map names.
func (v *view) drawMap(m *mapPanel, s *inventory.Subnet, holdings iter.Seq[holding]) {
	if !s.Prefix.Addr().Is4() {
		return
	}
	within := s.Prefix
	if text := v.get("map"); text != "" {
		part, err := netip.ParsePrefix(text)
		if err != nil || !s.Prefix.Contains(part.Addr()) || part.Bits() < s.Prefix.Bits() {
			v.fail(fmt.Errorf("%q is no part of %s", text, s.Prefix))
		} else if within = part.Masked(); within != s.Prefix {
			m.Within, m.Whole = within.String(), v.with("map", "", "page", "")+"#map"
		}
	}
	l := layoutOf(s)
	if within.Bits() >= mapBits {
		m.Maps = addressMaps(&l, within, holdings, netip.Addr{})
		m.Sentence = sentence(&l, within, holdings)
		return
	}
	m.Blocks = blocksOf(within, holdings, func(p netip.Prefix) string { return v.with("map", p.String(), "page", "") + "#map" })
	m.Sentence = fmt.Sprintf("%s blocks of %s addresses; each opens.", figure(len(m.Blocks)), figure(space.PrefixSize(within)/float64(len(m.Blocks))))
}

func sentence(l *layout, within netip.Prefix, holdings iter.Seq[holding]) string {
	taken := map[netip.Addr]bool{}
	for h := range holdings {
		if within.Contains(h.Addr) {
			taken[h.Addr] = true
		}
	}
	var run, longest []netip.Addr
	ends := netipx.RangeOfPrefix(within)
	for a := ends.From(); ends.Contains(a); a = a.Next() {
		if k, _ := l.kind(a); taken[a] || k.Class != "free" {
			run = nil
			continue
		}
		if run = append(run, a); len(run) > len(longest) {
			longest = run
		}
	}
	text := fmt.Sprintf("%s of %s addresses are held.", figure(len(taken)), figure(space.PrefixSize(within)))
	if l.subnet.PortsHidden {
		return fmt.Sprintf("%s of %s addresses are known to be held. Of the others nobody can say.", figure(len(taken)), figure(space.PrefixSize(within)))
	}
	switch len(longest) {
	case 0:
		return text + " None is free."
	case 1:
		return text + fmt.Sprintf(" Free is %s.", longest[0])
	}
	return text + fmt.Sprintf(" The longest free run is %s to %s, %s addresses.", longest[0], longest[len(longest)-1], figure(len(longest)))
}
