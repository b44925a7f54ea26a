package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

const targetColumns = 3 // cloud, project and provider, which come first

// printByTarget prints a result whose every row tells its target. Where the
// table is too wide for the terminal, the targets become headings instead:
// what a configuration costs, or lacks, is not to be cut.
func (e *Env) printByTarget(r *result, o Output) error {
	if err := r.filter(o.Filter); err != nil {
		return err
	}
	if err := r.sort(o.Sort); err != nil {
		return err
	}
	width := e.tableWidth(o)
	if width == 0 || r.fullWidth() <= width {
		o.Wide = true // the targets are wanted even when there is only one
		return e.print(r, o)
	}
	out := bufio.NewWriter(e.Stdout)
	r.writeByTarget(out, e.colour(), width)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// tableWidth is how wide a table may become; 0: as wide as it needs.
func (e *Env) tableWidth(o Output) int {
	if o.Wide || !e.StdoutTerminal || e.Width == nil || o.Format != "table" && o.Format != "" {
		return 0
	}
	return e.Width()
}

// texts are the cells of all rows as a table shows them, titles first.
func (r *result) texts() [][]string {
	lines := [][]string{make([]string, len(r.columns))}
	for i := range r.columns {
		lines[0][i] = strings.ToUpper(r.columns[i].key)
	}
	for _, row := range r.rows {
		line := make([]string, len(row))
		for i := range row {
			line[i] = r.columns[i].text(row[i])
		}
		lines = append(lines, line)
	}
	return lines
}

func (r *result) fullWidth() int {
	total := gap * (len(r.columns) - 1)
	for _, w := range r.widths(r.texts(), r.shown(true), 0) {
		total += w
	}
	return total
}

// writeByTarget writes each target once, above the rows that it has. The last
// column is wrapped, below the others where too little room is left for it.
func (r *result) writeByTarget(w io.Writer, colour bool, width int) {
	emphatic := func(text string) {
		if text = cut(text, width); colour {
			text = string(bold) + text + reset
		}
		fmt.Fprintln(w, text)
	}
	lines := r.texts()
	widths := r.widths(lines, r.shown(true), 0)
	target := ""
	for n, line := range lines {
		first, rest := rowOf(line[targetColumns:], widths[targetColumns:], width)
		if n == 0 {
			emphatic(first)
			continue
		}
		heading := fmt.Sprintf("%s / %s (%s)", line[0], line[1], line[2])
		if heading != target {
			target = heading
			emphatic(target)
		}
		fmt.Fprintln(w, cut(first, width))
		if len(rest) > 0 {
			fmt.Fprintln(w, strings.Join(rest, "\n"))
		}
	}
}

const (
	indent   = 2  // of rows below their target
	narrow   = 24 // columns; less is no room to wrap a text in
	lastWrap = 2 * indent
)

// rowOf is a row below its target: its first line, and the lines that the last
// cell needs beyond it.
func rowOf(cells []string, widths []int, width int) (first string, rest []string) {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", indent))
	last := len(cells) - 1
	for i, cell := range cells[:last] {
		b.WriteString(cell + strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell)+gap))
	}
	at := uniseg.StringWidth(b.String())
	if room := width - at; room >= narrow || uniseg.StringWidth(cells[last]) <= room {
		lines := wrap(cells[last], room)
		return b.String() + lines[0], indented(lines[1:], at)
	}
	return strings.TrimRight(b.String(), " "), indented(wrap(cells[last], width-lastWrap), lastWrap)
}

func indented(lines []string, by int) []string {
	for i := range lines {
		lines[i] = strings.Repeat(" ", by) + lines[i]
	}
	return lines
}

// wrap breaks a text into lines of at most width columns, at blanks where there
// are any; width 0 is no limit. It returns at least one line.
func wrap(text string, width int) []string {
	if width == 0 || uniseg.StringWidth(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && uniseg.StringWidth(line)+1+uniseg.StringWidth(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; uniseg.StringWidth(line) > width; {
			n := prefix(line, width)
			lines, line = append(lines, line[:n]), line[n:]
		}
	}
	return append(lines, line)
}

// prefix is how many bytes of text have room in width columns, at least those
// of one character.
func prefix(text string, width int) (n int) {
	for state, rest := -1, text; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if w > width && n > 0 {
			break
		}
		n, width = n+len(cluster), width-w
	}
	return n
}
