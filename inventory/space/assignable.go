package space

import (
	"net/netip"

	"go4.org/netipx"
)

const (
	// Addresses at the end of an IPv4 subnet that Huawei Cloud and OTC keep for
	// themselves, beside the first. Their documents disagree on how many.
	keptLast, keptLastLeast = 4, 3
	// mostFree is enough to choose among: two clients at the same time rarely choose
	// the same.
	mostFree = 4096
)

// Assignable returns addresses of a subnet that may be tried, the lowest ones: those
// that the cloud assigns, without those taken. An address that the cloud may reserve
// is returned only when no other is free.
func Assignable(prefix netip.Prefix, pools []netipx.IPRange, taken ...netip.Addr) (free []netip.Addr, err error) {
	for last := keptLast; last >= keptLastLeast && len(free) == 0; last-- {
		var b netipx.IPSetBuilder
		for _, pool := range pools {
			b.AddRange(pool)
		}
		if len(pools) == 0 {
			r := netipx.RangeOfPrefix(prefix.Masked())
			b.AddRange(r)
			b.Remove(r.From()) // the network
			for i, to := 0, r.To(); i < last; i, to = i+1, to.Prev() {
				b.Remove(to)
			}
		}
		for _, a := range taken {
			if a.IsValid() {
				b.Remove(a)
			}
		}
		set, err := b.IPSet()
		if err != nil {
			return nil, err
		}
		for _, r := range set.Ranges() {
			for a := r.From(); r.Contains(a) && len(free) < mostFree; a = a.Next() {
				free = append(free, a)
			}
		}
	}
	return free, nil
}

// Kept reports whether the cloud keeps an address at an end of a subnet for itself,
// and refuses to assign it.
func Kept(prefix netip.Prefix, pools []netipx.IPRange, a netip.Addr) bool {
	if !a.Is4() || prefix.Bits() > 30 {
		return false
	}
	r := netipx.RangeOfPrefix(prefix.Masked())
	last := r.To()
	for n := 1; len(pools) == 0 && n < keptLastLeast; n++ {
		last = last.Prev()
	}
	return a == r.From() || !a.Less(last)
}
