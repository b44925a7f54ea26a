// Package golden compares what tests make with files, or writes it there, and reads
// answers that were recorded of a real cloud.
package golden

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files and what documents show of the program")

// Check compares a file with what it must hold. With -update it writes the file instead.
func Check(t testing.TB, file, want string) {
	t.Helper()
	is, err := os.ReadFile(file)
	switch {
	case *update && (err != nil || string(is) != want):
		err = os.WriteFile(file, []byte(want), 0o644)
	case err == nil && string(is) != want:
		t.Errorf("%s differs (-file +program); if that is meant, rewrite it by go test -update:\n%s", file, cmp.Diff(string(is), want))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Blocks compares what stands in a document between <!-- NAME: generated --> and <!-- /NAME -->
// with the text of each name.
func Blocks(t testing.TB, file string, blocks map[string]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name, block := range blocks {
		begin, end := "<!-- "+name+": generated -->\n", "<!-- /"+name+" -->"
		before, rest, ok := strings.Cut(text, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the %s", file, name)
		}
		text = before + begin + block + end + after
	}
	Check(t, file, text)
}

// Updates reports whether files are rewritten: what takes long can be left out then.
func Updates() bool { return *update }

// Cases compares the cases of a file: "== NAME", what goes in, "=>" and what comes of it, which
// -update rewrites.
func Cases(t testing.TB, file string, of func(in string) string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, cases, _ := strings.Cut("\n"+string(text), "\n== ")
	if begin != "" || cases == "" {
		t.Fatalf("%s has no case, or text before the first", file)
	}
	var b strings.Builder
	for c := range strings.SplitSeq(cases, "\n== ") {
		in, _, _ := strings.Cut(c, "\n=>")
		_, body, _ := strings.Cut(in, "\n")
		b.WriteString("== " + in + "\n=>\n" + strings.TrimRight(of(body), "\n") + "\n\n")
	}
	Check(t, file, b.String())
}

// Recorded reads a recorded answer of a real OpenStack from the folder. Long lists were
// cut when recording: a text stands for what was left out.
func Recorded(t testing.TB, folder, name string) (body string, status int) {
	t.Helper()
	var r struct {
		Response struct {
			Status int
			Body   json.RawMessage
		}
	}
	data, err := os.ReadFile(filepath.Join(folder, name+".json"))
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Response.Body), r.Response.Status
}
