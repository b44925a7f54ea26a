package table

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"cloudip_exporter/text"
)

// Widths are in columns of a terminal.
const (
	gap      = 2  // between cells
	minWidth = 12 // that a text is never cut below
)

// width returns the width of a whole line, nothing cut.
func width(strips []*strip) int {
	total := -gap
	for _, c := range strips {
		total += gap + c.width
	}
	return total
}

// kind is the last word of the key, which says what the cells are.
func (c *Column) kind() string { return c.Key[strings.LastIndex(c.Key, "_")+1:] }

// exact reports whether a cell is never cut: what the next command needs, times and
// figures. All else is text.
func (c *Column) exact() bool {
	switch c.kind() {
	case "cloud", "project", "address", "addresses", "prefix", "cidr", "cidrs", "block", "id", "network", "pool":
		return true
	}
	return c.Right || c.time()
}

func (c *Column) time() bool {
	switch c.kind() {
	case "since", "seen", "after", "before":
		return true
	}
	return false
}

// rank is low for the columns that a narrow terminal keeps: the exact ones, the
// texts, then the spare ones, of which ids and times come first, then those without any
// value.
func (c *strip) rank() int {
	switch {
	case c.Instead == "" && !slices.ContainsFunc(c.lines[1:], func(line string) bool { return line != unknown }):
		return 4
	case c.Spare && c.kind() != "id" && !c.time():
		return 3
	case c.Spare:
		return 2
	case c.exact():
		return 0
	}
	return 1
}

// least is the width below which the column is not cut.
func (c *strip) least() int {
	if c.exact() {
		return c.width
	}
	return min(c.width, minWidth)
}

// fit returns the columns for which a line has room, the most important ones first,
// and the titles of the others. It cuts the widest texts, all alike.
func fit(all []*strip, limit int) (kept []*strip, left []string) {
	order := slices.SortedStableFunc(slices.Values(all), func(a, b *strip) int { return cmp.Compare(a.rank(), b.rank()) })
	fits, total := map[*strip]bool{}, -gap
	for _, c := range order {
		if need := gap + c.least(); total+need <= limit {
			fits[c] = true
			total += need
		}
	}
	if len(fits) == 0 {
		fits[order[0]] = true
	}
	for _, c := range all {
		if fits[c] {
			kept = append(kept, c)
		} else {
			left = append(left, c.heading())
		}
	}
	for _, c := range all {
		if fits[c] {
			continue
		}
		for _, k := range kept {
			if k.Instead == c.Key {
				k.fill(c)
			}
		}
	}
	for total = width(kept); total > limit; total-- {
		var widest *strip
		for _, c := range kept {
			if c.width > c.least() && (widest == nil || c.width > widest.width) {
				widest = c
			}
		}
		if widest == nil {
			break
		}
		widest.width--
	}
	return kept, left
}

// fill shows the cells of other where those of c are not known.
func (c *strip) fill(other *strip) {
	for n, line := range c.lines {
		if line == unknown {
			c.lines[n] = other.lines[n]
			c.width = max(c.width, uniseg.StringWidth(c.lines[n]))
		}
	}
}

// cut shortens s to at most width columns, whole characters only.
func cut(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var b strings.Builder
	left := width - 1
	for c := uniseg.NewGraphemes(s); c.Next() && c.Width() <= left; left -= c.Width() {
		b.WriteString(c.Str())
	}
	return b.String() + text.Ellipsis
}
