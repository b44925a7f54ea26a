package pages

import (
	"fmt"
	"slices"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

const briefRows = 20

// overview is the first page: totals, the subnets, and what else is listed.
type overview struct {
	*view
	Totals  []total
	Table   table
	Briefs  []table
	Targets targetList
	States  []choice
}

type total struct {
	Figure, Name, Note, Href, Class string
}

type choice struct {
	Value, Name string
}

func showOverview(v *view) any {
	v.Title, v.Nav = "Overview", "overview"
	v.form("q", "cloud", "project", "state")
	o := &overview{view: v, States: []choice{{"full", "full"}, {"near", "nearly full"}, {"idle", "with idle addresses"}}}
	sheets := []sheet{v.subnets("4"), v.subnets("6"), v.publicIPs(), v.bareServers(), v.groups()}
	if v.get("list") == "idle" { // which reads all ports
		sheets = append(sheets, v.idleAddresses())
	}
	at := slices.IndexFunc(sheets, func(s sheet) bool { return s.list == v.get("list") })
	if at < 0 {
		v.fail(fmt.Errorf("there is no list %q", v.get("list")))
		at = 0
	}
	o.Totals = v.totals(&sheets[0])
	shown := sheets[at]
	if state := v.get("state"); state != "" && at < 2 {
		shown.each = rows.Where(shown.each, func(row rows.Row) bool { return inState(&shown.Listing, row, state) })
	}
	o.Table = v.table(&shown)
	for i := range sheets {
		if i != at {
			if t := v.brief(&sheets[i], briefRows); t.Known > 0 || i == 0 {
				o.Briefs = append(o.Briefs, t)
			}
		}
	}
	o.Targets = v.targets()
	return o
}

// inState reports whether a row of subnets is in a state that people ask for.
func inState(l *rows.Listing, row rows.Row, state string) bool {
	f := fields{l}
	used, known := f.number(row, "used_ratio")
	switch state {
	case "full":
		return known && used >= 1
	case "near":
		return known && used >= 0.85 && used < 1
	case "idle":
		idle, _ := f.number(row, "idle")
		return idle > 0
	}
	return false
}

// totals are the figures of the strip, of the chosen targets.
func (v *view) totals(subnets *sheet) []total {
	f := fields{&subnets.Listing}
	var all, full, near int
	var free, capacity, idle float64
	for row := range subnets.each {
		all++
		if inState(&subnets.Listing, row, "full") {
			full++
		} else if inState(&subnets.Listing, row, "near") {
			near++
		}
		f1, _ := f.number(row, "free")
		f2, _ := f.number(row, "capacity")
		f3, _ := f.number(row, "idle")
		free, capacity, idle = free+f1, capacity+f2, idle+f3
	}
	var public, unused int
	for _, snap := range v.chosen {
		for _, ip := range inventory.Of[inventory.PublicIPData](snap).IPs {
			if public++; !ip.Attached {
				unused++
			}
		}
	}
	at := func(id string, pairs ...string) string {
		return link("./", append(pairs, "cloud", v.get("cloud"), "project", v.get("project"))...) + "#" + id
	}
	totals := []total{
		{Figure: figure(full), Name: "Subnets full", Note: "of " + figure(all), Href: at(subnets.id, "state", "full"), Class: when(full > 0, "bad")},
		{Figure: figure(near), Name: "Nearly full", Note: "85 % or more used", Href: at(subnets.id, "state", "near"), Class: when(near > 0, "warn")},
		{Figure: figure(free), Name: "Free addresses", Note: "of " + figure(capacity), Href: at(subnets.id, "sort", "-free")},
		{Figure: figure(idle), Name: "Idle addresses", Note: "IPv4, on ports nothing uses", Href: at("idle", "list", "idle")},
		{Figure: figure(unused), Name: "Unattached public IPs", Note: "of " + figure(public), Href: at("public-ips", "list", "public-ips")},
	}
	s := &v.Status
	return append(totals, total{Figure: figure(s.Failing), Name: "Failing collectors", Note: "of " + figure(s.Collectors), Href: "targets", Class: when(s.Failing > 0, "bad")})
}

func when(is bool, class string) string {
	if is {
		return class
	}
	return ""
}
