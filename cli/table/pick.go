package table

import (
	"iter"
	"slices"
)

// Adder returns a function that adds a row of values, which stand in the order of
// keys. The columns choose among them.
func (r *Table) Adder(keys []string) func(values []any) {
	at := make([]int, len(r.Columns))
	for i, c := range r.Columns {
		at[i] = slices.Index(keys, c.Key)
	}
	return func(values []any) {
		row := make([]any, len(at))
		for i, from := range at {
			if from >= 0 {
				row[i] = values[from]
			}
		}
		r.Rows = append(r.Rows, row)
	}
}

// Add adds rows of values, as Adder does.
func (r *Table) Add(keys []string, all iter.Seq[[]any]) {
	add := r.Adder(keys)
	for values := range all {
		add(values)
	}
}
