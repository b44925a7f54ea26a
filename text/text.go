// Package text makes texts safe that come from outside: clouds, files and
// arguments choose them freely. Each place that shows a text takes one of these
// forms.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	ellipsis   = "…"
	labelBytes = 128
	quoteBytes = 64
)

// Label returns s as the value of a label: valid UTF-8 of at most 128 bytes, cut
// at a character. Each invalid byte becomes U+FFFD.
func Label(s string) string {
	if len(s) <= labelBytes && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // an invalid byte is read as U+FFFD
		if b.Len()+utf8.RuneLen(r) > labelBytes {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Line returns s on one line: white space becomes single blanks, and what does
// not print becomes U+FFFD. The joiners of scripts and emoji stay.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c' || r == '\u200d' || unicode.IsPrint(r):
			return r
		}
		return utf8.RuneError
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Clip returns s as valid UTF-8 of at most n bytes; where it had to be cut, at a
// character, it ends with an ellipsis.
func Clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= n {
		return s
	}
	n = max(0, n-len(ellipsis))
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + ellipsis
}

// Quote returns the beginning of s in quotes, for a message.
func Quote(s string) string { return strconv.Quote(Clip(s, quoteBytes)) }
