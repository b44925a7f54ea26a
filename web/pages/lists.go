package pages

import (
	"iter"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

func only(all iter.Seq[rows.Row], belongs func(rows.Row) bool) iter.Seq[rows.Row] {
	return func(yield func(rows.Row) bool) {
		for row := range all {
			if belongs(row) && !yield(row) {
				return
			}
		}
	}
}

// each goes over the rows of a listing of all chosen targets.
func (v *view) each(l rows.Listing) iter.Seq[rows.Row] {
	return func(yield func(rows.Row) bool) {
		for _, snap := range v.chosen {
			for row := range l.Rows(snap) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// fields reads values of rows by their keys.
type fields struct{ *rows.Listing }

func (f fields) text(row rows.Row, key string) string {
	text, _ := row[f.Key(key)].(string)
	return text
}

// number returns a number and whether it is known.
func (f fields) number(row rows.Row, key string) (float64, bool) {
	return rows.Number(row[f.Key(key)])
}

// used returns the share of a subnet that is used: 1 - free/capacity; nil where it has no capacity.
func (f fields) used(row rows.Row) any {
	capacity, _ := f.number(row, "capacity")
	if capacity <= 0 {
		return nil
	}
	free, known := f.number(row, "free")
	if !known {
		used, _ := f.number(row, "used")
		free = capacity - used
	}
	return 1 - free/capacity
}

// subnets are the subnets of one IP version, or of both with "", the fullest first.
func (v *view) subnets(version string) sheet {
	l := rows.Subnets(rows.Tags(v.chosen))
	f := fields{&l}
	s := sheet{
		Listing: l, id: "subnets-" + version, title: "IPv" + version + " subnets", thing: "subnet", split: true, sort: "-share", none: "No subnet is known.",
		each: only(v.each(l), func(row rows.Row) bool { return f.text(row, "ip_version") == version || version == "" }),
	}
	switch version {
	case "":
		s.id, s.title = "subnets", "Subnets"
	case "6":
		s.list, s.sort = "ipv6", "-used"
	}
	s.columns = []column{
		{title: "Subnet", key: "subnet_name", cell: func(row rows.Row) cell {
			return cell{Text: nameOf(f.text(row, "subnet_name"), f.text(row, "subnet_id")),
				Href: subnetLink(f.text(row, "cloud"), f.text(row, "project"), f.text(row, "subnet_id"), f.text(row, "ip_version"))}
		}},
		{title: "CIDR", key: "cidr", class: "ip"},
		{title: "VPC / network", key: "vpc_name", class: "v", cell: func(row rows.Row) cell { return vpcCell(f, row) }},
		v.projectColumn(f, "subnets", "ports"),
		{title: "Share used", key: "share", class: "s", down: true, value: f.used, cell: func(row rows.Row) cell {
			used, known := f.used(row).(float64)
			if !known {
				return cell{Text: unknown, Class: "hide"}
			}
			return cell{Use: &share{Percent: int(used * 100), Guess: f.text(row, "capacity_source") == string(inventory.FromEstimate)}}
		}},
		{title: "Used / capacity", key: "used", class: "n hide", down: true, cell: func(row rows.Row) cell {
			return cell{Text: plain(row[l.Key("used")]).Text + " / " + plain(row[l.Key("capacity")]).Text}
		}},
		{title: "Free", key: "free", class: "n", label: "free", down: true, cell: func(row rows.Row) cell {
			c := plain(row[l.Key("free")])
			if c.Text == "0" {
				c.Class = "bad"
			}
			return c
		}},
		{title: "Idle", key: "idle", class: "n", label: "idle", down: true},
	}
	return s
}

func nameOf(name, id string) string {
	if name == "" {
		return visible(id)
	}
	return visible(name)
}

func vpcCell(f fields, row rows.Row) cell {
	id := f.text(row, "vpc_id")
	if id == "" && row[f.Key("shared")] != nil {
		return cell{Text: nameOf(f.text(row, "network_name"), f.text(row, "network_id")), Sub: "of " + nameOf(f.text(row, "owner_name"), f.text(row, "owner_id"))}
	}
	if id == "" {
		return cell{Text: unknown, Class: "hide"}
	}
	return cell{Text: nameOf(f.text(row, "vpc_name"), id), Href: vpcLink(f.text(row, "cloud"), f.text(row, "project"), id)}
}

// projectColumn shows the target of a row, with the age of its data where one of the
// collectors fails.
func (v *view) projectColumn(f fields, collectors ...string) column {
	old := map[[2]string]string{}
	for _, snap := range v.chosen {
		if at, fails := oldest(snap, collectors...); fails && !at.IsZero() {
			old[[2]string{snap.Cloud, snap.Project}] = span(v.now.Sub(at)) + " old"
		}
	}
	return column{title: "Cloud / project", key: "target", class: "p",
		value: func(row rows.Row) any { return f.text(row, "cloud") + " / " + f.text(row, "project") },
		cell: func(row rows.Row) cell {
			cloud, project := f.text(row, "cloud"), f.text(row, "project")
			return cell{Text: targetName(cloud, project), Sub: old[[2]string{cloud, project}]}
		}}
}

func targetName(cloud, project string) string {
	if project == "" {
		project = "own scope"
	}
	return visible(cloud) + " / " + visible(project)
}

// bareServers are the servers that have no address.
func (v *view) bareServers() sheet {
	l := rows.ListingNamed("servers")
	f := fields{&l}
	return sheet{
		Listing: l, id: "servers", list: "servers", title: "Servers without address", thing: "server without address", sort: "server_name", none: "Each server has an address.",
		each: only(v.each(l), func(row rows.Row) bool { return len(row[l.Key("addresses")].(rows.Addresses)) == 0 }),
		columns: []column{
			{title: "Server", key: "server_name", cell: func(row rows.Row) cell {
				return cell{Text: nameOf(f.text(row, "server_name"), f.text(row, "server_id"))}
			}},
			v.projectColumn(f, "servers"),
			{title: "Kind", key: "kind"},
			{title: "Status", key: "status"},
			{title: "Flavor", key: "flavor"},
			{title: "Zone", key: "availability_zone"},
			{title: "Id", key: "server_id", class: "id hide"},
		},
	}
}

// publicIPs are the public IPs, those that nothing uses first.
func (v *view) publicIPs() sheet {
	l := rows.ListingNamed("public-ips")
	f := fields{&l}
	address := func(key string) func(rows.Row) cell {
		return func(row rows.Row) cell {
			if text := f.text(row, key); text != "" {
				return cell{Text: text, Href: addressLink(text)}
			}
			return cell{Text: unknown, Class: "hide"}
		}
	}
	return sheet{
		Listing: l, id: "public-ips", list: "public-ips", title: "Public IPs", thing: "public IP", sort: "used", none: "There is none.", each: v.each(l),
		columns: []column{
			{title: "Address", key: "address", class: "ip", cell: address("address")},
			v.projectColumn(f, "public_ips"),
			{title: "Used", key: "used", value: func(row rows.Row) any {
				if row[l.Key("attached")] == true {
					return "used"
				}
				return "by nothing"
			}},
			{title: "Status", key: "status"},
			{title: "Private address", key: "private_address", class: "ip", label: "points at", cell: address("private_address")},
			{title: "Pool", key: "pool"},
			{title: "Id", key: "public_ip_id", class: "id hide"},
		},
	}
}

// groups are the address groups, the fullest first.
func (v *view) groups() sheet {
	l := rows.ListingNamed("address-groups")
	f := fields{&l}
	entries := func(row rows.Row) int { return len(row[l.Key("entries")].(rows.Entries)) }
	used := func(row rows.Row) any {
		if most, known := f.number(row, "entries_max"); known && most > 0 {
			return float64(entries(row)) / most
		}
		return nil
	}
	return sheet{
		Listing: l, id: "address-groups", list: "address-groups", title: "Address groups", thing: "address group", split: true, sort: "-share", none: "There is none.", each: v.each(l),
		columns: []column{
			{title: "Group", key: "address_group_name", cell: func(row rows.Row) cell {
				return cell{Text: nameOf(f.text(row, "address_group_name"), f.text(row, "address_group_id"))}
			}},
			v.projectColumn(f, "address_groups"),
			{title: "IP version", key: "ip_version", class: "hide"},
			{title: "Status", key: "status"},
			{title: "Share used", key: "share", class: "s", down: true, value: used, cell: func(row rows.Row) cell {
				if part, known := used(row).(float64); known {
					return cell{Use: &share{Percent: int(part * 100)}}
				}
				return cell{Text: unknown, Class: "hide"}
			}},
			{title: "Entries / most", key: "entries", class: "n", label: "entries", down: true, value: func(row rows.Row) any { return entries(row) },
				cell: func(row rows.Row) cell {
					return cell{Text: figure(entries(row)) + " / " + plain(row[l.Key("entries_max")]).Text}
				}},
			{title: "Redundant", key: "entries_redundant", class: "n", label: "redundant", down: true},
		},
	}
}
