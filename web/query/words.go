package query

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/inventory/space"
)

const searchMax = 200 // bytes

// Words are what a row must have, all of them.
type Words []word

type word struct {
	text   string       // in lower case
	prefix netip.Prefix // of an address or a CIDR, else zero
}

// ParseWords reads the text of a search.
func ParseWords(text string) (Words, error) {
	if len(text) > searchMax {
		return nil, errors.New("the text to search for is too long")
	}
	var words Words
	for _, w := range strings.Fields(strings.ToLower(text)) {
		prefix, _ := space.ParsePrefix(w) // zero where it is none
		words = append(words, word{w, prefix})
	}
	return words, nil
}

// In reports whether each word is in the row: as a part of a text or, where the word
// is an address or a CIDR, in an address or a CIDR of the row.
func (w Words) In(l *rows.Listing, row rows.Row) bool {
	for i := range w {
		found := false
		for at := 0; at < len(row) && !found; at++ {
			found = w[i].in(row[at]) && l.Keys[at] != "capacity_source" // which many subnets have in common
		}
		if !found {
			return false
		}
	}
	return true
}

// InText reports whether each word is in one of the texts.
func (w Words) InText(texts ...string) bool {
	for i := range w {
		if !slices.ContainsFunc(texts, func(s string) bool { return w[i].in(s) }) {
			return false
		}
	}
	return true
}

func (w *word) in(value any) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(strings.ToLower(v), w.text) || w.prefix.IsValid() && strings.ContainsAny(v, ".:") && w.overlaps(v)
	case rows.Addresses, rows.CIDRs:
		return w.in(rows.ValueText(v))
	case rows.Entries:
		return strings.Contains(strings.ToLower(v.String()), w.text) || w.prefix.IsValid() && slices.ContainsFunc(v, w.overlapsEntry)
	}
	return false
}

// overlaps reports whether one of the addresses and CIDRs of a text overlaps the word.
func (w *word) overlaps(text string) bool {
	for part := range strings.FieldsSeq(text) {
		if p, err := space.ParsePrefix(part); err == nil && p.Overlaps(w.prefix) {
			return true
		}
	}
	return false
}

func (w *word) overlapsEntry(e rows.RowEntry) bool {
	r, err := space.ParseEntry(e.Entry)
	return err == nil && r.Overlaps(netipx.RangeOfPrefix(w.prefix))
}
