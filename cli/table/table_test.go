package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/test/check"
	"cloudip_exporter/text"
)

// printed is what Print prints.
func printed(t *testing.T, r *Table, s Screen, o Output) string {
	t.Helper()
	var b bytes.Buffer
	s.Out = &b
	check.OK(t, r.Print(s, o))
	return b.String()
}

// What a name from the cloud may hold.
const hostile = "a\x1b[31m\r\n\x00\u009b\u202eb\xff\x7f\u2028"

func sample(rows ...[]any) *Table {
	return &Table{Columns: []Column{{Key: "cloud"}, {Key: "project"}, {Key: "name"}, {Key: "n", Right: true}, {Key: "note", Wide: true}}, Rows: rows}
}

func TestATableIsAlignedAndLeavesOutWhatAllRowsShare(t *testing.T) {
	r := sample([]any{"c", "p", "网络", 7, "x"}, []any{"c", "q", "ascii", 1234.0, ""}, []any{"c", "q", "", nil, ""})
	want := "PROJECT  NAME      N\np        网络      7\nq        ascii  1234\nq        -         -\n"
	check.Equal(t, "table", want, printed(t, r, Screen{}, Output{}))
	check.Has(t, "wide table", printed(t, r, Screen{}, Output{Wide: true}), "CLOUD", "NOTE")
}

func TestATableFitsTheTerminalUnlessWide(t *testing.T) {
	long := strings.Repeat("很", 100)
	for _, width := range []int{20, 40, 80, 120} {
		screen := Screen{Terminal: true, Width: width}
		text := printed(t, sample([]any{"c", "p", long, 1, "x"}, []any{"c", "q", "short", 2, "x"}), screen, Output{})
		for line := range strings.Lines(text) {
			if got := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("a line of %d columns on a terminal of %d: %q", got, width, line)
			}
		}
		check.Has(t, "wide table", printed(t, sample([]any{"c", "p", long, 1, "x"}), screen, Output{Wide: true}), long)
		check.Has(t, "piped table", printed(t, sample([]any{"c", "p", long, 1, "x"}), Screen{}, Output{}), long)
	}
}

func TestPrefixesAndIDsAreNeverCut(t *testing.T) {
	const id = "4f53da82-5637-4d19-b3af-a075496ab512"
	r := func() *Table {
		return &Table{
			Columns: []Column{{Key: "name"}, {Key: "cidr"}, {Key: "used", Spare: true}, {Key: "subnet_id"}},
			Rows:    [][]any{{strings.Repeat("n", 50), "2001:db8:20::/64", 1234, id}},
		}
	}
	for width, want := range map[int]string{
		120: strings.Repeat("n", 50) + "  2001:db8:20::/64  1234  " + id,
		80:  "nnnnnnnnnnnnnnnnn…  2001:db8:20::/64  1234  " + id,
		69:  "nnnnnnnnnnnn…  2001:db8:20::/64  " + id, // what is spare goes first
		60:  "2001:db8:20::/64  1234  " + id,
		53:  "nnnnnnnnnnnnnnnnnnnnnnnnnnnn…  2001:db8:20::/64  1234",
	} {
		check.Has(t, fmt.Sprint(width, " columns"), printed(t, r(), Screen{Terminal: true, Width: width}, Output{}), "\n"+want+"\n")
	}
}

func TestColumnsChoosesAndOrders(t *testing.T) {
	r := sample([]any{"c", "p", "beta", 1, "x"}, []any{"c", "p", "alpha", 2, "y"})
	for format, want := range map[string]string{
		"table": "NOTE  CLOUD  NOTE\ny     c      y\n", "csv": "note,cloud,note\ny,c,y\n",
		"json": "[\n  {\n    \"note\": \"y\",\n    \"cloud\": \"c\",\n    \"note\": \"y\"\n  }\n]\n",
	} {
		o := Output{Format: format, Columns: "note,cloud,note", Filter: []string{"n=2"}, Sort: []string{"name"}}
		check.Equal(t, format, want, printed(t, r, Screen{}, o))
	}
	check.Equal(t, "an unknown column: exit", exit.Usage, exit.Code(Output{Columns: "note,nope"}.Check(r.Columns)))
	check.Equal(t, "an empty cell alone in its row", "note\n\"\"\nx\n", printed(t, sample([]any{"c", "p", "", 1, ""}, []any{"c", "p", "", 1, "x"}), Screen{}, Output{Format: "csv", Columns: "note"}))
}

func TestATableThatMustStayWholeBecomesCardsOnANarrowTerminal(t *testing.T) {
	long := strings.Repeat("很", 100)
	for width, want := range map[int]string{0: "CLOUD", 240: "CLOUD", 80: "c\n  PROJECT     p\n  NAME        " + long + "\n  N           1\n"} {
		r := sample([]any{"c", "p", long, 1, ""})
		r.Whole = true
		check.Has(t, fmt.Sprintf("%d columns", width), printed(t, r, Screen{Terminal: true, Width: width}, Output{}), want, long)
	}
}

