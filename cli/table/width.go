package table

import (
	"strings"

	"github.com/rivo/uniseg"

	"cloudip_exporter/cli/terminal"
)

// Widths are in columns of a terminal.
const (
	gap      = 2 // between cells
	minWidth = 8 // that a cell is never cut below
)

// width returns the width of the whole table, nothing cut.
func (r *Table) width() int {
	shown := r.shown(true)
	total := gap * (len(shown) - 1)
	widths, _ := r.widths(r.lines(shown), shown, 0)
	for _, w := range widths {
		total += w
	}
	return total
}

// widths gives each column what it needs; where the line is too long, the
// widest of those that may be cut are cut first, all alike, but none below
// minWidth. It reports whether the line fits then.
func (r *Table) widths(lines [][]string, shown []int, limit int) (widths []int, fits bool) {
	widths = make([]int, len(shown))
	total := gap * (len(shown) - 1)
	for i := range shown {
		for _, line := range lines {
			widths[i] = max(widths[i], uniseg.StringWidth(line[i]))
		}
		total += widths[i]
	}
	for limit > 0 && total > limit {
		widest := -1
		for i := range widths {
			if !r.Columns[shown[i]].whole() && widths[i] > minWidth && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return widths, false
		}
		widths[widest]--
		total--
	}
	return widths, true
}

// cut shortens text to at most width columns, whole characters only.
func cut(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	var b strings.Builder
	left := width - 1
	for state, rest := -1, text; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if w > left {
			break
		}
		b.WriteString(cluster)
		left -= w
	}
	return b.String() + terminal.Ellipsis
}
