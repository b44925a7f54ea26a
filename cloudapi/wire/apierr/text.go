package apierr

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Spoken turns list_ports into "list ports".
func Spoken(operation string) string { return strings.ReplaceAll(operation, "_", " ") }

// OneLine makes white space single blanks and drops what is not printable.
func OneLine(text string) string {
	text = strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return ' '
		}
		if !unicode.IsPrint(c) {
			return utf8.RuneError
		}
		return c
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// Cut shortens a text to at most n bytes, at a character.
func Cut(text string, n int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) <= n {
		return text
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// Quote quotes and bounds a text of the cloud for an error message.
func Quote(text string) string {
	const most = 64
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(text)
}

// QuoteValue is Quote for a value that a cloud chose freely. What is long enough
// to be a token is not repeated: clouds echo what they were sent.
func QuoteValue(text string) string { return Quote(opaque.ReplaceAllString(text, redacted)) }
