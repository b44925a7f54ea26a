// Package text makes texts safe that come from outside: clouds, files and
// arguments choose them freely. Each place that shows a text takes one of these
// forms.
package text

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ellipsis stands for what is cut off.
const Ellipsis = "…"

const (
	labelBytes = 128
	quoteBytes = 64
)

// TagLabel returns the name of the label of a tag: each character that no label may have
// has become an underscore.
func TagLabel(tag string) string {
	return "tag_" + strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, tag)
}

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
// character, it ends with an Ellipsis.
func Clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= n {
		return s
	}
	n = max(0, n-len(Ellipsis))
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + Ellipsis
}

// Quote returns the beginning of s in quotes, for a message.
func Quote(s string) string { return strconv.Quote(Clip(s, quoteBytes)) }

// shownBytes is what is shown of a text on one line of a terminal: a name may
// have megabytes, and every line of a table is as wide as its longest cell.
const shownBytes = 4096

// Terminal returns s fit for a terminal: of bounded length, and with escapes for
// what a terminal would obey, or what turns the direction of text.
func Terminal(s string) string {
	if len(s) > shownBytes {
		s = Clip(s, shownBytes)
	}
	if !strings.ContainsFunc(s, commands) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !commands(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// Message returns the text of an error, fit for a terminal: it may repeat what a
// cloud, a file or an argument says.
func Message(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = Terminal(line)
	}
	return strings.Join(lines, "\n")
}

// ShellWord returns s as one word for a shell.
func ShellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// commands reports whether r is a control or format character, or a separator
// of lines.
func commands(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// JSON escapes, in encoded JSON, what a terminal could obey: the JSON
// means the same. Such characters occur only inside JSON's strings.
func JSON(encoded []byte) []byte {
	if !bytes.ContainsFunc(encoded, func(r rune) bool { return r != '\n' && commands(r) }) {
		return encoded
	}
	var b bytes.Buffer
	for _, r := range string(encoded) {
		switch {
		case r == '\n' || !commands(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xD800+(r>>10), 0xDC00+(r&0x3FF))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// Near returns the known word that a mistyped one is closest to: one that it
// begins, or that few changes make of it. It is "" where none is near.
func Near(word string, known []string) string {
	const beginning = 3 // letters that tell a word
	nearest, fewest := "", max(1, len(word)/3)+1
	for _, k := range known {
		if len(word) >= beginning && strings.HasPrefix(k, word) {
			return k
		}
		if len(k)-len(word) < fewest && len(word)-len(k) < fewest {
			if d := distance(word, k); d < fewest {
				nearest, fewest = k, d
			}
		}
	}
	return nearest
}

// distance is how many bytes must be changed, added, dropped, or swapped with
// their neighbour to make b of a.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
