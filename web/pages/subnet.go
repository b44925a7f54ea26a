package pages

import (
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strconv"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// subnetPage shows one IP version of a subnet.
type subnetPage struct {
	*view
	Crumbs      []cell
	Name, CIDR  string
	About       []string // its network and its tags
	ID          string
	Use         *share
	Facts       []fact
	Segments    []segment
	BarText     string
	Why         string // why used and held differ
	Kinds       []kindCount
	Seen        bool // the ports are known
	Map         mapPanel
	Past        past
	Ports, Idle table
	Unnamed     string // why some devices have no name
	HistoryJSON string
	PortsCSV    string
	Missing     bool // there is no such subnet
}

type fact struct{ Name, Value, Note string }

type segment struct {
	Class    string
	X, Width string // in percent
}

func showSubnet(v *view) any {
	p := &subnetPage{view: v}
	snap, subnet := v.findSubnet()
	if subnet == nil {
		p.Missing = v.missing("No such subnet")
		return p
	}
	v.form("map", "state")
	p.Name, p.CIDR, p.ID = nameOf(subnet.Name, subnet.ID.String()), subnet.Prefix.String(), visible(subnet.ID.String())
	v.Title = p.Name + " " + p.CIDR
	p.About = aboutSubnet(snap, subnet)
	p.Crumbs = subnetCrumbs(snap, subnet)
	p.Crumbs[len(p.Crumbs)-1].Href = ""
	st := snap.State(inventory.PortData{}.Collector())
	p.Seen = st != nil && st.Part != nil
	holdings := holdingsOf(snap, subnet)
	p.describeUse(subnet, holdings)
	v.drawMap(&p.Map, subnet, holdings)
	p.Past = v.pastOf(snap, subnet)
	v.listPorts(p, snap, subnet, holdings)
	return p
}

func (v *view) findSubnet() (*inventory.Snapshot, *inventory.Subnet) {
	for _, snap := range v.chosen {
		if s := subnetOf(snap, v.get("subnet_id"), v.get("ip_version")); s != nil {
			return snap, s
		}
	}
	return nil, nil
}

// aboutSubnet says whose network a subnet is in, and its tags.
func aboutSubnet(snap *inventory.Snapshot, s *inventory.Subnet) (about []string) {
	data := inventory.Of[inventory.SubnetData](snap)
	if n := data.NetworkByID()[s.NetworkID]; n != nil {
		text := "network " + nameOf(n.Name, n.ID.String()) + " of " + nameOf(n.OwnerName, n.OwnerID.String())
		if n.External {
			text += ", external"
		}
		if n.Shared {
			text += ", shared"
		}
		about = append(about, text)
	}
	for _, name := range data.Tags {
		if value := s.Tags[name]; value != "" {
			about = append(about, visible(name)+": "+visible(value))
		}
	}
	return about
}

// subnetCrumbs are links to where a subnet is, the last one to itself.
func subnetCrumbs(snap *inventory.Snapshot, s *inventory.Subnet) []cell {
	crumbs := []cell{
		{Text: visible(snap.Cloud), Href: link("./", "cloud", snap.Cloud)},
		{Text: visible(snap.Project), Href: link("./", "cloud", snap.Cloud, "project", snap.Project)},
	}
	if id := s.VPCID.String(); vpcLink(snap, id) != "" {
		name := inventory.Of[inventory.SubnetData](snap).VPCNames()[s.VPCID]
		crumbs = append(crumbs, cell{Text: nameOf(name, id), Href: vpcLink(snap, id)})
	}
	return append(crumbs, cell{Text: nameOf(s.Name, s.ID.String()), Href: subnetLink(snap.Cloud, snap.Project, s.ID.String(), s.IPVersion())})
}

// describeUse fills in the figures, the bar, and why used and held differ.
func (p *subnetPage) describeUse(s *inventory.Subnet, holdings iter.Seq[holding]) {
	u := s.Usage
	p.Kinds = countKinds(holdings)
	held, reclaim := 0, 0
	for _, k := range p.Kinds {
		held += k.Count
		if k.kind == idle() {
			reclaim = k.Count
		}
	}
	used := fact{Name: "Used", Value: figure(u.Used)}
	if u.Capacity != nil {
		used.Note = "of " + figure(u.Capacity)
		if u.Source == inventory.FromEstimate {
			used.Note = "of about " + figure(u.Capacity)
		}
	}
	p.Facts = []fact{used, {"Free", figure(u.Free), ""}}
	if p.Seen {
		p.Facts = append(p.Facts, fact{"Found in listings", figure(held), ""}, fact{"Idle, to reclaim", figure(reclaim), ""})
		p.Why = whyDifferent(u.Used, held, s)
	}
	if u.Reserved != nil {
		p.Facts = append(p.Facts, fact{"Reserved", figure(u.Reserved), "not counted"})
	}
	if u.Capacity == nil || *u.Capacity <= 0 {
		return
	}
	if part, known := rows.UsedRatio(&u).(float64); known {
		p.Use = newShare(part, u.Source == inventory.FromEstimate)
	}
	if s.Prefix.Addr().Is4() {
		p.drawBar(*u.Capacity, u.Used, held)
	}
}

// drawBar draws the kinds to the scale of the capacity.
func (p *subnetPage) drawBar(capacity, used float64, held int) {
	total := max(capacity, used, float64(held))
	at := 0.0
	add := func(class string, n float64) {
		p.Segments = append(p.Segments, segment{class, percent(at / total), percent(n / total)})
		at += n
	}
	p.BarText = fmt.Sprintf("Of %s addresses:", figure(capacity))
	for i := range p.Kinds {
		k := &p.Kinds[i]
		k.Percent = percent(float64(k.Count) / capacity)
		add(k.Class, float64(k.Count))
		p.BarText += fmt.Sprintf(" %s %s,", k.Name, figure(k.Count))
	}
	if rest := used - float64(held); rest > 0 {
		add("unacc", rest)
		p.BarText += fmt.Sprintf(" not listed %s,", figure(rest))
	}
	p.BarText += " the rest free"
}

func percent(part float64) string { return strconv.FormatFloat(part*100, 'f', 1, 64) + "%" }

// whyDifferent says why used, as the cloud counts, and what is found on ports differ.
func whyDifferent(used float64, held int, s *inventory.Subnet) string {
	switch diff := used - float64(held); {
	case s.PortsHidden:
		return "This credential does not see all ports of the subnet: what looks free may be held."
	case diff > 0:
		return fmt.Sprintf("The cloud says %s used; %s are in the listings of ports, sub-interfaces and private IPs. The other %s are listed nowhere: an interface being built or deleted, or one that this credential may not see.",
			figure(used), figure(held), figure(diff))
	case diff < 0:
		return fmt.Sprintf("The cloud says %s used; %s are in the listings of ports, sub-interfaces and private IPs. The cloud does not count all of them: those of gateways and DHCP, or those outside the allocation pools.", figure(used), figure(held))
	}
	return ""
}

// listPorts fills in the table of the addresses, and of those to reclaim.
func (v *view) listPorts(p *subnetPage, snap *inventory.Snapshot, s *inventory.Subnet, holdings iter.Seq[holding]) {
	if p.Map.Within != "" {
		part := netip.MustParsePrefix(p.Map.Within)
		holdings = rows.Where(holdings, func(h holding) bool { return part.Contains(h.Addr) })
	}
	for h := range holdings {
		if p.Unnamed = unnamed(snap, h.Holder, h.Name); p.Unnamed != "" {
			break
		}
	}
	reclaim := v.portSheet("idle", "Idle, to reclaim", holdings, p.Past.idle)
	isIdle := func(row rows.Row) bool { return row[reclaim.Key("holder")] == idle().Name }
	reclaim.each = rows.Where(reclaim.each, isIdle)
	p.Idle = v.brief(reclaim, briefRows)
	p.Idle.All = ""
	if p.Idle.Matching > briefRows {
		p.Idle.All = v.with("state", "idle", "page", "") + "#ports"
	}
	ports := v.portSheet("ports", "Ports", holdings, p.Past.since)
	switch v.get("state") {
	case "":
	case "idle":
		ports.each = rows.Where(ports.each, isIdle)
	default:
		v.fail(errors.New("the state of a port is idle, or not given"))
	}
	p.Ports = v.table(ports)
	p.HistoryJSON = link("api/v1/history", "cloud", snap.Cloud, "project", snap.Project, "subnet_id", s.ID.String(), "since", "30d")
	p.PortsCSV = link("api/v1/ports", "cloud", snap.Cloud, "project", snap.Project, "subnet_id", s.ID.String(), "format", "csv")
}

// portSheet is the table of some addresses of a subnet.
func (v *view) portSheet(id, title string, holdings iter.Seq[holding], since map[holder]time.Time) *sheet {
	each := func(yield func(rows.Row) bool) {
		for h := range holdings {
			if !yield(rows.Row{h.Addr.String(), h.Kind.Name, h.Name, h.Owner, h.Status, h.Device.String(), h.Port.String(), timeValue(since[holder{h.Addr, h.Port}])}) {
				return
			}
		}
	}
	l := rows.Listing{Keys: []string{"address", "holder", "name", "device_owner", "status", "device_id", "port_id", "since"}}
	f := fields{&l}
	s := &sheet{
		Listing: l, id: id, title: title, each: each, sort: "address", thing: "address", none: "No address is held.",
		columns: []column{
			f.addressColumn("Address", "address", ""),
			{title: "Holder", key: "holder", cell: func(row rows.Row) cell {
				name := f.text(row, "holder")
				return cell{Text: name, Icon: new(kindNamed(name))}
			}},
			{title: "Name", key: "name", cell: func(row rows.Row) cell {
				if name := visible(f.text(row, "name")); name != "" {
					return cell{Text: name}
				}
				return cell{Text: short(f.text(row, "device_id")), Class: "id"}
			}},
			{title: "Owner", key: "device_owner"},
			{title: "Status", key: "status"},
			{title: "Port", key: "port_id", class: "id", cell: func(row rows.Row) cell { return cell{Text: short(f.text(row, "port_id"))} }},
		},
	}
	if len(since) > 0 {
		s.columns = append(s.columns, v.timeColumn(f, "Since", "since"))
	}
	return s
}

func timeValue(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339)
}

// short is the beginning of an id, by which commands find it too.
func short(id string) string {
	if id = visible(id); len(id) == 36 {
		return id[:8]
	}
	return id
}
