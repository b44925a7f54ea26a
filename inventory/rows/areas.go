package rows

import (
	"errors"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// CIDRs are prefixes as a value of a row.
type CIDRs []netip.Prefix

// String returns the prefixes with blanks between them.
func (c CIDRs) String() string { return joined(c, " ", netip.Prefix.String) }

// vpcRows has a row for each VPC. Its figures are known where all its CIDRs and subnets
// are; subnets counts those of IPv4.
func vpcRows(snap *inventory.Snapshot) iter.Seq[Row] {
	vpcs := snap.Areas()[:len(inventory.Of[inventory.SubnetData](snap).VPCs)] // they come first
	return each(snap, slices.Values(vpcs), func(a inventory.Area) Row {
		v := a.VPC
		var secondary, addresses, unallocated, largest any
		if a.Whole {
			addresses, unallocated, largest = a.Addresses(), a.Unallocated(), PrefixText(a.LargestFree())
		}
		if v.Prefixes != nil {
			secondary = slices.DeleteFunc(append(CIDRs{}, v.Prefixes...), func(p netip.Prefix) bool { return p.String() == v.CIDR })
		}
		return Row{v.ID.String(), v.Name, v.CIDR, secondary, v.Status, len(a.Subnets), addresses, unallocated, largest}
	})
}

// Areas returns the listing of VPCs and subnet pools that pages show, with what is known
// of their primary CIDRs at least.
func Areas() Listing {
	return New("areas", "subnets", "vpc_id", "vpc_id vpc_name cidr subnets addresses unallocated largest", func(snap *inventory.Snapshot) iter.Seq[Row] {
		return each(snap, slices.Values(snap.Areas()), func(a inventory.Area) Row {
			row := Row{a.ID.String(), a.Name, CIDRs(a.Prefixes).String(), len(a.Subnets), a.Addresses(), nil, nil}
			if !a.Hidden {
				copy(row[5:], Row{a.Unallocated(), PrefixText(a.LargestFree())})
			}
			return row
		})
	})
}

// PrefixText is "" where there is no prefix.
func PrefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}

// FreePrefixes returns the listing of free blocks of VPCs and subnet pools that hold a
// prefix of the length, lowest first in each, with the tightest of each marked; of all
// free blocks where the length is 0.
func FreePrefixes(length int) Listing {
	keys := "vpc_id vpc_name subnet_pool_id subnet_pool_name prefix addresses tightest"
	return New("free-prefixes", "subnets", "vpc_id subnet_pool_id prefix", keys, func(snap *inventory.Snapshot) iter.Seq[Row] {
		return func(yield func(Row) bool) {
			for _, a := range snap.Areas() {
				blocks, tightest := a.Free, -1
				if length > 0 {
					blocks, tightest = a.Fitting(length)
				}
				row := Row{snap.Cloud, snap.Project, a.ID.String(), a.Name, "", ""}
				if a.VPC == nil {
					row = Row{snap.Cloud, snap.Project, "", "", a.ID.String(), a.Name}
				}
				for at, p := range blocks {
					if !yield(append(row[:len(row):len(row)], p.String(), space.PrefixSize(p), at == tightest)) {
						return
					}
				}
			}
		}
	})
}

// ParseLength reads the length of a prefix, with a / before it or without.
func ParseLength(text string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "/"), 10, 8)
	if err != nil || n < 1 || n > 128 {
		return 0, errors.New("give the length of a prefix, such as 24")
	}
	return int(n), nil
}
