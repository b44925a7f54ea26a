package api

import (
	"io"
	"iter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
)

// answer is what a route answers with.
type answer struct {
	Items       items         `json:"items"`
	Collections []collection  `json:"collections"`
	Gaps        []storage.Gap `json:"gaps,omitzero"`
	Begins      time.Time     `json:"begins,omitzero"`
	Next        string        `json:"next,omitempty"`
}

// items are the rows of an answer, which goes on behind them only where they are whole.
type items struct {
	rows.JSON
	q *question
}

// MarshalJSONTo writes one row after the other.
func (i items) MarshalJSONTo(out *jsontext.Encoder) error {
	if err := i.JSON.MarshalJSONTo(out); err != nil {
		return err
	}
	return i.q.broken
}

// writeJSON writes an answer row by row, with the cursor of the next page where there
// is one.
func writeJSON(w io.Writer, q *question, keys []string, all iter.Seq[rows.Row], next *cursor) error {
	a := answer{Items: items{rows.JSON{Keys: keys, All: all}, q}, Collections: collections(q.snaps), Gaps: q.gaps, Begins: q.begins}
	if next != nil {
		a.Next = next.String()
	}
	err := json.MarshalWrite(w, a, jsontext.AllowInvalidUTF8(true), jsontext.EscapeForHTML(true))
	if err == nil {
		_, err = io.WriteString(w, "\n")
	}
	return err
}
