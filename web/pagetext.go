package web

import (
	"strconv"
	"strings"

	"cloudip_exporter/text"
)

const (
	nameMax   = 128 // bytes of a name that are shown
	reasonMax = 400 // of an error
	exactMax  = 1e9 // figures beyond are rounded
)

// visible returns a name as the page shows it: no longer than a label of a metric
// and without characters that turn or hide the text around them.
func visible(s string) string { return text.Clip(text.Line(s), nameMax) }

// reason is visible for an error.
func reason(s string) string { return text.Clip(text.Line(s), reasonMax) }

// figure writes a number of addresses or entries; a dash when it is not known.
func figure(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
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
