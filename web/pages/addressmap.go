package pages

import (
	"fmt"
	"net/netip"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

const (
	mapBits   = 22 // the largest prefix that is drawn address by address
	cellsARow = 16
	cellWidth = 28
	mapLeft   = 44
	mapTop    = 20
)

// addressMap is a picture of up to 256 addresses, 16 a row.
type addressMap struct {
	Prefix  string
	Columns []mapLabel
	Rows    []mapRow
	Height  int
}

type mapLabel struct {
	X    int
	Text string
}

type mapRow struct {
	Y     int
	Text  string
	Cells []mapCell
}

type mapCell struct {
	X, Middle   int
	Href, Title string
	Class       string
	Letter      string
	Here        bool
}

func newMap(prefix netip.Prefix) *addressMap {
	m := &addressMap{Prefix: prefix.String(), Height: mapTop}
	for i := range min(cellsARow, 1<<(32-prefix.Bits())) {
		m.Columns = append(m.Columns, mapLabel{mapLeft + i*cellWidth + 13, fmt.Sprint(i)})
	}
	return m
}

// add puts a cell behind the last one; label names its row where it begins one.
func (m *addressMap) add(c mapCell, label string) {
	if len(m.Rows) == 0 || len(m.Rows[len(m.Rows)-1].Cells) == cellsARow {
		m.Rows = append(m.Rows, mapRow{Y: m.Height, Text: label})
		m.Height += cellWidth
	}
	row := &m.Rows[len(m.Rows)-1]
	c.X = mapLeft + len(row.Cells)*cellWidth
	c.Middle = c.X + 13
	row.Cells = append(row.Cells, c)
}

// layout is what a subnet says of its addresses before anybody holds one.
type layout struct {
	subnet   *inventory.Subnet
	pools    *netipx.IPSet
	reserved map[netip.Addr]string
}

// layoutOf says which addresses of a subnet are reserved or outside its pools. Where
// the cloud only says how many are reserved, these are the first two and the last
// ones, as the documents of Huawei Cloud and OTC say.
func layoutOf(s *inventory.Subnet) layout {
	l := layout{subnet: s, reserved: map[netip.Addr]string{}}
	if len(s.Pools) > 0 {
		l.pools = space.Set(s.Pools...)
	}
	if s.Prefix.Addr().Is4() && s.Prefix.Bits() < 31 {
		ends := netipx.RangeOfPrefix(s.Prefix)
		if s.Usage.Reserved != nil {
			for i, a := 2, ends.To(); i < int(min(*s.Usage.Reserved, 8)); i, a = i+1, a.Prev() {
				l.reserved[a] = "reserved by the platform"
			}
		}
		l.reserved[ends.From()], l.reserved[ends.To()] = "the address of the subnet itself", "the broadcast address of the subnet"
	}
	if s.Gateway.IsValid() {
		l.reserved[s.Gateway] = "the gateway of the subnet"
	}
	return l
}

// kind is how an address is drawn that nobody holds.
func (l *layout) kind(a netip.Addr) (k kind, words string) {
	switch why, reserved := l.reserved[a]; {
	case reserved:
		return kind{Class: "reserved"}, why
	case l.pools != nil && !l.pools.Contains(a):
		return kind{Class: "outside"}, "outside the allocation pools"
	case l.subnet.PortsHidden:
		return kind{Class: "unacc"}, "not known: not all ports can be seen"
	}
	return kind{Class: "free"}, "free"
}

// addressMaps draws the addresses of a prefix within a subnet, 256 a map. here is
// outlined.
func addressMaps(l *layout, within netip.Prefix, holdings []holding, here netip.Addr) []*addressMap {
	held := make(map[netip.Addr]*holding, len(holdings))
	for i := range holdings {
		if h := &holdings[i]; held[h.Addr] == nil && within.Contains(h.Addr) {
			held[h.Addr] = h
		}
	}
	var maps []*addressMap
	first := space.Number4(within.Addr())
	for i := range uint32(1) << (32 - within.Bits()) {
		a := space.Addr4(first + i)
		if i%256 == 0 {
			maps = append(maps, newMap(netip.PrefixFrom(a, max(within.Bits(), 24))))
		}
		c := mapCell{Href: addressLink(a.String()), Here: a == here}
		k, words := l.kind(a)
		if h := held[a]; h != nil {
			k, words = h.Kind, h.Who()
		}
		c.Class, c.Letter, c.Title = k.Class, k.Letter, a.String()+" "+words
		maps[len(maps)-1].add(c, fmt.Sprintf(".%d", a.As4()[3]))
	}
	return maps
}

type block struct {
	Prefix     string
	Href       string
	Percent    int
	Held, Idle int
	Heat       int // 0 to 4
}

// blocksOf divides a prefix within a subnet into at most 256 blocks.
func blocksOf(within netip.Prefix, holdings []holding, href func(netip.Prefix) string) []block {
	bits := 24
	for bits-within.Bits() > 8 {
		bits -= 8
	}
	first, size := space.Number4(within.Addr()), uint32(1)<<(32-bits)
	blocks := make([]block, 1<<(bits-within.Bits()))
	for i := range holdings {
		if h := &holdings[i]; within.Contains(h.Addr) {
			b := &blocks[(space.Number4(h.Addr)-first)/size]
			b.Held++
			if h.Kind == idle() {
				b.Idle++
			}
		}
	}
	for i := range blocks {
		b, prefix := &blocks[i], netip.PrefixFrom(space.Addr4(first+uint32(i)*size), bits)
		b.Prefix, b.Href, b.Percent = prefix.String(), href(prefix), int(float64(b.Held)/float64(size)*100)
		for _, from := range []int{0, 25, 60, 90} {
			if b.Held > 0 && b.Percent >= from {
				b.Heat++
			}
		}
	}
	return blocks
}

type mapPanel struct {
	Maps     []*addressMap
	Blocks   []block
	Within   string // the part; "" is the whole subnet
	Whole    string // a link to the whole subnet
	Sentence string
}

// drawMap draws the subnet, or the part of it that the parameter map names.
func (v *view) drawMap(m *mapPanel, s *inventory.Subnet, holdings []holding) {
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

func sentence(l *layout, within netip.Prefix, holdings []holding) string {
	taken := map[netip.Addr]bool{}
	for i := range holdings {
		if within.Contains(holdings[i].Addr) {
			taken[holdings[i].Addr] = true
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
