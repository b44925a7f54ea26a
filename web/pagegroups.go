package web

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"cloudip_exporter/inventory"
)

type groupRow struct {
	addressGroupItem
	Gauge gauge
	Age   age
}

// groupListing is the address groups, the fullest first. What a group covers is
// added up only for those that are shown.
func groupListing(snaps []*inventory.Snapshot, f *filter, now time.Time) listing[groupRow] {
	type candidate struct {
		snap  *inventory.Snapshot
		group *inventory.AddressGroup
	}
	l := listing[groupRow]{JSON: f.JSON("address-groups")}
	var found []candidate
	for _, snap := range snaps {
		l.has(snap, "address_groups")
		groups := inventory.Of[inventory.AddressGroupData](snap)
		l.Known += len(groups)
		for i := range groups {
			if g := &groups[i]; f.has(netip.Prefix{}, g.Name, g.ID.String(), g.Status, snap.Cloud, snap.Project) {
				found = append(found, candidate{snap, g})
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(fill(b.group), fill(a.group)),
			cmp.Compare(len(b.group.Entries), len(a.group.Entries)),
			compareTargets(a.snap, b.snap),
			cmp.Compare(a.group.Name, b.group.Name),
			a.group.ID.Compare(b.group.ID),
		)
	})
	known := ages{}
	l.fill(len(found), func(i int) groupRow {
		c := found[i]
		row := groupRow{addressGroupItem: newAddressGroupItem(c.snap, c.group), Age: known.of(c.snap, now, "address_groups")}
		if c.group.Max != nil {
			row.Gauge = gaugeOf(float64(len(c.group.Entries)), float64(*c.group.Max))
		}
		return row
	})
	return l
}

// fill is the part of a group that is taken; -1 where there is no limit.
func fill(g *inventory.AddressGroup) float64 {
	if g.Max == nil || *g.Max <= 0 {
		return -1
	}
	return float64(len(g.Entries)) / float64(*g.Max)
}
