package inventory

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
)

var comparePorts = cmp.Options{
	cmp.Comparer(func(a, b ID) bool { return a == b }), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmpopts.EquateEmpty(),
}

// all is the list as it is published.
func all(ps *Ports) []Port {
	var list []Port
	for p := range ps.All() {
		p.Fixed = slices.Clone(p.Fixed)
		list = append(list, p)
	}
	return list
}

// randomPort is one of few, so that ports come again and have things in common.
func randomPort(rnd *rand.Rand, n int) Port {
	id := uuid(1, rnd.IntN(n))
	if rnd.IntN(20) == 0 {
		id = ParseID(fmt.Sprintf("port-%d", rnd.IntN(n)))
	}
	p := Port{ID: id, NetworkID: uuid(2, rnd.IntN(3)), Owner: []string{"", "compute:a", "network:dhcp"}[rnd.IntN(3)], Status: []string{"ACTIVE", "DOWN"}[rnd.IntN(2)]}
	switch rnd.IntN(4) {
	case 0:
		p.DeviceID = ParseID(fmt.Sprintf("dhcp-%d", rnd.IntN(3)))
	case 1:
		p.DeviceID = uuid(4, rnd.IntN(5))
	}
	for range []int{0, 1, 1, 1, 1, 2, 3}[rnd.IntN(7)] {
		a := netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.IntN(8))})
		if rnd.IntN(4) == 0 {
			a = netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", rnd.IntN(4)))
		}
		p.Fixed = append(p.Fixed, FixedIP{SubnetID: uuid(3, rnd.IntN(3)), Addr: a})
	}
	return p
}

// naive is what a list must be: the last of each id, in order.
func naive(ports []Port) []Port {
	byID := map[ID]Port{}
	for _, p := range ports {
		byID[p.ID] = p
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b Port) int { return a.ID.Compare(b.ID) })
}

func TestListsOnTopOfEachOtherAreAsListsOfTheirOwn(t *testing.T) {
	for seed := range uint64(25) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var last *Ports
		var listed []Port
		for round := range 6 {
			// What was there comes again, but for a few that went, changed or are new.
			listed = slices.DeleteFunc(listed, func(Port) bool { return rnd.IntN(20) == 0 })
			for range []int{150, 10, 3, 0, 40, 150}[round] {
				listed = append(listed, randomPort(rnd, 100))
			}
			if rnd.IntN(2) == 0 {
				rnd.Shuffle(len(listed), func(i, j int) { listed[i], listed[j] = listed[j], listed[i] })
			}
			list := NewPorts(last, false)
			for _, p := range listed {
				list.Append(p)
			}
			dropped := list.Freeze()
			want := naive(listed)
			wantPorts(t, fmt.Sprintf("seed %d, round %d", seed, round), want, all(list))
			if list.Len() != len(want) || round == 0 && dropped != len(listed)-len(want) {
				t.Fatalf("seed %d, round %d: %d ports, %d dropped; want %d of %d", seed, round, list.Len(), dropped, len(want), len(listed))
			}
			compareWithNaive(t, list, want)
			last, listed = list, want
		}
	}
}

func wantPorts(t *testing.T, what string, want, got []Port) {
	t.Helper()
	if !slices.EqualFunc(want, got, samePort) { // which is quicker than to look for differences
		t.Fatalf("%s (-want +got):\n%s", what, cmp.Diff(want, got, comparePorts))
	}
}

// compareWithNaive compares what is asked of lists with one filled anew.
func compareWithNaive(t *testing.T, list *Ports, want []Port) {
	t.Helper()
	anew := frozen(want...)
	known := map[ID]bool{uuid(4, 1): true}
	check.Equal(t, "counts", count(anew, "otc", known), count(list, "otc", known))
	for _, prefix := range []string{"10.0.0.3/32", "2001:db8::1/128", "10.9.9.9/32", "10.0.0.0/28"} {
		within := netip.MustParsePrefix(prefix)
		var has []Port
		for _, p := range want {
			if slices.ContainsFunc(p.Fixed, func(f FixedIP) bool { return within.Contains(f.Addr) }) {
				has = append(has, p)
			}
		}
		for _, got := range []iter.Seq[Port]{list.Within(within), list.With(within.Contains)} {
			wantPorts(t, "in "+prefix, has, slices.Collect(got))
		}
	}
}

func TestPortsThatStayedAreNotKeptTwice(t *testing.T) {
	const n = 20_000
	fill := func(last *Ports, changed int) *Ports {
		list := NewPorts(last, false)
		for i := range n {
			status := "ACTIVE"
			if i < changed {
				status = "DOWN"
			}
			list.Append(Port{ID: uuid(1, i), NetworkID: uuid(2, 1), Status: status, Fixed: []FixedIP{{uuid(3, 1), space.Addr4(uint32(i))}}})
		}
		list.Freeze()
		return list
	}
	first := fill(nil, 0)
	second := fill(first, 100)
	if second.own.n != 100 || second.Len() != n {
		t.Errorf("%d of %d ports are kept apart, want the 100 that changed", second.own.n, second.Len())
	}
	third := fill(second, 0)
	if third.own.n != 0 || third.base != first {
		t.Errorf("%d ports are kept apart, want none: all are as in the first list", third.own.n)
	}
	fourth := fill(third, n/2)
	if fourth.base != nil || fourth.own.n != n {
		t.Error("a list of which half changed still holds on to an old one")
	}
}

func TestMarksAreTheEndsOfPieces(t *testing.T) {
	for _, tt := range []struct{ n, size, back, want int }{{0, 3, 2, 0}, {3, 3, 2, 0}, {4, 3, 2, 1}, {6, 3, 2, 1}, {7, 3, 2, 2}, {7, 3, 9, 2}} {
		list := &Ports{}
		for i := range tt.n {
			list.Append(Port{ID: uuid(1, i)})
		}
		list.Freeze()
		marks := list.SplitAt(tt.size, tt.back)
		check.Equal(t, fmt.Sprintf("%+v", tt), tt.want, len(marks))
		for i, ids := range marks {
			for back, id := range ids {
				check.Equal(t, fmt.Sprintf("%+v: mark %d, %d back", tt, i, back), id, uuid(1, (i+1)*tt.size-1-back))
			}
			check.Equal(t, fmt.Sprintf("%+v: mark %d", tt, i), min(tt.size, tt.back), len(ids))
		}
	}
}
