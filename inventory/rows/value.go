package rows

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
)

// Addresses are the addresses of a server as a value of a row.
type Addresses []RowAddress

// RowAddress is one of Addresses.
type RowAddress struct {
	Address   string `json:"address"`
	IPVersion string `json:"ip_version"`
	Network   string `json:"network"`
}

func addressesOf(s *inventory.Server) Addresses {
	all := make(Addresses, 0, len(s.Addresses))
	for _, a := range s.Addresses {
		all = append(all, RowAddress{a.Addr.String(), inventory.IPVersion(a.Addr), a.Network})
	}
	return all
}

// String returns the addresses with blanks between them.
func (a Addresses) String() string {
	return joined(a, " ", func(one RowAddress) string { return one.Address })
}

// Entries are entries of an address group as a value of a row.
type Entries []RowEntry

// RowEntry is one of Entries.
type RowEntry struct {
	Entry   string `json:"entry"`
	Remarks string `json:"remarks,omitempty"`
}

func entriesOf(entries []inventory.AddressGroupEntry) Entries {
	all := make(Entries, 0, len(entries))
	for _, e := range entries {
		all = append(all, RowEntry{e.Text, e.Remarks})
	}
	return all
}

// String returns the entries with their remarks and commas between them.
func (e Entries) String() string {
	return joined(e, ", ", func(one RowEntry) string { return strings.TrimSuffix(one.Entry+" "+one.Remarks, " ") })
}

// Groups are the address groups that cover an address as a value of a row.
type Groups []RowGroup

// RowGroup is one of Groups, with the entries that cover the address.
type RowGroup struct {
	AddressGroupID   string  `json:"address_group_id"`
	AddressGroupName string  `json:"address_group_name"`
	Entries          Entries `json:"entries"`
}

// String returns the groups with their entries in brackets.
func (g Groups) String() string {
	return joined(g, "; ", func(one RowGroup) string { return one.AddressGroupName + " (" + one.Entries.String() + ")" })
}

// Counts are numbers of addresses by holder class as a value of a row.
type Counts map[string]int

// String returns the counts in order of the classes.
func (c Counts) String() string {
	return joined(slices.Sorted(maps.Keys(c)), ", ", func(class string) string { return fmt.Sprintf("%s %d", class, c[class]) })
}

func joined[T any](all []T, separator string, text func(T) string) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = text(one)
	}
	return strings.Join(texts, separator)
}
