package table

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/text"
)

// Output is how a result is printed.
type Output struct {
	Format string   // table (also ""), json or csv
	Wide   bool     // tables: all columns, nothing cut
	Filter []string // rows that match all of them: key=value, key~part, or a part of any cell
	Sort   []string // keys; a - before one turns its order around
	// Columns are the keys of the columns to show, in their order, with commas
	// between them; "" shows those of the command.
	Columns string
}

// Screen is where a result is printed.
type Screen struct {
	Out      io.Writer
	Terminal bool
	Width    int                              // columns of the terminal; 0: not known, or none
	Say      func(format string, args ...any) // says which columns are left out, and that no row is left; may be nil
}

// Print prints r as o says. An empty result is an empty array in JSON and a
// header alone in the other formats.
func (r *Table) Print(s Screen, o Output) error {
	before := len(r.Rows)
	r, err := r.arranged(o)
	if err != nil {
		return err
	}
	if before > 0 && len(r.Rows) == 0 && s.Say != nil {
		s.Say("none of %d rows matches --filter", before)
	}
	switch o.Format {
	case "json":
		err = r.writeJSON(s.Out)
	case "csv":
		err = r.writeCSV(s.Out, s.Terminal)
	default:
		if o.Wide || o.Columns != "" {
			s.Width = 0
		}
		strips := r.shown(o.Wide || o.Columns != "")
		narrow := s.Width > 0 && width(strips) > s.Width
		if r.Title != nil || r.Whole && narrow {
			err = r.printAsCards(s, strips)
			break
		}
		if narrow {
			var left []string
			if strips, left = fit(strips, s.Width); len(left) > 0 && s.Say != nil {
				s.Say("left out: %s: --wide shows them", strings.Join(left, ", "))
			}
		}
		err = writeTable(s.Out, strips)
	}
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// Check finds faults in o that need no result, before any cloud is asked.
func (o Output) Check(columns []Column) error {
	_, err := (&Table{Columns: columns}).arranged(o)
	return err
}

// arranged filters and sorts the rows, and returns the table of the columns that o chooses.
func (r *Table) arranged(o Output) (*Table, error) {
	if err := r.Filter(o.Filter); err != nil {
		return nil, err
	}
	if err := r.Sort(o.Sort); err != nil || o.Columns == "" {
		return r, err
	}
	chosen := &Table{Whole: r.Whole}
	for key := range strings.SplitSeq(o.Columns, ",") {
		i, err := r.column(key, "columns")
		if err != nil {
			return nil, err
		}
		chosen.Columns = append(chosen.Columns, r.Columns[i])
	}
	chosen.Add(r.keys(), slices.Values(r.Rows))
	return chosen, nil
}

// writeJSON writes an array of objects whose keys stand in the order of the columns, with
// escapes for what a terminal would obey.
func (r *Table) writeJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	if err := json.MarshalWrite(escaped{out}, rows.JSON{Keys: r.keys(), All: slices.Values(r.Rows)},
		jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil { // a column may be chosen twice
		return err
	}
	fmt.Fprintln(out)
	return out.Flush()
}

// escaped writes text.JSON of what an encoder of JSON writes, which is whole tokens.
type escaped struct{ to io.Writer }

func (e escaped) Write(b []byte) (int, error) {
	if _, err := e.to.Write(text.JSON(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// writeCSV writes a header of keys and the rows. Cells that a spreadsheet would
// take for a formula get an apostrophe in front.
func (r *Table) writeCSV(w io.Writer, onTerminal bool) error {
	cell := rows.CSVText
	if onTerminal {
		cell = func(v any) string { return text.Terminal(rows.CSVText(v)) }
	}
	return rows.WriteCSV(w, r.keys(), slices.Values(r.Rows), cell)
}

func (r *Table) keys() []string {
	keys := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		keys[i] = c.Key
	}
	return keys
}
