package rows

import (
	"errors"
	"iter"
	"net/netip"
	"strconv"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// CIDRs are prefixes as a value of a row.
type CIDRs []netip.Prefix

// String returns the prefixes with blanks between them.
func (c CIDRs) String() string {
	texts := make([]string, 0, len(c))
	for _, p := range c {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, " ")
}

func vpcKeys() []string {
	return []string{
		"cloud", "project", "vpc_id", "vpc_name", "cidr", "secondary_cidrs", "status", "subnets", "addresses", "unallocated", "largest_free_block",
	}
}

// vpcRows has a row for each VPC. Its figures are known where all its CIDRs and subnets
// are; subnets counts those of IPv4.
func vpcRows(snap *inventory.Snapshot) iter.Seq[Row] {
	vpcs, areas := inventory.Of[inventory.SubnetData](snap).VPCs, snap.Areas() // which begin with the VPCs
	return func(yield func(Row) bool) {
		for i, v := range vpcs {
			a := &areas[i]
			var secondary, addresses, unallocated, largest any
			if a.Whole {
				addresses, unallocated, largest = a.Addresses(), a.Unallocated(), prefixText(a.LargestFree())
			}
			if v.Prefixes != nil {
				others := CIDRs{}
				for _, p := range v.Prefixes {
					if p.String() != v.CIDR {
						others = append(others, p)
					}
				}
				secondary = others
			}
			if !yield(Row{snap.Cloud, snap.Project, v.ID.String(), v.Name, v.CIDR, secondary, v.Status, len(a.Subnets), addresses, unallocated, largest}) {
				return
			}
		}
	}
}

// prefixText is "" where there is no prefix.
func prefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}

// FreePrefixes returns the listing of free blocks of VPCs and subnet pools that hold a
// prefix of the length, lowest first in each, with the tightest of each marked; of all
// free blocks where the length is 0.
func FreePrefixes(length int) Listing {
	keys := []string{"cloud", "project", "vpc_id", "vpc_name", "subnet_pool_id", "subnet_pool_name", "prefix", "addresses", "tightest"}
	return Listing{"free-prefixes", keys, func(snap *inventory.Snapshot) iter.Seq[Row] {
		return func(yield func(Row) bool) {
			areas := snap.Areas()
			for i := range areas {
				a := &areas[i]
				blocks, tightest := a.Free, -1
				if length > 0 {
					blocks, tightest = a.Fitting(length)
				}
				names := [4]any{a.ID.String(), a.Name, "", ""}
				if a.Pool {
					names = [4]any{"", "", a.ID.String(), a.Name}
				}
				for at, p := range blocks {
					if !yield(append(append(Row{snap.Cloud, snap.Project}, names[:]...), p.String(), space.PrefixSize(p), at == tightest)) {
						return
					}
				}
			}
		}
	}}
}

// ParseLength reads the length of a prefix, with a / before it or without.
func ParseLength(text string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "/"), 10, 8)
	if err != nil || n < 1 || n > 128 {
		return 0, errors.New("give the length of a prefix, such as 24")
	}
	return int(n), nil
}
