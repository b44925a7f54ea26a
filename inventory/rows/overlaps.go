package rows

import (
	"cmp"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// mostOverlaps is how many pairs a listing may have: n prefixes can overlap in n² pairs.
const mostOverlaps = 100_000

// OverlapListing has the keys of Overlaps. It has no Rows.
func OverlapListing() Listing {
	return New("overlaps", "subnets", "vpc_id subnet_id cidr other_vpc_id other_subnet_id other_cidr other_cloud other_project", `vpc_id vpc_name subnet_id subnet_name cidr
		other_cloud other_project other_vpc_id other_vpc_name other_subnet_id other_subnet_name other_cidr`, nil)
}

// cut is a prefix of a VPC or of a subnet, or one that was given.
type cut struct {
	identity
	cloud, project string
	vpcName, name  string
}

// identity tells prefixes apart, whichever target shows them: ids are unique in a
// provider's clouds. The zero identity but for the prefix was given.
type identity struct {
	provider    string
	vpc, subnet inventory.ID
	prefix      netip.Prefix
}

func (c *cut) row() Row {
	return Row{c.cloud, c.project, c.vpc.String(), c.vpcName, c.subnet.String(), c.name, c.prefix.String()}
}

// Overlaps goes over the pairs of VPCs and subnets whose prefixes overlap one another or,
// with prefixes given, those that overlap one of these. A subnet in its own VPC, and what
// several targets show, are no pair. It is an error when there are too many.
func Overlaps(snaps []*inventory.Snapshot, given []netip.Prefix) (iter.Seq[Row], error) {
	all := cutsOf(snaps)
	for i, p := range given {
		if !slices.Contains(given[:i], p) {
			all = append(all, cut{identity: identity{prefix: p}})
		}
	}
	slices.SortStableFunc(all, func(a, b cut) int { return space.ComparePrefixes(a.prefix, b.prefix) })
	n := 0
	for range pairsOf(all, len(given) > 0) {
		if n++; n > mostOverlaps {
			return nil, fmt.Errorf("more than %d pairs overlap: ask for a CIDR, a cloud or a project", mostOverlaps)
		}
	}
	return func(yield func(Row) bool) {
		for a, b := range pairsOf(all, len(given) > 0) {
			if !yield(append(a.row(), b.row()...)) {
				return
			}
		}
	}, nil
}

// pairsOf goes over the pairs of cuts that are in order, those with a given one alone where
// some are given.
func pairsOf(all []cut, given bool) iter.Seq2[*cut, *cut] {
	return func(yield func(a, b *cut) bool) {
		var around, asked []*cut // those that hold the place now reached, the largest first; those of them that were given
		for i := range all {
			inner := &all[i]
			for _, open := range []*[]*cut{&around, &asked} {
				for n := len(*open); n > 0 && !(*open)[n-1].prefix.Overlaps(inner.prefix); n-- {
					*open = (*open)[:n-1]
				}
			}
			outers := around
			if given && inner.provider != "" {
				outers = asked // others are no pairs
			}
			for _, outer := range outers {
				a, b := outer, inner
				if given && b.provider == "" {
					a, b = b, a
				}
				if pairs(a, b, given) && !yield(a, b) {
					return
				}
			}
			around = append(around, inner)
			if inner.provider == "" {
				asked = append(asked, inner)
			}
		}
	}
}

// pairs reports whether two prefixes that overlap are a pair to show.
func pairs(a, b *cut, given bool) bool {
	if given {
		return a.provider == "" && b.provider != ""
	}
	oneVPC := a.provider == b.provider && a.vpc == b.vpc && !a.vpc.IsZero()
	return !oneVPC || !a.subnet.IsZero() && !b.subnet.IsZero()
}

// cutsOf are the prefixes of the VPCs and subnets, each once.
func cutsOf(snaps []*inventory.Snapshot) (all []cut) {
	seen := make(map[identity]bool)
	for _, snap := range snaps {
		add := func(vpc, subnet inventory.ID, prefix netip.Prefix, vpcName, name string) {
			if id := (identity{snap.Provider, vpc, subnet, prefix}); !seen[id] {
				seen[id] = true
				all = append(all, cut{id, snap.Cloud, snap.Project, vpcName, name})
			}
		}
		data := inventory.Of[inventory.SubnetData](snap)
		for _, a := range snap.Areas() {
			for _, p := range a.Prefixes {
				if a.VPC != nil {
					add(a.ID, inventory.ID{}, p, a.Name, "")
				}
			}
		}
		names := data.VPCNames()
		for i := range data.Subnets {
			n := &data.Subnets[i]
			add(n.VPCID, n.ID, n.Prefix, names[n.VPCID], n.Name)
		}
	}
	slices.SortStableFunc(all, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.cloud, b.cloud), cmp.Compare(a.project, b.project), a.vpc.Compare(b.vpc), a.subnet.Compare(b.subnet))
	})
	return all
}
