package api

import (
	"encoding/json"
	"io"
	"iter"
	"strconv"

	"cloudip_exporter/inventory/rows"
)

// writeJSON writes an answer row by row, with the cursor of the next page where there
// is one.
func writeJSON(w io.Writer, q *question, keys []string, all iter.Seq[rows.Row], next *cursor) error {
	out := newJSONWriter(w, keys)
	out.text(`{"items":[`)
	for row := range all {
		out.object(row)
		if out.err != nil {
			return out.err
		}
	}
	out.text(`],"collections":`)
	out.value(collections(q.snaps))
	if q.gaps != nil {
		out.text(`,"gaps":`)
		out.value(q.gaps)
	}
	if !q.begins.IsZero() {
		out.text(`,"begins":`)
		out.value(q.begins)
	}
	if next != nil {
		out.text(`,"next":`)
		out.value(next.String())
	}
	out.text("}\n")
	return out.err
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
	sep := byte('{')
	for i, v := range row {
		if v == (rows.Absent{}) {
			continue
		}
		w.buf = append(w.buf, sep)
		sep = ','
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
