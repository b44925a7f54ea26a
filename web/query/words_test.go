package query

import (
	"net/netip"
	"strings"
	"testing"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/test/check"
)

func TestAWordFindsTextsAndAnAddressWhatContainsIt(t *testing.T) {
	l := rows.New("things", "ports", "", "value", nil)
	cidrs := rows.CIDRs{netip.MustParsePrefix("10.19.0.0/16"), netip.MustParsePrefix("10.20.0.0/16")}
	for _, c := range []struct {
		value      any
		finds, not string // words
	}{
		{"web-1", "WEB -1", "web-2 10.0.0.1"},
		{"10.0.0.0/24", "10.0.0.7 10.0.0.0/8 0.0/2", "10.0.1.7"},
		{cidrs, "10.20.3.4 10.19", "10.21.0.1"},
		{cidrs.String(), "10.20.3.4", "10.21.0.1"},
		{rows.Addresses{{Address: "10.0.0.5"}, {Address: "2001:db8::7"}}, "10.0.0.0/29 2001:db8::/64 db8", "10.0.0.6"},
		{rows.Entries{{Entry: "10.0.0.1-10.0.0.9"}, {Entry: "10.1.0.0/24", Remarks: "of Ops"}}, "10.0.0.5 10.1.0.9 ops", "10.0.0.10 dev"},
		{rows.Counts{"server": 3}, "", "server"}, // which most subnets have in common
	} {
		for text, want := range map[string]bool{c.finds: true, c.not: false} {
			for word := range strings.FieldsSeq(text) {
				words := check.Get(ParseWords(word))(t)
				if got := words.In(&l, rows.Row{"cloud", "project", c.value}); got != want {
					t.Errorf("%s in %v: %v", word, c.value, got)
				}
			}
		}
	}
}
