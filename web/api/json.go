package api

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"strconv"
	"time"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
)

// behind is what follows the items of an answer.
type behind struct {
	Collections []collection  `json:"collections"`
	Gaps        []storage.Gap `json:"gaps,omitzero"`
	Begins      time.Time     `json:"begins,omitzero"`
	Next        string        `json:"next,omitempty"`
}

// writeJSON writes an answer row by row, with the cursor of the next page where there
// is one.
func writeJSON(w io.Writer, q *question, keys []string, all iter.Seq[rows.Row], next *cursor) error {
	out := bufio.NewWriterSize(w, 32<<10) // it keeps its first error
	_, _ = out.WriteString(`{"items":[`)
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = strconv.Quote(k) + ":"
	}
	var object []byte
	separator := ""
	for row := range all {
		var err error
		if object, err = appendObject(append(object[:0], separator...), names, row); err == nil {
			_, err = out.Write(object)
		}
		if err != nil {
			return err
		}
		separator = ",\n"
	}
	if q.broken != nil {
		return q.broken
	}
	rest := behind{Collections: collections(q.snaps), Gaps: q.gaps, Begins: q.begins}
	if next != nil {
		rest.Next = next.String()
	}
	members, err := json.Marshal(rest)
	if err != nil {
		return err
	}
	_, _ = out.WriteString("],")
	_, _ = out.Write(members[1:])
	_, _ = out.WriteString("\n")
	return out.Flush()
}

// appendObject appends a row; names are its keys in JSON, each with a colon.
func appendObject(b []byte, names []string, row rows.Row) ([]byte, error) {
	separator := byte('{')
	for i, v := range row {
		if v == (rows.Absent{}) {
			continue
		}
		b = append(append(b, separator), names[i]...)
		separator = ','
		if s, ok := v.(string); ok && plainText(s) {
			b = append(append(append(b, '"'), s...), '"')
			continue
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			return b, err
		}
		b = append(b, encoded...)
	}
	return append(b, '}'), nil
}

// plainText reports whether JSON shows s as it is. Nearly all values are ids and
// addresses, which are.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}
