// Package golden compares what tests make with files, or writes it there.
package golden

import (
	"flag"
	"os"
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

// Updates reports whether files are rewritten: what takes long can be left out then.
func Updates() bool { return *update }
