package text

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"cloudip_exporter/test/check"
)

func TestALabelIsValidAndShort(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "web-1", "web-1"},
		{"newline and quote stay", "a\n\"b\\\x00", "a\n\"b\\\x00"},
		{"invalid bytes", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"half a character at the end", "a\xe2\x82", "a\ufffd\ufffd"},
		{"128 bytes stay", strings.Repeat("x", 128), strings.Repeat("x", 128)},
		{"129 bytes are cut", strings.Repeat("x", 129), strings.Repeat("x", 128)},
		{"cut at a character", strings.Repeat("x", 127) + "é", strings.Repeat("x", 127)},
		{"cut before a wide one", strings.Repeat("x", 125) + "😀", strings.Repeat("x", 125)},
		{"replacing makes it longer", strings.Repeat("\xff", 100), strings.Repeat("\ufffd", 42)},
	} {
		check.Equal(t, tt.name, tt.want, Label(tt.in))
	}
}

func FuzzLabel(f *testing.F) {
	f.Add("a\xff")
	f.Add(strings.Repeat("é", 100))
	f.Fuzz(func(t *testing.T, s string) {
		got := Label(s)
		if !utf8.ValidString(got) || len(got) > labelBytes {
			t.Errorf("Label(%q) = %q", s, got)
		}
		if utf8.ValidString(s) && !strings.HasPrefix(s, got) {
			t.Errorf("Label(%q) = %q, which is no beginning of it", s, got)
		}
		if len(s) <= labelBytes && utf8.ValidString(s) && got != s {
			t.Errorf("Label(%q) = %q, which needed no change", s, got)
		}
	})
}

func TestALineHoldsNothingThatMovesText(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb\n c":        "a b c",
		"a\x1b[31mb":      "a\ufffd[31mb",
		"a\u202eb\u2028c": "a\ufffdb c",
		"न\u200dम \U0001F468\u200d\U0001F469": "न\u200dम \U0001F468\u200d\U0001F469",
	} {
		check.Equal(t, fmt.Sprintf("line of %q", in), want, Line(in))
	}
}

func FuzzClip(f *testing.F) {
	f.Add("é…", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 3), 1000)
		got := Clip(s, n)
		if !utf8.ValidString(got) || len(got) > n {
			t.Errorf("Clip(%q, %d) = %q", s, n, got)
		}
	})
}

func TestNear(t *testing.T) {
	known := []string{"inventory", "lookup", "serve", "server", "simulate", "--output", "concurrency"}
	for word, want := range map[string]string{
		"inventroy": "inventory", "lokup": "lookup", "inv": "inventory", "sevre": "serve", "servers": "server", "--ouput": "--output", "conccurency": "concurrency",
		"dance": "", "in": "", "": "", "x": "", "lookup everything there is": "",
	} {
		check.Equal(t, "near to "+word, want, Near(word, known))
	}
}

func TestAShellWordIsOneWord(t *testing.T) {
	for in, want := range map[string]string{"a/b.yml": "a/b.yml", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "~/x": "'~/x'"} {
		check.Equal(t, fmt.Sprintf("shell word of %q", in), want, ShellWord(in))
	}
}

func TestAnErrorDoesNotCommandTheTerminal(t *testing.T) {
	err := errors.Join(errors.New("a \x1b[31m\u202e"), errors.New("b "+strings.Repeat("x", 1<<20)))
	got := Message(err)
	if want := `a \x1b[31m\u202e` + "\nb xxx"; !strings.HasPrefix(got, want) || len(got) > 2*4096 {
		t.Errorf("%d bytes: %.100q", len(got), got)
	}
}
