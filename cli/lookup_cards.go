package cli

import (
	"strings"
)

// printCards shows the rows of a lookup for people: a few lines for each, what
// is not known left out. incomplete says that a target could not be asked.
func (e *Env) printCards(r *result, incomplete bool, o Output) error {
	if err := r.filter(o.Filter); err != nil {
		return err
	}
	if err := r.sort(o.Sort); err != nil {
		return err
	}
	c := newCards(e.screen(), o.Wide)
	held := make(map[string]bool) // by somebody, in whichever target
	for _, row := range r.rows {
		if row[2] == true {
			held[rawText(row[0])] = true
		}
	}
	for _, row := range r.rows {
		cells := make(map[string]any, len(row))
		for n, v := range row {
			cells[r.columns[n].key] = v
		}
		writeCard(c, cells, incomplete || held[rawText(row[0])])
	}
	return c.flush()
}

func writeCard(c *cards, cells map[string]any, somewhere bool) {
	text := func(key string) string { return rawText(cells[key]) }
	c.title(text("address") + "  " + headline(cells, somewhere))
	subnet := join("  ", text("subnet_name"), text("cidr"))
	if free := text("free"); free != "" {
		subnet += "  " + free + " free"
	}
	c.pair("project", join(" / ", text("cloud"), text("project")))
	c.pair("subnet", subnet)
	c.pair("subnet id", text("subnet_id"))
	c.pair("VPC", join("  ", text("vpc_name"), text("vpc_id")))
	privateIP := text("private_ip_id")
	if text("port_id") != "" {
		c.pair("port", join("  ", text("port_id"), text("status")))
	} else {
		privateIP = join("  ", privateIP, text("status")) // whose it is then
	}
	c.pair("device", join("  ", text("device_id"), text("device_owner")))
	c.pair("server", join("  ", text("server_name"), text("kind"), text("server_id")))
	c.pair("private IP", privateIP)
	if groups, ok := cells["address_groups"].(coveringGroups); ok {
		for _, g := range groups {
			c.pair("group", g.Name+"  "+g.Entries.String())
		}
	}
}

// headline says in a few words who holds the address. somewhere says that
// somebody does elsewhere, or may.
func headline(cells map[string]any, somewhere bool) string {
	held, _ := cells["held"].(bool)
	switch {
	case cells["held"] == nil:
		return "not known: not every target could be asked"
	case !held && somewhere:
		return "not held here"
	case !held && rawText(cells["subnet_id"]) == "":
		return "held by nobody; no known subnet contains it"
	case !held:
		return "held by nobody"
	case rawText(cells["server_name"]) != "":
		return "held by " + join(" ", rawText(cells["kind"]), "server", rawText(cells["server_name"]))
	}
	switch holder := rawText(cells["holder"]); holder {
	case "none":
		return "reserved, used by nothing"
	case "other", "":
		if owner := rawText(cells["device_owner"]); owner != "" {
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
