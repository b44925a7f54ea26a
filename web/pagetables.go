package web

import (
	"cmp"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// pageTable is how the page shows a listing.
type pageTable struct {
	rows.Listing
	collectors []string                // whose data are in the rows
	search     []string                // keys that the filter looks through
	belongs    func(*pageRow) bool     // nil: all rows do
	gauge      func(*pageRow) gauge    // nil: there is none
	urgency    func(a, b *pageRow) int // what comes first; nil: the order decides
	order      func(a, b rows.Row) int // of rows that are equally urgent
}

// subnetTable is the subnets of one address family, those with the fewest
// addresses left first.
func subnetTable(version string) pageTable {
	l := rows.ListingNamed("subnets")
	return pageTable{
		Listing: l, collectors: []string{"subnets", "ports"},
		search:  []string{"subnet_name", "cidr", "subnet_id", "network_id", "vpc_id", "vpc_name", "cloud", "project"},
		belongs: func(r *pageRow) bool { return r.Text("ip_version") == version },
		gauge:   func(r *pageRow) gauge { return gaugeOf(r.number("used"), r.number("capacity")) },
		order:   l.Compare("free", "-used", "cloud", "project", "subnet_name", "subnet_id"),
	}
}

// serverTable is the servers that have no address.
func serverTable() pageTable {
	l := rows.ListingNamed("servers")
	return pageTable{
		Listing: l, collectors: []string{"servers"},
		search:  []string{"server_name", "server_id", "status", "flavor", "availability_zone", "cloud", "project"},
		belongs: func(r *pageRow) bool { return len(r.Value("addresses").(rows.Addresses)) == 0 },
		order:   l.Compare("cloud", "project", "server_name", "server_id"),
	}
}

// groupTable is the address groups, the fullest first.
func groupTable() pageTable {
	l := rows.ListingNamed("address-groups")
	return pageTable{
		Listing: l, collectors: []string{"address_groups"},
		search: []string{"address_group_name", "address_group_id", "status", "cloud", "project"},
		gauge:  func(r *pageRow) gauge { return gaugeOf(r.number("entries"), r.number("entries_max")) },
		urgency: func(a, b *pageRow) int {
			return cmp.Or(cmp.Compare(fullness(b), fullness(a)), cmp.Compare(b.number("entries"), a.number("entries")))
		},
		order: l.Compare("cloud", "project", "address_group_name", "address_group_id"),
	}
}

// fullness is the part of a group that is taken; -1 where there is no limit.
func fullness(r *pageRow) float64 {
	most := r.number("entries_max")
	if most <= 0 {
		return -1
	}
	return r.number("entries") / most
}

// pageRow is a row of a table of the page.
type pageRow struct {
	table  *pageTable
	values rows.Row
	Gauge  gauge
	Age    age
}

// Value returns the value of a key.
func (r *pageRow) Value(key string) any { return r.values[r.table.Key(key)] }

// Text returns the value of a key that has texts.
func (r *pageRow) Text(key string) string {
	text, _ := r.Value(key).(string)
	return text
}

// number returns a value as a number: of a list its length, 0 when it is not known.
func (r *pageRow) number(key string) float64 {
	switch v := r.Value(key).(type) {
	case float64:
		return v
	case int:
		return float64(v)
	case rows.Entries:
		return float64(len(v))
	}
	return 0
}

// Cloud returns the cloud of the row.
func (r *pageRow) Cloud() string { return r.Text("cloud") }

// Project returns the project of the row.
func (r *pageRow) Project() string { return r.Text("project") }

// Estimated reports whether the capacity is a guess of ours.
func (r *pageRow) Estimated() bool {
	return r.Text("capacity_source") == string(inventory.FromEstimate)
}

type holderCount struct {
	Holder string
	Count  int
}

// Holders returns the holder classes with their addresses, the largest first.
func (r *pageRow) Holders() []holderCount {
	held, _ := r.Value("held").(rows.Counts)
	var all []holderCount
	for holder, n := range held {
		all = append(all, holderCount{strings.ReplaceAll(holder, "_", " "), n})
	}
	slices.SortFunc(all, func(a, b holderCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Holder, b.Holder))
	})
	return all
}
