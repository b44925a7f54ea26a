package terminal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

func TestQuoteMakesOneShellWord(t *testing.T) {
	for in, want := range map[string]string{"a/b.yml": "a/b.yml", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "~/x": "'~/x'"} {
		check.Equal(t, fmt.Sprintf("quote(%q)", in), want, Quote(in))
	}
}

func TestAnErrorDoesNotCommandTheTerminal(t *testing.T) {
	err := errors.Join(errors.New("a \x1b[31m\u202e"), errors.New("b "+strings.Repeat("x", 1<<20)))
	got := Message(err)
	if want := `a \x1b[31m\u202e` + "\nb xxx"; !strings.HasPrefix(got, want) || len(got) > 2*4096 {
		t.Errorf("%d bytes: %.100q", len(got), got)
	}
}
