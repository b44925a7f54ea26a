package table

import (
	"bufio"
	"cmp"
	"fmt"
	"strings"

	"cloudip_exporter/text"
)

// printAsCards prints each row as a card: its title, which is the first column unless
// the table has another, then a line for each column, or for those of one label
// together. What is not known is left out.
func (r *Table) printAsCards(s Screen, strips []*strip) error {
	out := bufio.NewWriter(s.Out)
	line := func(shown string) {
		if shown = strings.TrimRight(text.Terminal(shown), " "); r.Title != nil && s.Width > 0 {
			shown = cut(shown, s.Width)
		}
		fmt.Fprintln(out, shown)
	}
	for n, row := range r.Rows {
		if n > 0 {
			fmt.Fprintln(out)
		}
		title, rest := strips[0].lines[n+1], strips[1:]
		if r.Title != nil {
			title, rest = r.Title(row), strips
		}
		line(title)
		for i := 0; i < len(rest); {
			label, values := rest[i].label(), ""
			for ; i < len(rest) && rest[i].label() == label; i++ {
				if value := rest[i].lines[n+1]; value != unknown {
					values += "  " + value
				}
			}
			if values != "" && label != hidden {
				line(fmt.Sprintf("  %-10s%s", label, values))
			}
		}
	}
	return out.Flush()
}

// hidden is the label of a column that no card shows: the title says it.
const hidden = "-"

func (c *strip) label() string { return cmp.Or(c.Card, c.lines[0]) }
