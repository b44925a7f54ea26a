package inventory

import (
	"cmp"
	"fmt"
	"strings"
)

// Compare returns a function that compares rows of the listing by some of its
// keys, the first one first. A "-" before a key turns its order around. What is
// not known comes last either way.
func (l *Listing) Compare(keys ...string) func(a, b Row) int {
	type order struct {
		at   int
		down bool
	}
	var by []order
	for _, k := range keys {
		name, down := strings.CutPrefix(k, "-")
		by = append(by, order{l.Key(name), down})
	}
	return func(a, b Row) int {
		for _, o := range by {
			if c := compareValues(a[o.at], b[o.at], o.down); c != 0 {
				return c
			}
		}
		return 0
	}
}

func compareValues(a, b any, down bool) int {
	if a == nil || b == nil {
		return cmp.Compare(unknown(a), unknown(b))
	}
	c := 0
	switch x := a.(type) {
	case float64:
		c = cmp.Compare(x, b.(float64))
	case int:
		c = cmp.Compare(x, b.(int))
	case string:
		c = strings.Compare(x, b.(string))
	default:
		c = strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	if down {
		return -c
	}
	return c
}

func unknown(v any) int {
	if v == nil {
		return 1
	}
	return 0
}
