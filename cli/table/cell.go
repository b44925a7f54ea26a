package table

import (
	"strconv"
	"time"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/text"
)

// manyAddresses is the count from which a table shortens a number: that of IPv6 subnets.
const manyAddresses = 1e12

// text returns a cell as a table shows it: a time in UTC, to the second.
func (c *Column) text(v any) string {
	show := rows.ValueText
	if c.Short != nil {
		show = c.Short
	}
	if f, ok := v.(float64); ok && f >= manyAddresses {
		return strconv.FormatFloat(f, 'g', 3, 64)
	}
	if s, ok := v.(string); ok && c.time() {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t.UTC().Format(time.DateTime)
		}
	}
	if shown := show(v); shown != "" {
		return text.Terminal(shown)
	}
	return unknown
}
