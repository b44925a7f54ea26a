package pages

import (
	"slices"
	"strings"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

type fields struct{ *rows.Listing }

func (f fields) text(row rows.Row, key string) string {
	text, _ := row[f.Key(key)].(string)
	return text
}

func (f fields) number(row rows.Row, key string) (float64, bool) {
	return rows.Number(row[f.Key(key)])
}

// nameColumn shows a name, else the id, with a link where there is one.
func (f fields) nameColumn(title, name, id string, link func(rows.Row) string) column {
	return column{title: title, key: name, cell: func(row rows.Row) cell {
		c := cell{Text: nameOf(f.text(row, name), f.text(row, id))}
		if link != nil {
			c.Href = link(row)
		}
		return c
	}}
}

// shareColumn shows a share, nil where it is not known, as a bar. guess says that it is an
// estimate.
func shareColumn(title string, part func(rows.Row) any, guess func(rows.Row) bool) column {
	return column{title: title, key: "share", class: "s", down: true, value: part, cell: func(row rows.Row) cell {
		if p, known := part(row).(float64); known {
			return cell{Use: newShare(p, guess(row))}
		}
		return plain(nil)
	}}
}

func never(rows.Row) bool { return false }

// subnetColumn shows the name of a subnet, with a link to its page where a listing has it.
func (v *view) subnetColumn(f fields) column {
	return f.nameColumn("Subnet", "subnet_name", "subnet_id", func(row rows.Row) string {
		snap, id, version := v.targetOf(f, row), f.text(row, "subnet_id"), f.text(row, "ip_version")
		if subnetOf(snap, id, version) == nil {
			return ""
		}
		return subnetLink(snap.Cloud, snap.Project, id, version)
	})
}

// targetOf is the target that a row is of.
func (v *view) targetOf(f fields, row rows.Row) *inventory.Snapshot {
	cloud, project := f.text(row, "cloud"), f.text(row, "project")
	return v.chosen[slices.IndexFunc(v.chosen, func(s *inventory.Snapshot) bool { return s.Cloud == cloud && s.Project == project })]
}

// addressColumn shows an address, with a link to its page.
func (f fields) addressColumn(title, key, label string) column {
	return column{title: title, key: key, class: "ip", label: label, cell: func(row rows.Row) cell {
		text := f.text(row, key)
		if text == "" {
			return plain(nil)
		}
		return cell{Text: text, Href: addressLink(text)}
	}}
}

// timeColumn shows when something was, as short as the present time allows.
func (v *view) timeColumn(f fields, title, key string) column {
	return column{title: title, key: key, label: strings.ToLower(title), cell: func(row rows.Row) cell {
		at, err := time.Parse(time.RFC3339, f.text(row, key))
		if err != nil {
			return plain(nil)
		}
		return cell{Text: moment(at, v.now)}
	}}
}

// subnets are the subnets of one IP version, or of both with "", the fullest first.
func (v *view) subnets(version string) sheet {
	l := rows.Subnets(rows.Tags(v.chosen))
	f := fields{&l}
	s := sheet{
		Listing: l, id: "subnets-" + version, title: "IPv" + version + " subnets", thing: "subnet", split: true, sort: "-share", none: "No subnet is known.",
		each: rows.Where(l.Of(v.chosen), func(row rows.Row) bool { return f.text(row, "ip_version") == version || version == "" }),
	}
	switch version {
	case "":
		s.id, s.title = "subnets", "Subnets"
	case "6":
		s.list, s.sort = "ipv6", "-used"
	}
	s.columns = []column{
		v.subnetColumn(f),
		{title: "CIDR", key: "cidr", class: "ip"},
		{title: "VPC / network", key: "vpc_name", class: "v", cell: func(row rows.Row) cell { return v.vpcCell(f, row) }},
		v.projectColumn(f, "subnets", "ports"),
		shareColumn("Share used", func(row rows.Row) any { return row[l.Key("used_ratio")] },
			func(row rows.Row) bool { return f.text(row, "capacity_source") == string(inventory.FromEstimate) }),
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

func (v *view) vpcCell(f fields, row rows.Row) cell {
	id := f.text(row, "vpc_id")
	switch {
	case id != "":
		return cell{Text: nameOf(f.text(row, "vpc_name"), id), Href: vpcLink(v.targetOf(f, row), id)}
	case row[f.Key("shared")] != nil:
		return cell{Text: nameOf(f.text(row, "network_name"), f.text(row, "network_id")), Sub: "of " + nameOf(f.text(row, "owner_name"), f.text(row, "owner_id"))}
	}
	return plain(nil)
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

func (v *view) bareServers() sheet {
	l := rows.ListingNamed("servers")
	f := fields{&l}
	return sheet{
		Listing: l, id: "servers", list: "servers", title: "Servers without address", thing: "server without address", sort: "server_name", none: "Each server has an address.",
		each: rows.Where(l.Of(v.chosen), func(row rows.Row) bool { return len(row[l.Key("addresses")].(rows.Addresses)) == 0 }),
		columns: []column{
			f.nameColumn("Server", "server_name", "server_id", nil),
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
	return sheet{
		Listing: l, id: "public-ips", list: "public-ips", title: "Public IPs", thing: "public IP", sort: "used", none: "There is none.", each: l.Of(v.chosen),
		columns: []column{
			f.addressColumn("Address", "address", ""),
			v.projectColumn(f, "public_ips"),
			{title: "Used", key: "used", value: func(row rows.Row) any {
				if row[l.Key("attached")] == true {
					return "used"
				}
				return "by nothing"
			}},
			{title: "Status", key: "status"},
			f.addressColumn("Private address", "private_address", "points at"),
			{title: "Pool", key: "pool"},
			{title: "Id", key: "public_ip_id", class: "id hide"},
		},
	}
}

// idleAddresses are the addresses on ports that nothing uses.
func (v *view) idleAddresses() sheet {
	l := rows.Idle(func(snap *inventory.Snapshot) inventory.IdleSince { return v.IdleSince(snap.Cloud, snap.Project) }, 0, v.now)
	f := fields{&l}
	return sheet{
		Listing: l, id: "idle", list: "idle", title: "Idle addresses", thing: "idle address", sort: "address", none: "There is none.", each: l.Of(v.chosen),
		columns: []column{
			f.addressColumn("Address", "address", ""),
			v.projectColumn(f, "ports"),
			v.subnetColumn(f),
			{title: "Status", key: "status"},
			v.timeColumn(f, "Idle since", "idle_since"),
			{title: "Port", key: "port_id", class: "id hide"},
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
		Listing: l, id: "address-groups", list: "address-groups", title: "Address groups", thing: "address group", split: true, sort: "-share", none: "There is none.", each: l.Of(v.chosen),
		columns: []column{
			f.nameColumn("Group", "address_group_name", "address_group_id", nil),
			v.projectColumn(f, "address_groups"),
			{title: "IP version", key: "ip_version", class: "hide"},
			{title: "Status", key: "status"},
			shareColumn("Share used", used, never),
			{title: "Entries / most", key: "entries", class: "n", label: "entries", down: true, value: func(row rows.Row) any { return entries(row) },
				cell: func(row rows.Row) cell {
					return cell{Text: figure(entries(row)) + " / " + plain(row[l.Key("entries_max")]).Text}
				}},
			{title: "Redundant", key: "entries_redundant", class: "n", label: "redundant", down: true},
		},
	}
}
