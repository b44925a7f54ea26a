package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// listing is how the command line shows one listing of the inventory: its columns,
// and their order unless another one is asked for.
type listing struct {
	rows.Listing
	columns []table.Column
	sort    []string
	space   bool         // the use of subnets is not asked for
	missed  func() error // what is wrong when all was listed; may be nil
	with    string       // another collector whose data complete the rows, where it is configured
}

func listings() []listing {
	show := func(l rows.Listing, columns, sort string) listing {
		shown := listing{Listing: l, columns: table.Columns("cloud project " + columns), sort: strings.Fields(sort)}
		for i := range shown.columns {
			shorten(&shown.columns[i])
		}
		return shown
	}
	ports := show(rows.ListingNamed("ports"),
		"address subnet_name status:spare holder device_id:spare device_owner:wide port_id:wide subnet_id:wide network_id:wide network_name:wide", "address port_id")
	idle := show(rows.Idle(func(*inventory.Snapshot) inventory.IdleSince { return nil }, 0, time.Time{}),
		"address ip_version:wide subnet_name idle_since status port_id subnet_id:wide network_id:wide", "idle_since address")
	vpcs := show(rows.ListingNamed("vpcs"), `vpc_name cidr secondary_cidrs:wide status:wide subnets:right:spare addresses:right:spare
		unallocated:right:spare largest_free_block vpc_id:spare`, "vpc_name vpc_id")
	free := show(rows.FreePrefixes(0), "prefix addresses:right:spare tightest vpc_name vpc_id:spare subnet_pool_name subnet_pool_id:spare", "prefix vpc_id subnet_pool_id")
	ports.with, idle.with = "servers", "public_ips" // which of them are bare metal, and at which ports those point
	vpcs.space, free.space = true, true
	return []listing{
		show(rows.ListingNamed("subnets"), `subnet_name cidr ip_version:wide used_ratio:right free:right used:right:spare capacity:right:spare
			reserved:right:wide capacity_source:wide subnet_id:spare network_id:wide vpc_id:wide vpc_name:wide
			network_name:wide external:wide shared:wide owner_id:wide owner_name:wide`, "-used_ratio subnet_name subnet_id"),
		ports,
		show(rows.ListingNamed("servers"), "server_name kind status addresses flavor:wide availability_zone:wide server_id:spare", "server_name server_id"),
		show(rows.ListingNamed("address-groups"), "address_group_name ip_version status entries:right entries_max:right entries_redundant:right address_group_id:spare",
			"address_group_name address_group_id"),
		idle,
		show(rows.ListingNamed("private-ips"), privateip.ListColumns, "address private_ip_id"),
		show(rows.ListingNamed("public-ips"), "address status:spare attached private_address pool:spare port_id:wide public_ip_id:spare", "attached address public_ip_id"),
		vpcs,
		free,
		show(rows.ListingNamed("quotas"), "resource limit:right used:right reserved:right", "resource"),
	}
}

// shorten sets what a table shows in place of a long key or value.
func shorten(c *table.Column) {
	switch c.Key {
	case "used_ratio":
		c.Title, c.Short = "used %", percent
	case "tightest":
		c.Short = ifTrue
	case "subnet_pool_name":
		c.Title = "pool"
	case "address_group_name":
		c.Title = "name"
	case "entries":
		c.Short = countEntries
	case "entries_max", "entries_redundant":
		c.Title = strings.TrimPrefix(c.Key, "entries_")
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

func ifTrue(cell any) string {
	if cell == true {
		return "true"
	}
	return ""
}

func countEntries(cell any) string {
	if e, ok := cell.(rows.Entries); ok {
		return fmt.Sprint(len(e))
	}
	return ""
}
