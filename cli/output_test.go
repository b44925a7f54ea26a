package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

func sample(rows ...[]any) *result {
	return &result{columns: []column{{key: "cloud"}, {key: "project"}, {key: "name"}, {key: "n", right: true}, {key: "note", wide: true}}, rows: rows}
}

func TestATableIsAlignedAndLeavesOutWhatAllRowsShare(t *testing.T) {
	w := newWorld(t)
	r := sample([]any{"c", "p", "网络", 7, "x"}, []any{"c", "q", "ascii", 1234.0, ""}, []any{"c", "q", "", nil, ""})
	if err := w.print(r, Output{}); err != nil {
		t.Fatal(err)
	}
	want := "PROJECT  NAME      N\np        网络      7\nq        ascii  1234\nq        -         -\n"
	if got := w.out.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	w.out.Reset()
	_ = w.print(r, Output{Wide: true})
	wantText(t, "wide table", w.out.String(), "CLOUD", "NOTE")
}

func TestATableFitsTheTerminalUnlessWide(t *testing.T) {
	long := strings.Repeat("很", 100)
	for _, width := range []int{20, 40, 80, 120} {
		w := newWorld(t)
		w.StdoutTerminal, w.Width = true, func() int { return width }
		w.Getenv = func(k string) string { return map[string]string{"NO_COLOR": "1"}[k] }
		_ = w.print(sample([]any{"c", "p", long, 1, "x"}, []any{"c", "q", "short", 2, "x"}), Output{})
		for line := range strings.Lines(w.out.String()) {
			if got := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Errorf("a line of %d columns on a terminal of %d: %q", got, width, line)
			}
		}
		w.out.Reset()
		_ = w.print(sample([]any{"c", "p", long, 1, "x"}), Output{Wide: true})
		wantText(t, "wide table", w.out.String(), long)
		w.out.Reset()
		w.StdoutTerminal = false
		_ = w.print(sample([]any{"c", "p", long, 1, "x"}), Output{})
		wantText(t, "piped table", w.out.String(), long)
	}
}

func TestATableThatMustStayWholeBecomesCardsOnANarrowTerminal(t *testing.T) {
	long := strings.Repeat("很", 100)
	for width, want := range map[int]string{0: "CLOUD", 240: "CLOUD", 80: "c\n  PROJECT     p\n  NAME        " + long + "\n  N           1\n"} {
		w := newWorld(t)
		w.StdoutTerminal, w.Width = true, func() int { return width }
		w.Getenv = func(k string) string { return map[string]string{"NO_COLOR": "1"}[k] }
		r := sample([]any{"c", "p", long, 1, ""})
		r.whole = true
		_ = w.print(r, Output{})
		wantText(t, fmt.Sprintf("%d columns", width), w.out.String(), want, long)
	}
}

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	for name, tt := range map[string]struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		"terminal": {true, nil, true},
		"pipe":     {false, nil, false},
		"NO_COLOR": {true, map[string]string{"NO_COLOR": "1"}, false},
		"dumb":     {true, map[string]string{"TERM": "dumb"}, false},
	} {
		w := newWorld(t)
		w.StdoutTerminal, w.Getenv = tt.terminal, func(k string) string { return tt.env[k] }
		_ = w.print(sample([]any{"c", "p", "a", 1, ""}), Output{})
		if got := strings.Contains(w.out.String(), "\x1b["); got != tt.want {
			t.Errorf("%s: coloured %t, want %t", name, got, tt.want)
		}
	}
}

func TestSubnetsThatRunOutAreColoured(t *testing.T) {
	for free, want := range map[float64]style{0: red, 5: red, 6: yellow, 10: yellow, 11: plain} {
		if got := urgency(100.0, free); got != want {
			t.Errorf("%v of 100 left: %q, want %q", free, got, want)
		}
	}
	if got := urgency(nil, nil); got != plain {
		t.Errorf("unknown: %q", got)
	}
}

// What a name from the cloud may hold.
const hostile = "a\x1b[31m\r\n\x00\u009b\u202eb\xff\x7f\u2028"

func TestNoFormatLetsANameCommandTheTerminal(t *testing.T) {
	for _, format := range []string{"table", "json", "csv"} {
		w := newWorld(t)
		w.StdoutTerminal, w.Getenv = true, func(k string) string { return map[string]string{"NO_COLOR": "1"}[k] }
		if err := w.print(sample([]any{"c", "p", hostile, 1, ""}), Output{Format: format, Wide: true}); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"\x1b", "\r", "\x00", "\u009b", "\u202e", "\xff", "\x7f", "\u2028"} {
			if strings.Contains(w.out.String(), bad) {
				t.Errorf("%s lets %q through: %q", format, bad, w.out)
			}
		}
	}
}

