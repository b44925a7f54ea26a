package cli

import (
	"fmt"
	"slices"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory/rows"
)

// listing is how the command line shows one listing of the inventory: its columns,
// and their order unless another one is asked for.
type listing struct {
	rows.Listing
	columns []table.Column
	sort    []string
	unused  bool         // the use of subnets is not asked for
	missed  func() error // what is wrong when all was listed; may be nil
	with    []string     // other collectors whose data complete the rows, where they are configured
}

func listings() []listing { return slices.Concat(listingsOfUse(), listingsOfSpace()) }

// listingsOfUse say who uses addresses.
func listingsOfUse() []listing {
	return []listing{
		{
			Listing: rows.ListingNamed("subnets"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "subnet_name"}, {Key: "cidr"}, {Key: "ip_version", Wide: true},
				{Key: "used_ratio", Title: "used %", Right: true, Short: percent}, {Key: "free", Right: true},
				{Key: "used", Right: true, Spare: true}, {Key: "capacity", Right: true, Spare: true},
				{Key: "reserved", Right: true, Wide: true}, {Key: "capacity_source", Wide: true}, {Key: "subnet_id", Spare: true},
				{Key: "network_id", Wide: true}, {Key: "vpc_id", Wide: true}, {Key: "vpc_name", Wide: true},
				{Key: "network_name", Wide: true}, {Key: "external", Wide: true}, {Key: "shared", Wide: true}, {Key: "owner_id", Wide: true}, {Key: "owner_name", Wide: true},
			},
			sort: []string{"-used_ratio", "subnet_name", "subnet_id"},
		},
		{
			Listing: rows.ListingNamed("ports"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "address"}, {Key: "subnet_name"}, {Key: "status", Spare: true}, {Key: "holder"},
				{Key: "device_id", Spare: true}, {Key: "device_owner", Wide: true}, {Key: "port_id", Wide: true},
				{Key: "subnet_id", Wide: true}, {Key: "network_id", Wide: true},
			},
			sort: []string{"address", "port_id"},
			with: []string{"servers"}, // which of them are bare metal
		},
		{
			Listing: rows.ListingNamed("servers"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "server_name"}, {Key: "kind"}, {Key: "status"}, {Key: "addresses"},
				{Key: "flavor", Wide: true}, {Key: "availability_zone", Wide: true}, {Key: "server_id", Spare: true},
			},
			sort: []string{"server_name", "server_id"},
		},
		{
			Listing: rows.ListingNamed("address-groups"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "address_group_name", Title: "name"}, {Key: "ip_version", Title: "ip"}, {Key: "status"},
				{Key: "entries", Right: true, Short: countEntries}, {Key: "entries_max", Title: "max", Right: true},
				{Key: "entries_redundant", Title: "redundant", Right: true}, {Key: "address_group_id", Spare: true},
			},
			sort: []string{"address_group_name", "address_group_id"},
		},
		{
			Listing: rows.Idle(nobodyKnows, 0, time.Time{}),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "address"}, {Key: "ip_version", Wide: true}, {Key: "subnet_name"}, {Key: "idle_since"}, {Key: "status"},
				{Key: "port_id"}, {Key: "subnet_id", Wide: true}, {Key: "network_id", Wide: true},
			},
			sort: []string{"idle_since", "address"},
			with: []string{"public_ips"}, // at which ports they point
		},
	}
}

// listingsOfSpace are what else a project has and where there is room.
func listingsOfSpace() []listing {
	return []listing{
		{
			Listing: rows.ListingNamed("private-ips"),
			columns: privateip.Columns(),
			sort:    []string{"address", "private_ip_id"},
		},
		{
			Listing: rows.ListingNamed("public-ips"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "address"}, {Key: "status", Spare: true}, {Key: "attached"}, {Key: "private_address"},
				{Key: "pool", Spare: true}, {Key: "port_id", Wide: true}, {Key: "public_ip_id", Spare: true},
			},
			sort: []string{"attached", "address", "public_ip_id"},
		},
		{
			Listing: rows.ListingNamed("vpcs"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "vpc_name"}, {Key: "cidr"}, {Key: "secondary_cidrs", Wide: true}, {Key: "status", Wide: true},
				{Key: "subnets", Right: true, Spare: true}, {Key: "addresses", Right: true, Spare: true}, {Key: "unallocated", Right: true, Spare: true},
				{Key: "largest_free_block"}, {Key: "vpc_id", Spare: true},
			},
			sort:   []string{"vpc_name", "vpc_id"},
			unused: true,
		},
		{
			Listing: rows.FreePrefixes(0),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "prefix"}, {Key: "addresses", Right: true, Spare: true}, {Key: "tightest", Short: best}, {Key: "vpc_name"}, {Key: "vpc_id", Spare: true},
				{Key: "subnet_pool_name", Title: "pool"}, {Key: "subnet_pool_id", Spare: true},
			},
			sort:   []string{"prefix", "vpc_id", "subnet_pool_id"},
			unused: true,
		},
		{
			Listing: rows.ListingNamed("quotas"),
			columns: []table.Column{
				{Key: "cloud"}, {Key: "project"}, {Key: "resource"}, {Key: "limit", Right: true}, {Key: "used", Right: true}, {Key: "reserved", Right: true},
			},
			sort: []string{"resource"},
		},
	}
}

// listingNamed returns the listing with a name, which must be one of resources.
func listingNamed(name string) *listing {
	all := listings()
	return &all[slices.IndexFunc(all, func(l listing) bool { return l.Name == name })]
}

// addTags adds a column for each tag of subnets that the configuration names.
func (v *listing) addTags(clouds []command.Cloud) {
	if v.Name != "subnets" || len(clouds) == 0 {
		return
	}
	tags := clouds[0].Config.Tags // of series, the same for all
	v.Listing = rows.Subnets(tags)
	for _, key := range v.Keys[len(v.Keys)-len(tags):] {
		v.columns = append(v.columns, table.Column{Key: key, Wide: true})
	}
}

// percent never rounds up: what is not full is not shown as 100.
func percent(cell any) string {
	if ratio, ok := cell.(float64); ok {
		return fmt.Sprint(int(100*ratio + 1e-6))
	}
	return ""
}

func best(cell any) string {
	if cell == true {
		return "best"
	}
	return ""
}

func countEntries(cell any) string {
	if e, ok := cell.(rows.Entries); ok {
		return fmt.Sprint(len(e))
	}
	return ""
}
