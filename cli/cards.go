package cli

import (
	"bufio"
	"fmt"
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
	c := &cards{out: bufio.NewWriter(e.Stdout), colour: e.colour()}
	if e.StdoutTerminal && !o.Wide && e.Width != nil {
		c.width = e.Width()
	}
	held := make(map[string]bool) // by somebody, in whichever target
	for _, row := range r.rows {
		if row[2] == true {
			held[rawText(row[0])] = true
		}
	}
	for i, row := range r.rows {
		cells := make(map[string]any, len(row))
		for n, v := range row {
			cells[r.columns[n].key] = v
		}
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		c.card(cells, incomplete || held[rawText(row[0])])
	}
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// printRowsAsCards prints each row as a card: a line for each column, nothing cut.
func (e *Env) printRowsAsCards(r *result) error {
	c := &cards{out: bufio.NewWriter(e.Stdout), colour: e.colour()}
	for n, row := range r.rows {
		if n > 0 {
			fmt.Fprintln(c.out)
		}
		for i := range r.columns {
			if value := r.columns[i].text(row[i]); i == 0 {
				c.line(bold, "%s", value)
			} else if value != unknown {
				c.pair(r.columns[i].heading(), value)
			}
		}
	}
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

type cards struct {
	out    *bufio.Writer
	colour bool
	width  int
}

func (c *cards) card(cells map[string]any, somewhere bool) {
	text := func(key string) string { return rawText(cells[key]) }
	c.line(bold, "%s", text("address")+"  "+headline(cells, somewhere))
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

// pair writes one line of a card, none when there is nothing to say.
func (c *cards) pair(name, value string) {
	if strings.TrimSpace(value) != "" {
		c.line(plain, "  %-10s  %s", name, value)
	}
}

func (c *cards) line(s style, format string, args ...any) {
	text := strings.TrimRight(printable(fmt.Sprintf(format, args...)), " ")
	if c.width > 0 {
		text = cut(text, c.width)
	}
	if c.colour && s != plain {
		text = string(s) + text + reset
	}
	fmt.Fprintln(c.out, text)
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
