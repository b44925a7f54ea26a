package collector

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLabelValueIsValidAndShort(t *testing.T) {
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
		if got := labelValue(tt.in); got != tt.want {
			t.Errorf("%s: labelValue(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func FuzzLabelValue(f *testing.F) {
	f.Add("a\xff")
	f.Add(strings.Repeat("é", 100))
	f.Fuzz(func(t *testing.T, s string) {
		got := labelValue(s)
		if !utf8.ValidString(got) || len(got) > maxLabelBytes {
			t.Errorf("labelValue(%q) = %q", s, got)
		}
		if utf8.ValidString(s) && !strings.HasPrefix(s, got) {
			t.Errorf("labelValue(%q) = %q, which is no beginning of it", s, got)
		}
		if len(s) <= maxLabelBytes && utf8.ValidString(s) && got != s {
			t.Errorf("labelValue(%q) = %q, which needed no change", s, got)
		}
	})
}
