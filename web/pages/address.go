package pages

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/inventory/space"
)

const placesMax = 20 // of those that hold an address, of the others, and of lines of time

// addressPage answers who holds an address.
type addressPage struct {
	*view
	Crumbs         []cell
	Addr           string
	Before, After  string // the addresses beside it
	Answer         string
	Kind           *kind
	Places, Others []place // that hold it; with a subnet around it, or a note
	Groups         []groupAround
	More           int
	BlindSpots     []string // what would have to be known to say that nobody holds it
	Neighbours     *addressMap
	NeighboursText string
	Whole          string // link to the whole map
	TimeLines      []timeLine
	HistoryNote    string // why there is none
}

// place is a place where an address is, or could be.
type place struct {
	rows.Address
	Headline            string
	Age                 string
	Failing             bool
	SubnetHref, VPCHref string
	PublicHref          string   // the list of public IPs
	About               []string // the network of its subnet, and tags
	Unnamed             string   // why the device has no name
}

type groupAround struct {
	Name, Target, Entries string
}

func showAddress(v *view) any {
	p := &addressPage{view: v}
	v.Title, v.Lookup = "Who holds an address", v.get("ip")
	if v.Lookup == "" {
		v.fail(errors.New("give an address to look up, such as 10.20.0.8 or 2001:db8::8"))
		return p
	}
	addr, err := space.ParseAddr(v.Lookup)
	if err != nil {
		v.fail(err)
		return p
	}
	v.form("at")
	p.Addr, v.Title = addr.String(), addr.String()
	if a := addr.Prev(); a.IsValid() {
		p.Before = a.String()
	}
	if a := addr.Next(); a.IsValid() {
		p.After = a.String()
	}
	p.locate(addr)
	p.TimeLines, p.HistoryNote = v.timeLines(addr)
	return p
}

// Link is a link to what a path says of an address, in the same targets.
func (p *addressPage) Link(path, address string, more ...string) string {
	return link(path, append(more, "ip", address, "cloud", p.get("cloud"), "project", p.get("project"))...)
}

// locate finds the places of the address: only projects that hold it, or have its
// subnet. Groups that merely cover it come at the end.
func (p *addressPage) locate(addr netip.Addr) {
	var around []*inventory.Snapshot // whose subnets contain it
	unknown := false
	for _, snap := range p.chosen {
		result := snap.Lookup(addr)
		if !result.Known() {
			continue
		}
		if len(result.Subnets) > 0 {
			around = append(around, snap)
		}
		p.addGroups(&result)
		for _, row := range rows.Found(&result) {
			if !row.IsHeld() && row.SubnetID == "" {
				continue // in groups only
			}
			unknown = unknown || row.Held == nil
			p.add(&result, row)
		}
	}
	collectors := []string{"ports", "private_ips", "servers"}
	if len(around) == 0 {
		around, collectors = p.chosen, append(collectors, "public_ips")
	}
	p.findBlindSpots(around, collectors)
	p.answer(unknown)
	for _, places := range []*[]place{&p.Places, &p.Others} {
		if len(p.Places)+len(p.Others) == 1 && len(*places) == 1 {
			(*places)[0].Headline = "" // the answer says it already
		}
		p.More += max(0, len(*places)-placesMax)
		*places = (*places)[:min(len(*places), placesMax)]
	}
}

