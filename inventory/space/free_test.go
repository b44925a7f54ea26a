package space

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// TestFreeAgreesWithABitmap compares 10,000 random areas of at most 256 addresses with a
// walk over their addresses. IPv6 prefixes have the same host part.
func TestFreeAgreesWithABitmap(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	n := 10_000
	if testing.Short() {
		n = 2_000
	}
	for range n {
		base := netip.MustParseAddr([]string{"10.0.0.0", "255.255.255.0", "2001:db8::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00"}[random.IntN(4)])
		draw := func(most int) (all []netip.Prefix) {
			for range random.IntN(most) {
				a := base.AsSlice()
				a[len(a)-1] = byte(random.IntN(256))
				addr, _ := netip.AddrFromSlice(a)
				all = append(all, netip.PrefixFrom(addr, base.BitLen()-random.IntN(8)))
			}
			return all
		}
		within, taken := draw(5), append(draw(12), netip.Prefix{})
		if got, want := fmt.Sprint(Free(within, taken)), fmt.Sprint(freeByBitmap(base, within, taken)); got != want {
			t.Fatalf("Free(%v, %v) = %s, want %s", within, taken, got, want)
		}
	}
}

// freeByBitmap marks each address, and takes a block where its addresses are free and in
// one prefix, and those of the next larger block are not.
func freeByBitmap(base netip.Addr, within, taken []netip.Prefix) (blocks []netip.Prefix) {
	at := func(n int) netip.Addr {
		a := base.AsSlice()
		a[len(a)-1] = byte(n)
		addr, _ := netip.AddrFromSlice(a)
		return addr
	}
	holds := func(all []netip.Prefix, a netip.Addr) bool {
		return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.IsValid() && p.Contains(a) })
	}
	free := func(from, host int) bool {
		if !slices.ContainsFunc(within, func(p netip.Prefix) bool { return p.Contains(at(from)) && p.Contains(at(from+1<<host-1)) }) {
			return false
		}
		for n := from; n < from+1<<host; n++ {
			if holds(taken, at(n)) {
				return false
			}
		}
		return true
	}
	for from := 0; from < 256; {
		host := 0
		if !free(from, 0) {
			from++
			continue
		}
		for host < 8 && from%(2<<host) == 0 && free(from, host+1) {
			host++
		}
		blocks = append(blocks, netip.PrefixFrom(at(from), base.BitLen()-host))
		from += 1 << host
	}
	return blocks
}
