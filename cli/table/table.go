// Package table prints the results of commands: as tables and cards for people, as
// JSON and CSV for programs, filtered and sorted.
package table

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// Column is one column of a result: its key is the name of the metric label, or
// of the figure, that it shows.
type Column struct {
	Key   string
	Right bool                  // figures
	Wide  bool                  // shown in tables only with --wide
	Spare bool                  // left out before others where the terminal is too narrow
	Title string                // in tables; "" is the key
	Card  string                // label of its line on cards, which neighbours of the same label share; "" is the title
	Short func(cell any) string // what tables show instead; nil is the cell itself
	// Instead is the key of the column that stands in for the cells that are not known
	// where a terminal has no room for both, such as the id where there is no name.
	Instead string
}

// Columns returns the columns that are written as words: a key, with :right, :wide,
// :spare or :card=LABEL behind it, _ for a blank in LABEL.
func Columns(words string) (all []Column) {
	for word := range strings.FieldsSeq(words) {
		parts := strings.Split(word, ":")
		has := func(is string) bool { return slices.Contains(parts[1:], is) }
		_, label, _ := strings.Cut(word, ":card=")
		all = append(all, Column{Key: parts[0], Right: has("right"), Wide: has("wide"), Spare: has("spare"), Card: strings.ReplaceAll(label, "_", " ")})
	}
	return all
}

// Table is what a command prints: rows of cells in the order of the columns. A
// cell is a string, an int, a float64, a bool, nil for what is not known, or
// anything that JSON can show.
type Table struct {
	Columns []Column
	Rows    [][]any
	Whole   bool // a table leaves out no column; on a terminal that is too narrow for them, each row becomes a card
	// Title returns the title of the card of a row; nil: cards are for narrow terminals.
	Title func(row []any) string
}

// unknown is what a table shows for a cell that is not known.
const unknown = "-"

// strip is a column as a table shows it: its title, then its cells.
type strip struct {
	*Column
	lines []string
	width int // columns of the terminal
}

func writeTable(w io.Writer, strips []*strip) error {
	out := bufio.NewWriter(w)
	for n := range strips[0].lines {
		var b strings.Builder
		for i, c := range strips {
			cell := cut(c.lines[n], c.width)
			pad := strings.Repeat(" ", c.width-uniseg.StringWidth(cell))
			if i > 0 {
				b.WriteString(strings.Repeat(" ", gap))
			}
			if c.Right {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	return out.Flush()
}

func (c *Column) heading() string { return strings.ToUpper(cmp.Or(c.Title, c.Key)) }

// shown returns the columns of a table. The cloud and the project are left out
// where all rows have the same.
func (r *Table) shown(wide bool) []*strip {
	var shown []*strip
	for i := range r.Columns {
		c := &r.Columns[i]
		if !wide && (c.Wide || !r.Whole && r.needless(i)) {
			continue
		}
		s := &strip{Column: c, lines: []string{c.heading()}}
		for _, row := range r.Rows {
			s.lines = append(s.lines, c.text(row[i]))
		}
		for _, line := range s.lines {
			s.width = max(s.width, uniseg.StringWidth(line))
		}
		shown = append(shown, s)
	}
	return shown
}

func (r *Table) needless(i int) bool {
	if key := r.Columns[i].Key; key != "cloud" && key != "project" {
		return false
	}
	return !slices.ContainsFunc(r.Rows, func(row []any) bool { return row[i] != r.Rows[0][i] })
}
