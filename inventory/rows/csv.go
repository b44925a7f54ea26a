package rows

import (
	"encoding/csv"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// CSVText returns a value of a row as a cell of CSV: valid UTF-8, and with an
// apostrophe in front of what a spreadsheet would take for a formula.
func CSVText(v any) string {
	s := ValueText(v)
	if _, number := Number(v); number {
		return s
	}
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		s = "'" + s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// WriteCSV writes a header of keys and the rows, each value as cell returns it.
func WriteCSV(w io.Writer, keys []string, all iter.Seq[Row], cell func(any) string) error {
	out := csv.NewWriter(w)
	if err := out.Write(keys); err != nil {
		return err
	}
	line := make([]string, len(keys))
	for row := range all {
		for i, v := range row {
			line[i] = cell(v)
		}
		if len(line) == 1 && line[0] == "" { // readers take a blank line for no row
			out.Flush()
			if _, err := io.WriteString(w, "\"\"\n"); err != nil {
				return err
			}
			continue
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
