package text

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
