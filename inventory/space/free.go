package space

import (
	"cmp"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Free returns the largest aligned blocks that are in one of the prefixes and in none of
// those taken, by address. No block spans two of the prefixes, since no subnet does.
func Free(within, taken []netip.Prefix) (blocks []netip.Prefix) {
	whole := Distinct(within)
	var b netipx.IPSetBuilder
	for _, p := range whole {
		b.AddPrefix(p)
	}
	for _, p := range Distinct(taken) {
		b.RemovePrefix(p)
	}
	set, _ := b.IPSet() // only a prefix that is not valid is an error
	for _, block := range set.Prefixes() {
		at, _ := slices.BinarySearchFunc(whole, block.Addr(), func(p netip.Prefix, a netip.Addr) int { return p.Addr().Compare(a) })
		spans := at
		for spans < len(whole) && block.Contains(whole[spans].Addr()) && block.Bits() < whole[spans].Bits() {
			spans++
		}
		if blocks = append(blocks, whole[at:spans]...); spans == at {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

// Distinct returns the prefixes that are in no other one, by address, without host bits
// and without those that are not valid.
func Distinct(all []netip.Prefix) (outer []netip.Prefix) {
	sorted := make([]netip.Prefix, 0, len(all))
	for _, p := range all {
		if p.IsValid() {
			sorted = append(sorted, p.Masked())
		}
	}
	slices.SortFunc(sorted, ComparePrefixes)
	for _, p := range sorted {
		if n := len(outer); n == 0 || !outer[n-1].Overlaps(p) {
			outer = append(outer, p)
		}
	}
	return outer
}

// ComparePrefixes orders prefixes by address, the larger first, so that each comes before
// what it holds.
func ComparePrefixes(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

// Sum is the number of addresses of prefixes that do not overlap.
func Sum(prefixes []netip.Prefix) (sum float64) {
	for _, p := range prefixes {
		sum += PrefixSize(p)
	}
	return sum
}
