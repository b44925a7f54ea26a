package faults

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// row is one fault and what is promised in spite of it.
type row struct {
	number  int // its place in the table
	fault   string
	promise string
	figure  string   // what the script asserts
	note    string   // what is scaled down, or not reached, and why
	also    []string // tests elsewhere that hold the rest, or all where nothing is played: "package Test…"
	play    func(t *testing.T, r *report)
}

// report collects what a script measured.
type report struct {
	mu    sync.Mutex
	lines []string
}

func (r *report) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// plainName is what a folder of a test may be called without quotes.
var plainName = regexp.MustCompile(`[^A-Za-z0-9]+`)

func rows() []row {
	all := slices.Concat(answerRows(), pagingRows(), transportRows(), modelRows(), scrapeRows(), configRows(), servingRows(), hostileRows(), storageRows())
	for i := range all {
		all[i].number = i + 1
	}
	return all
}

func TestFault(t *testing.T) {
	if golden.Updates() {
		t.Skip("the document alone is written")
	}
	all := slices.DeleteFunc(rows(), func(r row) bool { return r.play == nil })
	if testing.Short() && !*long { // go test ./... plays each
		all = slices.DeleteFunc(all, func(r row) bool { return r.number%10 != 8 })
	}
	reports, held := make([]report, len(all)), make([]bool, len(all))
	t.Run("rows", func(t *testing.T) {
		for i, r := range all {
			t.Run(fmt.Sprintf("%02d %s", r.number, plainName.ReplaceAllString(r.fault, " ")), func(t *testing.T) {
				t.Parallel()
				r.play(t, &reports[i])
				held[i] = !t.Failed() && !t.Skipped()
			})
		}
	})
	if *table {
		fmt.Print(measured(all, reports, held))
	}
}

// measured is the table of a run.
func measured(all []row, reports []report, held []bool) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "row\tpromise\tfigure\theld\tmeasured\n")
	n := 0
	for i, r := range all {
		verdict := "NO"
		if held[i] {
			verdict = "held"
			n++
		}
		fmt.Fprintf(w, "%d\t%s: %s\t%s\t%s\t%s\n", r.number, r.fault, r.promise, r.figure, verdict, strings.Join(reports[i].lines, "; "))
	}
	_ = w.Flush()
	fmt.Fprintf(&b, "%d of %d rows held. What is scaled down or not reached:\n", n, len(all))
	for _, r := range all {
		if r.note != "" {
			fmt.Fprintf(&b, "  %d: %s\n", r.number, r.note)
		}
	}
	return b.String()
}

func TestEveryRowOfTheMatrixIsWhole(t *testing.T) {
	for _, r := range rows() {
		if r.fault == "" || r.promise == "" || r.figure == "" || r.play == nil && r.also == nil {
			t.Errorf("row %d lacks something: %s", r.number, r.fault)
		}
	}
}

func TestTestsNamedByTheMatrixExist(t *testing.T) {
	for _, r := range rows() {
		for _, name := range r.also {
			dir, test, _ := strings.Cut(name, " ")
			texts := ""
			for _, file := range check.Get(filepath.Glob(filepath.Join("../..", filepath.FromSlash(dir), "*_test.go")))(t) {
				texts += check.Read(t, file)
			}
			if !strings.Contains(texts, "\nfunc "+test+"(") {
				t.Errorf("row %d names %s, which does not exist", r.number, name)
			}
		}
	}
}

// TestNamedTests runs what the rows name, for `make faults`; `go test ./...`
// runs it anyway.
func TestNamedTests(t *testing.T) {
	if !*named {
		t.Skip("with -named only")
	}
	byDir := map[string][]string{}
	for _, r := range rows() {
		for _, name := range r.also {
			dir, test, _ := strings.Cut(name, " ")
			if !strings.HasPrefix(test, "Fuzz") && !slices.Contains(byDir[dir], test) {
				byDir[dir] = append(byDir[dir], test)
			}
		}
	}
	for dir, tests := range byDir {
		out, err := exec.Command("go", "test", "-count=1", "-run", "^("+strings.Join(tests, "|")+")$", "cloudip_exporter/"+dir).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
	}
}

func TestTheDocumentIsTheTable(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(introduction)
	for _, r := range rows() {
		fmt.Fprintf(&b, "%d. %s: %s\n", r.number, r.fault, r.promise)
	}
	b.WriteString(rest)
	golden.Check(t, "../../docs/reliability.md", b.String())
}

// introduction and rest stand before and behind the table in docs/reliability.md.
const introduction = `# Faults, and what the exporter does

The worst fault would be to publish a number that is too low: the alert for a full
subnet would not fire. The second worst would be to send a credential to a stranger. For each
row, a script plays the fault against the built program and asserts the promise with figures,
or tests of its parts hold it; ` + "`make faults-long`" + ` prints what was measured.

`

const rest = `
` + "`make model`" + ` compares 10,000 random sequences of faults, scrapes, reloads and time with a model of
what may be published; ` + "`make fuzz`" + ` runs every decoder with random input.
`
