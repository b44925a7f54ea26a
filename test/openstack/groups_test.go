//go:build e2e

package openstack

import (
	"math/big"
	"net/netip"
	"slices"
)

// groups works out by brute force what the entries of address groups, which
// are CIDRs in Neutron, amount to.
func (tr *truth) groups(s *session) {
	all := list(s, "network", "/v2.0/address-groups", "address_groups", nil, func(v group) string { return v.ID })
	tr.counts["address groups"] = len(all)
	for _, g := range all {
		id := "address_group_id=" + g.ID
		entries := prefixes(g.Addresses)
		tr.counts["address group entries"] += len(entries)
		tr.add(float64(len(entries)), "cloudip_address_group_entries", id)
		tr.add(float64(redundant(entries)), "cloudip_address_group_entries_redundant", id)
		found := false
		for _, version := range []string{"4", "6"} {
			of := slices.DeleteFunc(slices.Clone(entries), func(p netip.Prefix) bool { return p.Addr().Is4() != (version == "4") })
			if len(of) == 0 {
				continue
			}
			found = true
			tr.add(1, "cloudip_address_group_info", id, "address_group_name="+g.Name, "ip_version="+version)
			tr.add(distinct(of), "cloudip_address_group_addresses", id, "ip_version="+version)
		}
		if !found {
			tr.add(1, "cloudip_address_group_info", id, "address_group_name="+g.Name, "ip_version=")
		}
	}
}

func prefixes(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text).Masked())
	}
	return all
}

// distinct adds up the CIDRs that lie in no other one: CIDRs nest or are apart.
func distinct(all []netip.Prefix) float64 {
	sum := new(big.Int)
	for i, p := range all {
		if !slices.ContainsFunc(all[:i], func(o netip.Prefix) bool { return contains(o, p) }) &&
			!slices.ContainsFunc(all[i+1:], func(o netip.Prefix) bool { return contains(o, p) && o != p }) {
			sum.Add(sum, size(p))
		}
	}
	f, _ := new(big.Float).SetInt(sum).Float64()
	return f
}

func size(p netip.Prefix) *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
}

func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// redundant drops CIDRs from the smallest to the largest, ties as listed, that
// those not dropped still cover, and counts them.
func redundant(all []netip.Prefix) int {
	left := slices.Clone(all)
	slices.SortStableFunc(left, func(a, b netip.Prefix) int { return size(a).Cmp(size(b)) })
	dropped := 0
	for i := 0; i < len(left); {
		rest := slices.Concat(left[:i], left[i+1:])
		if !covered(left[i], rest) {
			i++
			continue
		}
		left = rest
		dropped++
	}
	return dropped
}

// covered halves the CIDR until a half lies in one of the others, or none of
// them reaches into it.
func covered(p netip.Prefix, by []netip.Prefix) bool {
	if slices.ContainsFunc(by, func(o netip.Prefix) bool { return contains(o, p) }) {
		return true
	}
	if !slices.ContainsFunc(by, func(o netip.Prefix) bool { return contains(p, o) }) {
		return false
	}
	low := netip.PrefixFrom(p.Addr(), p.Bits()+1)
	high := p.Addr().AsSlice()
	high[p.Bits()/8] |= 1 << (7 - p.Bits()%8)
	a, _ := netip.AddrFromSlice(high)
	return covered(low, by) && covered(netip.PrefixFrom(a, p.Bits()+1), by)
}
