package rows

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// CompareValues compares values of rows: numbers as such, addresses and networks, also
// the first of a list, as such and before all else, which is compared as text. What is
// not known comes last, whichever way.
func CompareValues(a, b any, down bool) int {
	na, aIs := Number(a)
	nb, bIs := Number(b)
	if aIs && bIs {
		return turned(cmp.Compare(na, nb), down)
	}
	ta, tb := ValueText(a), ValueText(b)
	if ta == "" || tb == "" {
		return cmp.Compare(len(tb), len(ta))
	}
	aa, aIs := leadingAddress(ta)
	ab, bIs := leadingAddress(tb)
	switch {
	case aIs && bIs:
		return turned(aa.Compare(ab), down)
	case aIs:
		return turned(-1, down)
	case bIs:
		return turned(1, down)
	}
	return turned(strings.Compare(ta, tb), down)
}

func turned(c int, down bool) int {
	if down {
		return -c
	}
	return c
}

// Number returns a value that is a number.
func Number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}

// leadingAddress returns the address that a text is, or begins with as a CIDR or a list.
func leadingAddress(text string) (netip.Addr, bool) {
	if text[0] > 'f' { // no address begins so: most names are done with
		return netip.Addr{}, false
	}
	if end := strings.IndexAny(text, "/, "); end >= 0 {
		text = text[:end]
	}
	a, err := netip.ParseAddr(text)
	return a, err == nil
}

// ValueText returns a value of a row as plain text, "" for what is not known.
func ValueText(v any) string {
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
