package clients

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// values are what somebody says of a cloud: a text for each "id field".
type values map[string]string

func (v values) set(id, field string, value any) { v[id+" "+field] = fmt.Sprint(value) }

// who is a client that is logged in to a cloud.
type who struct{ client, login string }

// matrix counts, for each client and operation, the values that were compared.
type matrix struct{ rows []matrixRow }

type matrixRow struct {
	who
	operation      string
	values, differ int
}

// compare counts the values and fails the test for each that differs, or that
// only one side has.
func (m *matrix) compare(t *testing.T, by who, operation string, got, want values) {
	t.Helper()
	row := matrixRow{who: by, operation: operation, values: len(want)}
	if len(want) == 0 {
		t.Errorf("%s, %s: nothing to compare", by, operation)
	}
	for key := range got {
		if _, known := want[key]; !known {
			row.values++
			row.differ++
			t.Errorf("%s, %s: %s: the client has %q, the truth has no such value", by, operation, key, got[key])
		}
	}
	for key, right := range want {
		if has, found := got[key]; !found || has != right {
			row.differ++
			t.Errorf("%s, %s: %s: the client has %q (%t), the truth is %q", by, operation, key, has, found, right)
		}
	}
	m.rows = append(m.rows, row)
}

// String shows, for each operation and client, the values and how many differ,
// over all ways to log in, and then those ways.
func (m *matrix) String() string {
	sums := map[[2]string]matrixRow{}
	add := func(row matrixRow, client, line string) {
		sum := sums[[2]string{client, line}]
		sum.values, sum.differ = sum.values+row.values, sum.differ+row.differ
		sums[[2]string{client, line}] = sum
	}
	var clients, operations, logins []string
	note := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, row := range m.rows {
		note(&clients, row.client)
		note(&operations, row.operation)
		note(&logins, "by "+row.login)
		add(row, row.client, row.operation)
		add(row, row.client, "by "+row.login)
		add(row, row.client, "all")
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "values/differ\t"+strings.Join(clients, "\t"))
	for _, line := range slices.Concat(operations, logins, []string{"all"}) {
		fmt.Fprint(w, line)
		for _, client := range clients {
			cell := "-"
			if sum, has := sums[[2]string{client, line}]; has {
				cell = fmt.Sprintf("%d/%d", sum.values, sum.differ)
			}
			fmt.Fprint(w, "\t"+cell)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	return b.String()
}
