package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// manyAddresses are those of IPv6, of which nobody reads the last digits.
const manyAddresses = 1e12

// text is a cell as a table shows it.
func (c *column) text(v any) string {
	show := rawText
	if c.short != nil {
		show = c.short
	}
	if f, ok := v.(float64); ok && f >= manyAddresses {
		return strconv.FormatFloat(f, 'g', 3, 64)
	}
	if text := show(v); text != "" {
		return printable(bounded(text))
	}
	return unknown
}

// longest is what is shown of a text on one line, in bytes. A name may have
// megabytes, and every line of a table is as wide as its longest cell.
const longest = 4096

func bounded(text string) string {
	if len(text) <= longest {
		return text
	}
	end := longest
	for end > longest-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

// rawText is a cell as plain text, "" for what is not known.
func rawText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case fmt.Stringer:
		return v.String()
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
}

// printable writes characters that a terminal would obey, or that turn the
// direction of text, as escapes. Names come from the cloud's users.
func printable(s string) string {
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

// Message is the text of an error, fit for a terminal: it may repeat what a
// cloud, a file or an argument says.
func Message(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = printable(bounded(line))
	}
	return strings.Join(lines, "\n")
}

// commands reports whether r is a control or format character, or a separator
// of lines.
func commands(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// unformula keeps a spreadsheet from taking a cell for a formula.
func unformula(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}
