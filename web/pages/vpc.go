package pages

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

const placesShown = 10

type vpcsPage struct {
	*view
	Table table
}

func showVPCs(v *view) any {
	v.Title, v.Nav = "VPCs", "vpcs"
	v.form("q", "cloud", "project")
	l := rows.Areas()
	f := fields{&l}
	used := func(row rows.Row) any {
		all, _ := f.number(row, "addresses")
		left, known := f.number(row, "unallocated")
		if all == 0 || !known {
			return nil
		}
		return 1 - left/all
	}
	return &vpcsPage{v, v.table(&sheet{
		Listing: l, id: "vpcs", title: "VPCs and subnet pools", thing: "VPC or pool", each: l.Of(v.chosen), sort: "-share", split: true, none: "There is none: no cloud shows a VPC, or a subnet pool of OpenStack.",
		columns: []column{
			{title: "Name", key: "vpc_name", cell: func(row rows.Row) cell { return v.vpcCell(f, row) }},
			{title: "CIDR", key: "cidr", class: "ip"},
			v.projectColumn(f, "subnets"),
			shareColumn("In subnets", used, never),
			{title: "Subnets", key: "subnets", class: "n", label: "subnets", down: true},
			{title: "In no subnet", key: "unallocated", class: "n hide", down: true},
			{title: "Largest free block", key: "largest", class: "ip", label: "largest free", cell: func(row rows.Row) cell {
				return cell{Text: largestText(row[l.Key("largest")])}
			}},
		},
	})}
}

// largestText is the text of a largest free block: nil is not known.
func largestText(block any) string {
	if block == nil {
		return unknown
	}
	return cmp.Or(rows.ValueText(block), "none")
}

// vpcPage shows the space of a VPC: its subnets and what is free.
type vpcPage struct {
	*view
	Crumbs         []cell
	Kind           string // VPC or subnet pool
	Name, CIDR, ID string
	Note           string // what is not known
	Facts          []fact
	Drawings       []drawing
	Length         int
	Lengths        []int
	Fits           string
	Places         []fitting
	Table          table
	CSV            string
	Missing        bool
}

type fitting struct{ Prefix, Block string }

func showVPC(v *view) any {
	p := &vpcPage{view: v}
	v.Nav = "vpcs"
	v.form("length")
	a := v.findArea(v.get("vpc_id"))
	if a == nil {
		p.Missing = v.missing("No such VPC")
		return p
	}
	p.Name, p.CIDR, p.ID = nameOf(a.Name, a.ID.String()), rows.CIDRs(a.Prefixes).String(), visible(a.ID.String())
	v.Title, p.Kind = p.Name+" "+p.CIDR, "Subnet pool"
	if a.VPC != nil {
		p.Kind = "VPC"
		p.CSV = link("api/v1/subnets", "cloud", a.snap.Cloud, "project", a.snap.Project, "vpc_id", a.ID.String(), "format", "csv")
	}
	p.Crumbs = []cell{
		{Text: visible(a.snap.Cloud), Href: link("vpcs", "cloud", a.snap.Cloud)},
		{Text: visible(a.snap.Project), Href: link("vpcs", "cloud", a.snap.Cloud, "project", a.snap.Project)}, {Text: p.Name},
	}
	all, left := a.Addresses(), a.Unallocated()
	p.Facts = []fact{
		{"In subnets", figure(all - left), "of " + figure(all)}, {"In no subnet", figure(left), ""},
		{"Largest free block", largestText(rows.PrefixText(a.LargestFree())), ""}, {"Subnets", figure(len(a.Subnets)), ""},
	}
	switch {
	case a.Hidden:
		p.Facts, p.Note = nil, "Not all its subnets can be seen: nobody knows what is free."
	case !a.Whole && len(a.Prefixes) > 0:
		p.Note = "Without VPC v3 secondary CIDRs are not known."
	}
	for _, within := range a.Prefixes {
		p.Drawings = append(p.Drawings, a.draw(within))
	}
	p.fit(a)
	v.chosen = []*inventory.Snapshot{a.snap}
	subnets := v.subnets("")
	f, own := fields{&subnets.Listing}, make(map[string]bool)
	for _, n := range a.Subnets {
		own[n.ID.String()] = true
	}
	subnets.each = rows.Where(subnets.each, func(row rows.Row) bool {
		return f.text(row, "vpc_id") == a.ID.String() || own[f.text(row, "subnet_id")]
	})
	p.Table = v.table(&subnets)
	return p
}

func (v *view) findArea(id string) *area {
	for _, snap := range v.chosen {
		for _, a := range snap.Areas() {
			if a.ID.String() == id {
				return &area{a, snap}
			}
		}
	}
	return nil
}

// fit finds places for a subnet of the length that is asked for: in the smallest
// blocks first, so that large ones stay whole.
func (p *vpcPage) fit(a *area) {
	from, to, most := 16, 29, 32
	if p.Length = 26; a.IPVersion == "6" {
		from, to, most, p.Length = 44, 64, 128, 64
	}
	for n := from; n <= to; n++ {
		p.Lengths = append(p.Lengths, n)
	}
	if text := p.get("length"); text != "" {
		n, err := rows.ParseLength(text)
		if err != nil || n > most {
			p.fail(fmt.Errorf("%q is no length of a prefix", text))
			return
		}
		p.Length = n
	}
	if a.Hidden {
		return
	}
	blocks, _ := a.Fitting(p.Length)
	slices.SortStableFunc(blocks, func(a, b netip.Prefix) int { return b.Bits() - a.Bits() })
	p.Fits = fmt.Sprintf("A /%d fits in %s. The smallest come first, so that large ones stay whole.", p.Length, plural(len(blocks), "free block"))
	if len(blocks) == 0 {
		p.Fits = fmt.Sprintf("A /%d fits nowhere: no free block is large enough.", p.Length)
	}
	for _, b := range blocks[:min(len(blocks), placesShown)] {
		p.Places = append(p.Places, fitting{netip.PrefixFrom(b.Addr(), p.Length).String(), b.String()})
	}
}
