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
	Spare bool                  // left out where the terminal is too narrow
	Title string                // in tables; "" is the key
	Short func(cell any) string // what tables show instead; nil is the cell itself
}

// Table is what a command prints: rows of cells in the order of the columns. A
// cell is a string, an int, a float64, a bool, nil for what is not known, or
// anything that JSON can show.
type Table struct {
	Columns []Column
	Rows    [][]any
	Whole   bool // a table shows all columns; on a terminal that is too narrow for them, each row becomes a card
}

// unknown is what a table shows for a cell that is not known.
const unknown = "-"

// writeTable writes aligned columns. width > 0 cuts lines to that many columns.
func (r *Table) writeTable(w io.Writer, wide bool, width int) error {
	shown := r.shown(wide)
	lines := r.lines(shown)
	widths, fits := r.widths(lines, shown, width)
	for i := len(shown) - 1; i >= 0 && !fits && !wide; i-- {
		if r.Columns[shown[i]].Spare {
			shown = slices.Delete(shown, i, i+1)
			lines = r.lines(shown)
			widths, fits = r.widths(lines, shown, width)
		}
	}
	out := bufio.NewWriter(w)
	for _, line := range lines {
		r.writeLine(out, line, shown, widths)
	}
	return out.Flush()
}

// lines returns the texts of the shown columns: their titles, then the rows.
func (r *Table) lines(shown []int) [][]string {
	lines := make([][]string, 0, len(r.Rows)+1)
	lines = append(lines, make([]string, len(shown)))
	for i, c := range shown {
		lines[0][i] = r.Columns[c].heading()
	}
	for _, row := range r.Rows {
		line := make([]string, len(shown))
		for i, c := range shown {
			line[i] = r.Columns[c].text(row[c])
		}
		lines = append(lines, line)
	}
	return lines
}

// heading returns the title of the column in a table.
func (c *Column) heading() string { return strings.ToUpper(cmp.Or(c.Title, c.Key)) }

// shown returns the indexes of the columns of a table. The cloud and the project
// are left out where all rows have the same.
func (r *Table) shown(wide bool) []int {
	var shown []int
	for i, c := range r.Columns {
		if wide || !c.Wide && !r.needless(i) {
			shown = append(shown, i)
		}
	}
	return shown
}

// whole reports whether a cell is never cut: addresses, prefixes and ids are what
// the next command needs.
func (c *Column) whole() bool {
	return c.Key == "address" || c.Key == "cidr" || c.Key == "prefix" || strings.HasSuffix(c.Key, "_id")
}

func (r *Table) needless(i int) bool {
	if key := r.Columns[i].Key; key != "cloud" && key != "project" {
		return false
	}
	return !slices.ContainsFunc(r.Rows, func(row []any) bool { return row[i] != r.Rows[0][i] })
}

func (r *Table) writeLine(w io.Writer, line []string, shown, widths []int) {
	var b strings.Builder
	for i, cell := range line {
		cell = cut(cell, widths[i])
		pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
		if i > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		if r.Columns[shown[i]].Right {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
}
