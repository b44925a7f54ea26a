package web

import (
	"strconv"
	"strings"
	"unicode"
)

const (
	nameMax   = 128 // characters of a name that are shown
	reasonMax = 400 // of an error
	exactMax  = 1e9 // figures beyond are rounded
)

// visible is a name as the page shows it: no longer than a label of a metric
// and without characters that turn or hide the text around them.
func visible(s string) string { return cutText(nameMax, s) }

// reason is visible for an error.
func reason(s string) string { return cutText(reasonMax, s) }

func cutText(most int, s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == most {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '\n' || r == '\t':
			r = ' '
		case !unicode.IsGraphic(r) && !joins(r):
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// joins tells the joiners that scripts and emoji are written with.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' }

// figure writes a number of addresses or entries; a dash when it is not known.
func figure(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case *int:
		if v != nil {
			return strconv.Itoa(*v)
		}
	case *float64:
		if v != nil {
			return figure(*v)
		}
	case float64:
		if v < exactMax {
			return strconv.FormatFloat(v, 'f', 0, 64)
		}
		return strings.Replace(strconv.FormatFloat(v, 'e', 1, 64), "e+", "e", 1)
	}
	return "–"
}
