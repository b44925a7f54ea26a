// Package check has what tests of all packages do in one line: compare what they get
// with what they want, and read and write files.
package check

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Tests hold little and make much garbage: collecting it seldom saves a third of their time. The
// environment says so to what they start, and to a daemon in the same process, which would tune itself.
var _, _ = debug.SetGCPercent(400), os.Setenv("GOGC", "400")

// OK ends the test with an error.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Equal compares what came with what was wanted.
func Equal[T any](t testing.TB, what string, want, got T, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, append(options, cmp.Exporter(func(reflect.Type) bool { return true }))...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Has reports which parts a text lacks.
func Has(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q:\n%.4000s", what, part, text)
		}
	}
}

// Lacks reports which of the parts a text has.
func Lacks(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%s has %q:\n%.4000s", what, part, text)
		}
	}
}

// Fails wants an error that has the text in it, and none of the secrets.
func Fails(t testing.TB, what string, err error, text string, secrets ...string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got the error %v, want %q in it", what, err, text)
		return
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error shows %q: %v", what, secret, err)
		}
	}
}

// Get returns the value of a call, or ends the test with its error: check.Get(f())(t).
func Get[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		OK(t, err)
		return v
	}
}

// Files returns the files of a pattern, and ends the test where there are none.
func Files(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no file %s: %v", pattern, err)
	}
	return files
}

// Read returns the text of a file.
func Read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	OK(t, err)
	return string(text)
}

// Write writes a file that only its owner reads, and returns its path.
func Write(t testing.TB, file, text string) string {
	t.Helper()
	OK(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// Within is the context of a test for so long.
func Within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