// add sorts a place into those that hold the address and the others.
func (p *addressPage) add(result *inventory.LookupResult, row rows.Address) {
	snap := result.Snapshot
	at := place{Address: row, VPCHref: vpcLink(snap, row.VPCID), SubnetHref: subnetLink(snap.Cloud, snap.Project, row.SubnetID, row.IPVersion)}
	if made, fails := oldest(snap, "subnets", "ports", "servers", "private_ips"); !made.IsZero() {
		at.Age, at.Failing = span(p.now.Sub(made)), fails
	}
	at.Headline, at.PublicHref = headline(&row, result), link("./", "list", "public-ips", "cloud", snap.Cloud, "project", snap.Project)+"#public-ips"
	at.Unnamed = unnamed(snap, row.Holder, row.ServerName)
	places, first := &p.Others, len(p.Places)+len(p.Others) == 0
	if row.IsHeld() {
		places, first = &p.Places, len(p.Places) == 0
	}
	for _, s := range result.Subnets {
		if s.ID.String() != row.SubnetID {
			continue
		}
		if at.About = aboutSubnet(snap, s); first {
			p.Crumbs = append(subnetCrumbs(snap, s), cell{Text: p.Addr})
			p.drawNeighbours(snap, s, result.Addr)
		}
	}
	*places = append(*places, at)
}

// drawNeighbours draws the addresses around it, and says how many of them are held.
func (p *addressPage) drawNeighbours(snap *inventory.Snapshot, s *inventory.Subnet, addr netip.Addr) {
	if st := snap.State("ports"); !addr.Is4() || st == nil || st.Part == nil {
		return
	}
	within := netip.PrefixFrom(addr, max(28, s.Prefix.Bits())).Masked()
	holdings := holdingsOf(snap, s)
	l := layoutOf(s)
	p.Neighbours = addressMaps(&l, within, holdings, addr)[0]
	p.NeighboursText = sentence(&l, within, holdings)
	p.Whole = subnetLink(snap.Cloud, snap.Project, s.ID.String(), "4") + "#map"
}

func (p *addressPage) addGroups(result *inventory.LookupResult) {
	for _, g := range result.Groups {
		var entries []string
		for _, e := range g.Entries[:min(len(g.Entries), 5)] {
			entries = append(entries, visible(e.Text))
		}
		p.Groups = append(p.Groups, groupAround{nameOf(g.Group.Name, g.Group.ID.String()), targetName(result.Snapshot.Cloud, result.Snapshot.Project), strings.Join(entries, ", ")})
	}
}

// findBlindSpots finds what would have to be known to say that nobody holds it.
func (p *addressPage) findBlindSpots(around []*inventory.Snapshot, collectors []string) {
	for _, collector := range collectors {
		for _, snap := range around {
			if st := snap.State(collector); st != nil && !st.Success && len(p.Places) == 0 && len(p.BlindSpots) < placesMax {
				p.BlindSpots = append(p.BlindSpots, strings.ReplaceAll(collector, "_", " ")+" of "+targetName(snap.Cloud, snap.Project))
			}
		}
	}
}

// answer says in a sentence who holds the address.
func (p *addressPage) answer(unknown bool) {
	if len(p.Places) > 0 {
		at := &p.Places[0]
		k := kindOf(at.Holder)
		p.Kind, p.Answer = &k, upper(at.Headline)+"."
		if n := len(p.Places); n > 1 {
			p.Answer = fmt.Sprintf("Held in %s places.", figure(n))
		}
		return
	}
	switch {
	case len(p.BlindSpots) > 0:
		p.Answer = "Nobody is known to hold it, but not everything is known now."
	case unknown:
		p.Answer = "Not known: not everything in its subnet can be seen."
	case len(p.Others) == 1:
		p.Answer = upper(p.Others[0].Headline) + "."
	case len(p.Others) > 0:
		p.Answer = "Nobody holds it."
	default:
		p.Answer = "Nobody is known to hold it, and no subnet that is watched contains it."
	}
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// headline says in a few words who holds the address in a place, or why it is not to be
// handed out.
func headline(r *rows.Address, result *inventory.LookupResult) string {
	if !r.IsHeld() {
		for _, s := range result.Subnets {
			l := layoutOf(s)
			if k, words := l.kind(result.Addr); s.ID.String() == r.SubnetID && k.Class != "free" {
				return "not to be handed out: " + words
			}
		}
	}
	return visible(r.Headline())
}
