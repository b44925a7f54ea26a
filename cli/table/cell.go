package table

import (
	"cloudip_exporter/text"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// manyAddresses is the count from which a table shortens a number: that of IPv6 subnets.
const manyAddresses = 1e12

// text returns a cell as a table shows it.
func (c *Column) text(v any) string {
	show := Text
	if c.Short != nil {
		show = c.Short
	}
	if f, ok := v.(float64); ok && f >= manyAddresses {
		return strconv.FormatFloat(f, 'g', 3, 64)
	}
	if shown := show(v); shown != "" {
		return text.Terminal(shown)
	}
	return unknown
}

// Text returns a cell as plain text, "" for what is not known.
func Text(v any) string {
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

// unformula keeps a spreadsheet from taking a cell for a formula.
func unformula(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}