func TestNoFormatLetsANameCommandTheTerminal(t *testing.T) {
	for _, format := range []string{"table", "json", "csv"} {
		text := printed(t, sample([]any{"c", "p", hostile, 1, ""}), Screen{Terminal: true, Width: 80}, Output{Format: format, Wide: true})
		for _, bad := range []string{"\x1b", "\r", "\x00", "\u009b", "\u202e", "\xff", "\x7f", "\u2028"} {
			check.Lacks(t, format, text, bad)
		}
	}
}

func TestJSONKeepsEveryValue(t *testing.T) {
	name := strings.ToValidUTF8(hostile, "\uFFFD") + "<&>\U000E0001"
	all := slices.Repeat([][]any{{"c", "p", name, 18446744073709551614.0, nil}}, 2000) // more than is written at once
	text := printed(t, sample(all...), Screen{}, Output{Format: "json"})
	var rows []map[string]any
	check.OK(t, json.Unmarshal([]byte(text), &rows))
	want := map[string]any{"cloud": "c", "project": "p", "name": name, "n": 18446744073709551614.0, "note": nil}
	check.Equal(t, "rows", slices.Repeat([]map[string]any{want}, len(all)), rows)
	check.Has(t, "JSON", text, "<&>")
}

func TestCSVGuardsAgainstFormulas(t *testing.T) {
	for _, name := range []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＠x", "x=1", "ü", ""} {
		text := printed(t, sample([]any{"c", "p", name, -1.0, ""}), Screen{}, Output{Format: "csv"})
		rows := check.Get(csv.NewReader(strings.NewReader(text)).ReadAll())(t)
		want := name
		if name != "" && !strings.HasPrefix(name, "x") && !strings.HasPrefix(name, "ü") {
			want = "'" + name
		}
		check.Equal(t, name, []string{"c", "p", want, "-1"}, rows[1][:4])
	}
}

func TestFilterKeepsTheRowsThatMatchAll(t *testing.T) {
	rows := func() *Table {
		return sample([]any{"c", "p", "Alpha", 1, "x"}, []any{"c", "q", "beta", 10, "y"}, []any{"c", "q", "gamma", 9, ""})
	}
	for filter, want := range map[string]string{
		"":                  "Alpha beta gamma",
		"name=beta":         "beta",
		"name=Beta":         "",
		"name!=beta":        "Alpha gamma",
		"name~A":            "Alpha beta gamma",
		"name~MM":           "gamma",
		"ALPHA":             "Alpha",
		"project=q name~et": "beta",
		"n=10":              "beta",
		"note=":             "gamma",
		"name=<n":           "",
		"net<10":            "",
	} {
		r := rows()
		check.OK(t, r.Filter(strings.Fields(filter)))
		check.Equal(t, fmt.Sprintf("%q keeps", filter), want, names(r))
	}
	for _, filter := range []string{"nope=1", "n<10", "N>10", "n>=10"} {
		check.Equal(t, filter+": exit", exit.Usage, exit.Code(rows().Filter([]string{filter})))
	}
}

func names(r *Table) string {
	var all []string
	for _, row := range r.Rows {
		all = append(all, row[2].(string))
	}
	return strings.Join(all, " ")
}

func TestSortComparesFiguresAndAddressesByValue(t *testing.T) {
	for keys, want := range map[string]string{
		"n":         "10.0.0.10 10.0.0.9 2001:db8::1 10.0.0.100",
		"-n":        "2001:db8::1 10.0.0.9 10.0.0.10 10.0.0.100",
		"name":      "10.0.0.9 10.0.0.10 10.0.0.100 2001:db8::1",
		"project n": "10.0.0.10 2001:db8::1 10.0.0.9 10.0.0.100",
	} {
		r := sample([]any{"c", "a", "10.0.0.10", 9, ""}, []any{"c", "b", "10.0.0.9", 10.0, ""}, []any{"c", "b", "10.0.0.100", nil, ""}, []any{"c", "a", "2001:db8::1", 100.0, ""})
		check.OK(t, r.Sort(strings.Fields(keys)))
		check.Equal(t, fmt.Sprintf("by %q", keys), want, names(r))
	}
	check.Equal(t, "an unknown column: exit", exit.Usage, exit.Code(sample().Sort([]string{"nope"})))
}

func TestAnEmptyResultIsStillWellFormed(t *testing.T) {
	for format, want := range map[string]string{"json": "[]\n", "csv": "cloud,project,name,n,note\n", "table": "NAME  N\n"} {
		check.Equal(t, format, want, printed(t, sample(), Screen{}, Output{Format: format}))
	}
}

func TestALongNameDoesNotWidenEveryLine(t *testing.T) {
	r := &Table{Columns: []Column{{Key: "subnet_name"}, {Key: "cidr"}}, Rows: [][]any{{strings.Repeat("ü", 1<<20), "a"}}}
	for range 100 {
		r.Rows = append(r.Rows, []any{"short", "b"})
	}
	var b strings.Builder
	check.OK(t, writeTable(&b, r.shown(true)))
	if lines := strings.Split(b.String(), "\n"); len(b.String()) > 102*(4096+20) || !strings.Contains(lines[1], "ü"+text.Ellipsis+"  a") {
		t.Errorf("%d bytes, the long line ends %q", b.Len(), lines[1][max(0, len(lines[1])-20):])
	}
}
