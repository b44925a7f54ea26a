package pages

import (
	"fmt"
	"iter"
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
func addressMaps(l *layout, within netip.Prefix, holdings iter.Seq[holding], here netip.Addr) []*addressMap {
	held := map[netip.Addr]holding{}
	for h := range holdings {
		if _, taken := held[h.Addr]; !taken && within.Contains(h.Addr) {
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
		if h, taken := held[a]; taken {
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
func blocksOf(within netip.Prefix, holdings iter.Seq[holding], href func(netip.Prefix) string) []block {
	bits := 24
	for bits-within.Bits() > 8 {
		bits -= 8
	}
	first, size := space.Number4(within.Addr()), uint32(1)<<(32-bits)
	blocks := make([]block, 1<<(bits-within.Bits()))
	for h := range holdings {
		if within.Contains(h.Addr) {
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
