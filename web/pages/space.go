package pages

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"

	"go4.org/netipx"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/inventory/space"
)

const (
	drawnMax = 400 // blocks of a drawing; the largest are drawn
	wide     = 0.1 // of the width, from which a block has room for its name
)

type area struct {
	inventory.Area
	snap *inventory.Snapshot
}

// drawing is a prefix drawn to scale, in rows.
type drawing struct {
	Prefix string
	Labels []string // of the rows
	Blocks []drawnBlock
	Left   int // blocks that are not drawn
	Scale  string
	Class  string // of the number of rows
}

// drawnBlock is a subnet or a free block; positions are percent.
type drawnBlock struct {
	X, Y, Width, Height string
	Href, Title         string
	Name, CIDR          string // "" without room for it
	Used                *share
	Free, Best          bool

	size float64
}

// draw draws a prefix with the subnets and free blocks in it.
func (a *area) draw(within netip.Prefix) drawing {
	lines := 1
	switch bits := within.Addr().BitLen() - within.Bits(); {
	case bits >= 12:
		lines = 16
	case bits >= 8:
		lines = 4
	}
	d := drawing{Prefix: within.String(), Class: fmt.Sprintf("rows-%d", lines)}
	rowBits := within.Bits() + int(math.Log2(float64(lines)))
	for i, at := 0, within.Addr(); i < lines; i++ {
		d.Labels = append(d.Labels, at.String())
		at = netipx.RangeOfPrefix(netip.PrefixFrom(at, rowBits)).To().Next()
	}
	d.Scale = fmt.Sprintf("each row a /%d", rowBits)
	best := a.LargestFree()
	for _, s := range a.Subnets {
		if within.Contains(s.Prefix.Addr()) && s.Prefix.Bits() >= within.Bits() {
			b := placed(within, s.Prefix, lines)
			b.Href = subnetLink(a.snap.Cloud, a.snap.Project, s.ID.String(), s.IPVersion())
			part, _ := rows.UsedRatio(&s.Usage).(float64) // 0 where that is not known
			b.Used = newShare(part, false)
			b.Title = fmt.Sprintf("%s %s, %d %% used", nameOf(s.Name, s.ID.String()), s.Prefix, b.Used.Percent)
			if b.Name != "" {
				b.Name = nameOf(s.Name, s.ID.String())
			}
			d.Blocks = append(d.Blocks, b)
		}
	}
	for _, p := range a.Free {
		if within.Overlaps(p) {
			b := placed(within, p, lines)
			b.Free, b.Best, b.Title = true, p == best, fmt.Sprintf("free: %s, %s addresses", p, figure(space.PrefixSize(p)))
			if b.Name != "" {
				b.Name = "free, " + figure(space.PrefixSize(p))
			}
			d.Blocks = append(d.Blocks, b)
		}
	}
	slices.SortStableFunc(d.Blocks, func(a, b drawnBlock) int { return cmp.Compare(b.size, a.size) })
	if d.Left = len(d.Blocks) - drawnMax; d.Left > 0 {
		d.Blocks = d.Blocks[:drawnMax]
	}
	return d
}

// placed is where a prefix stands in a drawing of rows.
func placed(within, p netip.Prefix, rows int) drawnBlock {
	size := math.Ldexp(1, within.Bits()-p.Bits()) // of the whole
	offset, a, unit := 0.0, p.Addr().AsSlice(), 1.0
	for bit := within.Bits(); bit < p.Bits(); bit++ {
		unit /= 2
		if a[bit/8]>>(7-bit%8)&1 != 0 {
			offset += unit
		}
	}
	row, x := math.Modf(offset * float64(rows))
	w, h := min(1, size*float64(rows)), max(1, size*float64(rows))
	b := drawnBlock{X: share100(x), Y: share100(row / float64(rows)), Width: share100(w), Height: share100(h / float64(rows)), size: size}
	if w >= wide {
		b.Name, b.CIDR = "?", p.String()
	}
	return b
}

func share100(part float64) string { return strconv.FormatFloat(part*100, 'g', 6, 64) + "%" }
