package pages

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

const placesShown = 10

// vpcsPage lists the VPCs.
type vpcsPage struct {
	*view
	Table table
}

func showVPCs(v *view) any {
	v.Title, v.Nav = "VPCs", "vpcs"
	v.form("q", "cloud", "project")
	l := rows.Listing{Keys: []string{"cloud", "project", "vpc_id", "vpc_name", "cidr", "subnets", "addresses", "unallocated", "largest"}}
	f := fields{&l}
	each := func(yield func(rows.Row) bool) {
		for _, snap := range v.chosen {
			for _, a := range areasOf(snap) {
				free := a.free()
				all, left := a.sizes(free)
				if !yield(rows.Row{snap.Cloud, snap.Project, a.id.String(), a.name, prefixes(a.prefixes), len(a.subnets), all, left, prefixText(largest(free))}) {
					return
				}
			}
		}
	}
	used := func(row rows.Row) any {
		all, _ := f.number(row, "addresses")
		left, _ := f.number(row, "unallocated")
		if all == 0 {
			return nil
		}
		return 1 - left/all
	}
	return &vpcsPage{v, v.table(&sheet{
		Listing: l, id: "vpcs", title: "VPCs", thing: "VPC", each: each, sort: "-share", split: true, none: "There is none: OpenStack has no VPCs, and no other cloud shows one.",
		columns: []column{
			{title: "VPC", key: "vpc_name", cell: func(row rows.Row) cell { return vpcCell(f, row) }},
			{title: "CIDR", key: "cidr", class: "ip"},
			v.projectColumn(f, "subnets"),
			{title: "In subnets", key: "share", class: "s", down: true, value: used, cell: func(row rows.Row) cell {
				if part, known := used(row).(float64); known {
					return cell{Use: &share{Percent: int(part * 100)}}
				}
				return cell{Text: unknown, Class: "hide"}
			}},
			{title: "Subnets", key: "subnets", class: "n", label: "subnets", down: true},
			{title: "In no subnet", key: "unallocated", class: "n hide", down: true},
			{title: "Largest free block", key: "largest", class: "ip", label: "largest free"},
		},
	})}
}

func prefixes(all []netip.Prefix) string {
	var texts []string
	for _, p := range all {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, " ")
}

func prefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return "none"
	}
	return p.String()
}

// vpcPage shows the space of a VPC: its subnets and what is free.
type vpcPage struct {
	*view
	Crumbs         []cell
	Name, CIDR, ID string
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

// fitting is a place for a new subnet.
type fitting struct{ Prefix, Block string }

func showVPC(v *view) any {
	p := &vpcPage{view: v}
	v.Nav = "vpcs"
	v.form("length")
	a := v.findArea(v.get("vpc_id"))
	if a == nil {
		v.Title, p.Missing = "No such VPC", true
		if v.code == http.StatusOK {
			v.code = http.StatusNotFound
		}
		return p
	}
	p.Name, p.CIDR, p.ID = nameOf(a.name, a.id.String()), prefixes(a.prefixes), visible(a.id.String())
	v.Title = p.Name + " " + p.CIDR
	p.Crumbs = []cell{
		{Text: visible(a.snap.Cloud), Href: link("vpcs", "cloud", a.snap.Cloud)},
		{Text: visible(a.snap.Project), Href: link("vpcs", "cloud", a.snap.Cloud, "project", a.snap.Project)}, {Text: p.Name},
	}
	p.CSV = link("api/v1/subnets", "cloud", a.snap.Cloud, "project", a.snap.Project, "vpc_id", a.id.String(), "format", "csv")
	free := a.free()
	all, left := a.sizes(free)
	p.Facts = []fact{
		{"In subnets", figure(all - left), "of " + figure(all)}, {"In no subnet", figure(left), ""},
		{"Largest free block", prefixText(largest(free)), ""}, {"Subnets", figure(len(a.subnets)), ""},
	}
	for _, within := range a.prefixes {
		p.Drawings = append(p.Drawings, a.draw(within, free))
	}
	p.fit(free)
	v.chosen = []*inventory.Snapshot{a.snap}
	subnets := v.subnets("")
	f := fields{&subnets.Listing}
	subnets.each = only(subnets.each, func(row rows.Row) bool { return f.text(row, "vpc_id") == a.id.String() })
	p.Table = v.table(&subnets)
	return p
}

func (v *view) findArea(id string) *area {
	for _, snap := range v.chosen {
		for _, a := range areasOf(snap) {
			if a.id.String() == id {
				return &a
			}
		}
	}
	return nil
}

// fit finds places for a subnet of the length that is asked for: in the smallest
// blocks first, so that large ones stay whole.
func (p *vpcPage) fit(free []netip.Prefix) {
	for n := 16; n <= 29; n++ {
		p.Lengths = append(p.Lengths, n)
	}
	p.Length = 26
	if text := p.get("length"); text != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(text, "/"))
		if err != nil || n < 8 || n > 32 {
			p.fail(http.StatusBadRequest, fmt.Errorf("%q is no length of a prefix", text))
			return
		}
		p.Length = n
	}
	blocks := slices.DeleteFunc(slices.Clone(free), func(b netip.Prefix) bool { return b.Bits() > p.Length })
	slices.SortStableFunc(blocks, func(a, b netip.Prefix) int { return b.Bits() - a.Bits() })
	p.Fits = fmt.Sprintf("A /%d fits in %s. The smallest come first, so that large ones stay whole.", p.Length, plural(len(blocks), "free block"))
	if len(blocks) == 0 {
		p.Fits = fmt.Sprintf("A /%d fits nowhere: no free block is large enough.", p.Length)
	}
	for _, b := range blocks[:min(len(blocks), placesShown)] {
		p.Places = append(p.Places, fitting{netip.PrefixFrom(b.Addr(), p.Length).String(), b.String()})
	}
}
