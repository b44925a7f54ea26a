package table

import (
	"slices"
	"strings"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory/rows"
)

// Filter keeps the rows that match every expression.
func (r *Table) Filter(expressions []string) error {
	for _, x := range expressions {
		match, err := r.matcher(x)
		if err != nil {
			return err
		}
		r.Rows = slices.DeleteFunc(r.Rows, func(row []any) bool { return !match(row) })
	}
	return nil
}

// matcher reads key=value (exactly), key!=value, key~part, or a part of any cell.
func (r *Table) matcher(x string) (func(row []any) bool, error) {
	if i := strings.IndexAny(x, "=~<>"); i > 0 && (x[i] == '<' || x[i] == '>') {
		if _, err := r.column(x[:i], "filter"); err == nil {
			return nil, exit.Usagef("--filter=%s: only =, != and ~ compare: order the rows by --sort=%s", x, x[:i])
		}
	}
	at := strings.IndexAny(x, "=~")
	if at < 0 {
		return func(row []any) bool {
			return slices.ContainsFunc(row, func(v any) bool { return contains(rows.ValueText(v), x) })
		}, nil
	}
	key, value := x[:at], x[at+1:]
	not := x[at] == '=' && strings.HasSuffix(key, "!")
	col, err := r.column(strings.TrimSuffix(key, "!"), "filter")
	if err != nil {
		return nil, err
	}
	if x[at] == '~' {
		return func(row []any) bool { return contains(rows.ValueText(row[col]), value) }, nil
	}
	return func(row []any) bool { return (rows.ValueText(row[col]) == value) != not }, nil
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// Sort orders the rows by keys, the first one first; equal rows stay as they are.
func (r *Table) Sort(keys []string) error {
	type order struct {
		column int
		down   bool
	}
	var by []order
	for _, k := range keys {
		name, down := strings.CutPrefix(k, "-")
		col, err := r.column(name, "sort")
		if err != nil {
			return err
		}
		by = append(by, order{col, down})
	}
	slices.SortStableFunc(r.Rows, func(a, b []any) int {
		for _, o := range by {
			if c := rows.CompareValues(a[o.column], b[o.column], o.down); c != 0 {
				return c
			}
		}
		return 0
	})
	return nil
}

// column returns the column with a key, or with a title as tables show it.
func (r *Table) column(key, what string) (int, error) {
	i := slices.IndexFunc(r.Columns, func(c Column) bool { return c.Key == key })
	if i < 0 {
		i = slices.IndexFunc(r.Columns, func(c Column) bool { return strings.EqualFold(c.Key, key) || strings.EqualFold(c.heading(), key) })
	}
	if i < 0 {
		return 0, exit.Usagef("%s: there is no column %q; choose one of %s", what, key, strings.Join(r.keys(), ", "))
	}
	return i, nil
}
