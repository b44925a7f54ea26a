package pages

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cloudip_exporter/text"
)

const (
	nameMax   = 128 // bytes of a name that are shown
	reasonMax = 400 // of an error
	exactMax  = 1e9 // figures beyond are rounded
	unknown   = "–"
)

// visible returns a name as pages show it: no longer than a label of a metric and
// without characters that turn or hide the text around them.
func visible(s string) string { return text.Clip(text.Line(s), nameMax) }

func reason(err error) string { return text.Clip(text.Line(err.Error()), reasonMax) }

// figure writes a number with commas; a dash when it is not known.
func figure(v any) string {
	switch v := v.(type) {
	case int:
		return figure(float64(v))
	case *float64:
		if v != nil {
			return figure(*v)
		}
	case float64:
		if v >= exactMax {
			return strings.Replace(strconv.FormatFloat(v, 'e', 1, 64), "e+", "e", 1)
		}
		digits := strconv.FormatFloat(v, 'f', 0, 64)
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
		return digits
	}
	return unknown
}

// span writes a duration as people say it.
func span(d time.Duration) string {
	d = max(0, d) // the clock was set back
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// moment writes a time, without the date where it is of the last day.
func moment(at, now time.Time) string {
	if at = at.UTC(); now.Sub(at) < 24*time.Hour {
		return at.Format("15:04")
	}
	return at.Format("2 Jan 2006, 15:04")
}

// plural writes a number of things: "1 subnet", "2 subnets".
func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return figure(n) + " " + thing
}
