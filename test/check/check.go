// Package check has the assertions that the tests of all packages share.
package check

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Get returns the value of a call, or ends the test with its error: check.Get(f())(t).
func Get[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		OK(t, err)
		return v
	}
}

// OK ends the test with an error.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Equal compares what came with what was wanted.
func Equal(t testing.TB, what string, want, got any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Fails wants an error that has the text in it.
func Fails(t testing.TB, what string, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got the error %v, want %q in it", what, err, text)
	}
}

// Write writes a file that its owner alone can read, and returns its name.
func Write(t testing.TB, file, text string) string {
	t.Helper()
	OK(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}
