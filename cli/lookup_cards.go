package cli

import (
	"strings"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory/rows"
)

// printCards shows the rows of a lookup for people: a few lines for each, what
// is not known left out. incomplete says that a target could not be asked.
func printCards(e *command.Env, r *table.Table, incomplete bool, o table.Output) error {
	if err := r.Filter(o.Filter); err != nil {
		return err
	}
	if err := r.Sort(o.Sort); err != nil {
		return err
	}
	c := table.NewCards(e.Screen(), o.Wide)
	held := make(map[string]bool) // by somebody, in whichever target
	for _, row := range r.Rows {
		if row[2] == true {
			held[rows.ValueText(row[0])] = true
		}
	}
	for _, row := range r.Rows {
		cells := make(map[string]any, len(row))
		for n, v := range row {
			cells[r.Columns[n].Key] = v
		}
		writeCard(c, cells, incomplete || held[rows.ValueText(row[0])])
	}
	return c.Flush()
}

func writeCard(c *table.Cards, cells map[string]any, somewhere bool) {
	text := func(key string) string { return rows.ValueText(cells[key]) }
	c.Title(text("address") + "  " + headline(cells, somewhere))
	subnet := join("  ", text("subnet_name"), text("cidr"))
	if free := text("free"); free != "" {
		subnet += "  " + free + " free"
	}
	c.Pair("project", join(" / ", text("cloud"), text("project")))
	c.Pair("subnet", subnet)
	c.Pair("subnet id", text("subnet_id"))
	c.Pair("VPC", join("  ", text("vpc_name"), text("vpc_id")))
	port, privateIP, publicIP := text("port_id"), text("private_ip_id"), text("public_ip_id")
	for _, first := range []*string{&port, &privateIP, &publicIP} { // whose the status is
		if *first != "" {
			*first = join("  ", *first, text("status"))
			break
		}
	}
	c.Pair("port", port)
	c.Pair("device", join("  ", text("device_id"), text("device_owner")))
	c.Pair("server", join("  ", text("server_name"), text("kind"), text("server_id")))
	c.Pair("private IP", privateIP)
	if public := text("public_address"); public == text("address") {
		c.Pair("points at", text("private_address"))
		c.Pair("public IP", publicIP)
	} else {
		c.Pair("public IP", join("  ", public, publicIP))
	}
	c.Pair("held last by", text("last_holder"))
	if groups, ok := cells["address_groups"].(rows.Groups); ok {
		for _, g := range groups {
			c.Pair("group", g.AddressGroupName+"  "+g.Entries.String())
		}
	}
}

// headline says in a few words who holds the address. somewhere says that
// somebody does elsewhere, or may.
func headline(cells map[string]any, somewhere bool) string {
	held, _ := cells["held"].(bool)
	switch {
	case cells["held"] == nil && rows.ValueText(cells["subnet_id"]) == "":
		return "not known: not every target could be asked"
	case cells["held"] == nil:
		return "not known: not everything in this subnet can be seen"
	case !held && somewhere:
		return "not held here"
	case !held && rows.ValueText(cells["subnet_id"]) == "":
		return "held by nobody; no known subnet contains it"
	case !held:
		return "held by nobody"
	case rows.ValueText(cells["server_name"]) != "":
		return "held by " + join(" ", rows.ValueText(cells["kind"]), "server", rows.ValueText(cells["server_name"]))
	}
	if rows.ValueText(cells["public_ip_id"]) != "" && rows.ValueText(cells["port_id"]) == "" {
		return "a public IP of this project"
	}
	switch holder := rows.ValueText(cells["holder"]); holder {
	case "none":
		if rows.ValueText(cells["public_ip_id"]) != "" {
			return "held by a port at which a public IP points"
		}
		return "reserved, used by nothing"
	case "other", "":
		if owner := rows.ValueText(cells["device_owner"]); owner != "" {
			return "held by " + owner
		}
		return "held by something unknown"
	default:
		return "held by " + strings.ReplaceAll(holder, "_", " ")
	}
}

// join puts what is not empty together.
func join(separator string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, separator)
}
