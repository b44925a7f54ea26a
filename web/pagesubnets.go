package web

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/inventory"
)

type subnetRow struct {
	subnetItem
	Gauge   gauge
	Holders []holderCount
	Age     age
}

// Estimated reports whether the capacity is a guess of ours.
func (r *subnetRow) Estimated() bool { return r.CapacitySource == string(inventory.FromEstimate) }

type holderCount struct {
	Holder string
	Count  int
}

// candidate is a subnet that may become a row.
type candidate struct {
	join   *subnetJoin
	subnet *inventory.Subnet
}

// subnetListings are the subnets of each family, those with the fewest
// addresses left first.
func subnetListings(snaps []*inventory.Snapshot, f *filter, now time.Time) (v4, v6 listing[subnetRow]) {
	v4.JSON, v6.JSON = f.JSON("subnets"), f.JSON("subnets")
	var found4, found6 []candidate
	for _, snap := range snaps {
		v4.has(snap, "subnets")
		v6.has(snap, "subnets")
		join := newSubnetJoin(snap)
		subnets := inventory.Of[inventory.SubnetData](snap).Subnets
		for i := range subnets {
			l, found := &v4, &found4
			if subnets[i].IPVersion() == "6" {
				l, found = &v6, &found6
			}
			l.Known++
			if c := (candidate{join, &subnets[i]}); c.matches(f) {
				*found = append(*found, c)
			}
		}
	}
	fillSubnets(&v4, found4, now)
	fillSubnets(&v6, found6, now)
	return v4, v6
}

func fillSubnets(l *listing[subnetRow], found []candidate, now time.Time) {
	slices.SortFunc(found, byLeft)
	known := ages{}
	l.fill(len(found), func(i int) subnetRow {
		c := found[i]
		row := subnetRow{subnetItem: c.join.item(c.subnet), Age: known.of(c.join.snap, now, "subnets", "ports")}
		if row.Capacity != nil {
			row.Gauge = gaugeOf(row.Used, *row.Capacity)
		}
		row.Holders = holderCounts(row.Held)
		return row
	})
}

func (c candidate) matches(f *filter) bool {
	if len(f.words) == 0 {
		return true
	}
	s, snap := c.subnet, c.join.snap
	return f.has(s.Prefix, s.Name, s.Prefix.String(), s.ID.String(), s.NetworkID.String(),
		s.VPCID.String(), c.join.vpcs[s.VPCID], snap.Cloud, snap.Project)
}

// byLeft puts first the subnet with the fewest addresses left, and last those
// where that is not known.
func byLeft(a, b candidate) int {
	return cmp.Or(
		cmp.Compare(left(a.subnet), left(b.subnet)),
		cmp.Compare(b.subnet.Usage.Used, a.subnet.Usage.Used),
		compareTargets(a.join.snap, b.join.snap),
		cmp.Compare(a.subnet.Name, b.subnet.Name),
		a.subnet.ID.Compare(b.subnet.ID),
	)
}

func left(s *inventory.Subnet) float64 {
	if s.Usage.Free == nil {
		return math.Inf(1)
	}
	return *s.Usage.Free
}

// holderCounts puts the classes in order, the largest first.
func holderCounts(held map[string]int) []holderCount {
	var all []holderCount
	for holder, n := range held {
		all = append(all, holderCount{strings.ReplaceAll(holder, "_", " "), n})
	}
	slices.SortFunc(all, func(a, b holderCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Holder, b.Holder))
	})
	return all
}
