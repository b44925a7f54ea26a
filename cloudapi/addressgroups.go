package cloudapi

import (
	"context"
	"errors"
	"iter"
	"math"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// AddressGroups lists the address groups with their entries. An entry that
// cannot be read stays in its group and is not Valid.
func (p *Project) AddressGroups(ctx context.Context) iter.Seq2[inventory.AddressGroup, error] {
	return orLeaveOut(provider.AddressGroups, listBy(ctx, p, provider.AddressGroups, addressGroupAPIs))
}

var addressGroupAPIs = listings[inventory.AddressGroup]{
	// VPC API v3, "Querying IP Address Groups".
	"vpc/v3": {kind: "address group", key: "address_groups", granted: true, item: readAddressGroup},
	// Networking API v2.0, extension address-group: CIDRs of both families, no capacity, no status.
	"neutron": {kind: "address group", key: "address_groups", item: readAddressGroup},
}

// readAddressGroup reads a group of either API.
func readAddressGroup(s *page.Scanner, groups []inventory.AddressGroup) []inventory.AddressGroup {
	var g inventory.AddressGroup
	var extra []inventory.AddressGroupEntry
	remarked := true
	s.Fields(page.Fields{
		{"id", func() { g.ID = s.ItemID() }},
		{"name", func() { g.Name = s.Str() }},
		{"status", func() { g.Status = s.Shared() }},
		{"ip_version", func() { g.Version = readIPVersion(s) }},
		{"max_capacity", func() { g.Max = readCapacity(s) }},
		{"updated_at", func() { g.Updated = s.Time() }},
		{"ip_set", func() { s.Array(func() { g.Entries = append(g.Entries, addressGroupEntry(s.TextOr(notReadable))) }) }},
		{"addresses", func() { s.Array(func() { g.Entries = append(g.Entries, addressGroupEntry(s.TextOr(notReadable))) }) }},
		{"ip_extra_set", func() { remarked = s.Detail(func() { s.Array(func() { extra = append(extra, readExtraEntry(s)) }) }) }},
	})
	if len(g.Entries) == 0 && !remarked { // it stands in for ip_set
		s.Refuse(errors.New("its ip_extra_set is no list of entries"))
	}
	g.Entries = withRemarks(g.Entries, extra)
	return append(groups, g)
}

// readIPVersion reads 4 or 6, as a number or a string; anything else is "".
func readIPVersion(s *page.Scanner) string {
	if v := s.Shared(); v == "4" || v == "6" {
		return v
	}
	return ""
}

// readCapacity reads a count; anything else is none.
func readCapacity(s *page.Scanner) *int {
	n := s.Number(0)
	if n == nil || *n > math.MaxInt32 || *n != math.Trunc(*n) {
		return nil
	}
	return new(int(*n))
}

// readExtraEntry reads one element of ip_extra_set, {"ip","remarks"}.
func readExtraEntry(s *page.Scanner) inventory.AddressGroupEntry {
	var e inventory.AddressGroupEntry
	var remarks string
	s.Fields(page.Fields{
		{"ip", func() { e = addressGroupEntry(s.TextOr(notReadable)) }},
		{"remarks", func() { remarks = s.Str() }},
	})
	e.Remarks = remarks
	return e
}

// withRemarks gives the entries the remarks of the same entries in the extra
// set, which stands in for a missing ip_set.
func withRemarks(entries, extra []inventory.AddressGroupEntry) []inventory.AddressGroupEntry {
	if len(entries) == 0 {
		return extra
	}
	remarks := make(map[string]string, len(extra))
	for _, e := range extra {
		remarks[e.Text] = e.Remarks
	}
	for i := range entries {
		entries[i].Remarks = remarks[entries[i].Text]
	}
	return entries
}

// addressGroupEntry reads an entry: an address, a CIDR, whose host bits do not
// count, or a range "a-b". What is none of them, as a reversed range, still is
// an entry, without a Range.
func addressGroupEntry(text []byte) inventory.AddressGroupEntry {
	e := inventory.AddressGroupEntry{Text: string(text)}
	if r, err := space.ParseEntry(e.Text); err == nil {
		e.Range = r
	}
	return e
}
