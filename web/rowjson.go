package web

import (
	"encoding/json"
	"io"
	"iter"
	"strconv"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// writeRows writes the answer of the API row by row: a million ports need no
// second copy.
func writeRows(w io.Writer, snaps []*inventory.Snapshot, keys []string, rows iter.Seq[rows.Row]) error {
	out := newJSONWriter(w, keys)
	out.text(`{"items":[`)
	for row := range rows {
		out.object(row)
		if out.err != nil {
			return out.err
		}
	}
	out.text(`],"collections":`)
	out.value(collections(snaps))
	out.text("}\n")
	return out.err
}

// rowsOf goes over the rows of all snapshots.
func rowsOf(snaps []*inventory.Snapshot, l *rows.Listing) iter.Seq[rows.Row] {
	return func(yield func(rows.Row) bool) {
		for _, snap := range snaps {
			for row := range l.Rows(snap) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// jsonWriter writes rows as JSON objects until the first error.
type jsonWriter struct {
	w     io.Writer
	names []string // of the keys, in JSON, each with a colon
	buf   []byte
	began bool // an object was written
	err   error
}

func newJSONWriter(w io.Writer, keys []string) *jsonWriter {
	out := &jsonWriter{w: w}
	for _, k := range keys {
		out.names = append(out.names, strconv.Quote(k)+":")
	}
	return out
}

func (w *jsonWriter) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.w, s)
	}
}

func (w *jsonWriter) value(v any) {
	if w.err == nil {
		w.buf = w.buf[:0]
		w.append(v)
		w.flush()
	}
}

func (w *jsonWriter) object(row rows.Row) {
	w.buf = w.buf[:0]
	if w.began {
		w.buf = append(w.buf, ",\n"...)
	}
	w.began = true
	for i, v := range row {
		w.buf = append(w.buf, "{,"[min(i, 1)])
		w.buf = append(w.buf, w.names[i]...)
		w.append(v)
	}
	w.buf = append(w.buf, '}')
	w.flush()
}

func (w *jsonWriter) append(v any) {
	if s, ok := v.(string); ok && plainText(s) {
		w.buf = append(append(append(w.buf, '"'), s...), '"')
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		w.err = err
	}
	w.buf = append(w.buf, b...)
}

func (w *jsonWriter) flush() {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
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