func TestJSONKeepsEveryValue(t *testing.T) {
	w := newWorld(t)
	name := strings.ToValidUTF8(hostile, "\uFFFD") + "<&>\U000E0001"
	_ = w.print(sample([]any{"c", "p", name, 18446744073709551614.0, nil}), Output{Format: "json"})
	var rows []map[string]any
	if err := json.Unmarshal(w.out.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	if rows[0]["name"] != name || rows[0]["n"] != 18446744073709551614.0 || rows[0]["note"] != nil {
		t.Errorf("got %v", rows[0])
	}
	wantText(t, "JSON", w.out.String(), "<&>")
}

func TestCSVGuardsAgainstFormulas(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＠x", "x=1", "ü", ""} {
		w.out.Reset()
		_ = w.print(sample([]any{"c", "p", name, -1.0, ""}), Output{Format: "csv"})
		rows, err := csv.NewReader(bytes.NewReader(w.out.Bytes())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := name
		if name != "" && !strings.HasPrefix(name, "x") && !strings.HasPrefix(name, "ü") {
			want = "'" + name
		}
		if rows[1][2] != want || rows[1][3] != "-1" {
			t.Errorf("%q became %q, %q", name, rows[1][2], rows[1][3])
		}
	}
}

func TestFilterKeepsTheRowsThatMatchAll(t *testing.T) {
	rows := func() *result {
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
	} {
		r := rows()
		if err := r.filter(strings.Fields(filter)); err != nil {
			t.Fatal(err)
		}
		if got := names(r); got != want {
			t.Errorf("%q keeps %q, want %q", filter, got, want)
		}
	}
	wantExit(t, rows().filter([]string{"nope=1"}), ExitUsage)
}

func names(r *result) string {
	var all []string
	for _, row := range r.rows {
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
		if err := r.sort(strings.Fields(keys)); err != nil {
			t.Fatal(err)
		}
		if got := names(r); got != want {
			t.Errorf("by %q: %s, want %s", keys, got, want)
		}
	}
	wantExit(t, sample().sort([]string{"nope"}), ExitUsage)
}

func TestAnEmptyResultIsStillWellFormed(t *testing.T) {
	for format, want := range map[string]string{"json": "[]\n", "csv": "cloud,project,name,n,note\n", "table": "NAME  N\n"} {
		w := newWorld(t)
		_ = w.print(sample(), Output{Format: format})
		if got := w.out.String(); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAResultThatCannotBeWrittenIsAFailure(t *testing.T) {
	for _, format := range []string{"json", "csv", "table"} {
		w := newWorld(t, newFake(config.OTC))
		w.Stdout = failing{}
		wantExit(t, w.Inventory(t.Context(), InventoryOptions{Output: Output{Format: format}}), ExitFailure)
	}
}

func TestTheExitCodeIsFoundThroughWrappingAndJoining(t *testing.T) {
	conflict := fmt.Errorf("assign: %w", refusal(500, "VPC.0701"))
	wantExit(t, nil, ExitOK)
	wantExit(t, errors.New("x"), ExitFailure)
	wantExit(t, conflict, ExitConflict)
	wantExit(t, errors.Join(errors.New("x"), conflict), ExitConflict)
	wantExit(t, fmt.Errorf("x: %w", usagef("y")), ExitUsage)
	wantExit(t, exitf(ExitUnknown, "x: %w", conflict), ExitUnknown)
}

func TestNovasOverLimitIsThrottlingAndNoQuotaThatCouldBeRaised(t *testing.T) {
	err := &apierr.StatusError{Status: 413, Code: "overLimit", Message: "This request was rate-limited.", Service: "compute", Operation: "list_servers"}
	wantExit(t, err, ExitThrottled)
	if got := Advice(err); got != "" {
		t.Errorf("advice %q", got)
	}
	err.Message = "Quota exceeded for instances"
	wantExit(t, err, ExitThrottled)
	wantText(t, "advice", Advice(err), "quota")
}

func TestQuoteMakesOneShellWord(t *testing.T) {
	for in, want := range map[string]string{"a/b.yml": "a/b.yml", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "~/x": "'~/x'"} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) is %s, want %s", in, got, want)
		}
	}
}

func TestALongNameDoesNotWidenEveryLine(t *testing.T) {
	r := &result{columns: []column{{key: "subnet_name"}, {key: "cidr"}}, rows: [][]any{{strings.Repeat("ü", 1<<20), "a"}}}
	for range 100 {
		r.rows = append(r.rows, []any{"short", "b"})
	}
	var b strings.Builder
	if err := r.writeTable(&b, true, false, 0); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(b.String(), "\n"); len(b.String()) > 102*(longest+20) || !strings.Contains(lines[1], "ü"+ellipsis+"  a") {
		t.Errorf("%d bytes, the long line ends %q", b.Len(), lines[1][max(0, len(lines[1])-20):])
	}
}

func TestAnErrorDoesNotCommandTheTerminal(t *testing.T) {
	err := errors.Join(errors.New("a \x1b[31m\u202e"), errors.New("b "+strings.Repeat("x", 1<<20)))
	got := Message(err)
	if want := `a \x1b[31m\u202e` + "\nb xxx"; !strings.HasPrefix(got, want) || len(got) > 2*longest {
		t.Errorf("%d bytes: %.100q", len(got), got)
	}
}
