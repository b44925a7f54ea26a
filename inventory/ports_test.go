package inventory

import (
	"encoding/binary"
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
			list, want := onTop(last, listed...), naive(listed)
			wantPorts(t, fmt.Sprintf("seed %d, round %d", seed, round), want, all(list))
			check.Equal(t, fmt.Sprintf("ports in seed %d, round %d", seed, round), len(want), list.Len())
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
	check.Equal(t, "counts", count(t, frozen(want...), "otc", uuid(4, 1)), count(t, list, "otc", uuid(4, 1)))
	compareIdle(t, list)
	for _, prefix := range []string{"10.0.0.3/32", "2001:db8::1/128", "10.9.9.9/32", "10.0.0.0/28"} {
		within := netip.MustParsePrefix(prefix)
		var has []Port
		for _, p := range want {
			if slices.ContainsFunc(p.Fixed, func(f FixedIP) bool { return within.Contains(f.Addr) }) {
				has = append(has, p)
			}
		}
		wantPorts(t, "in "+prefix, has, slices.Collect(list.With(within.Contains)))
	}
}

func TestPortsThatStayedAreNotKeptTwice(t *testing.T) {
	const n = 20_000
	fill := func(last *Ports, changed int) *Ports {
		ports := make([]Port, n)
		for i := range ports {
			ports[i] = Port{ID: uuid(1, i), NetworkID: uuid(2, 1), Status: "ACTIVE", Fixed: []FixedIP{{uuid(3, 1), space.Addr4(uint32(i))}}}
			if i < changed {
				ports[i].Status = "DOWN"
			}
		}
		return onTop(last, ports...)
	}
	ownOf := func(ps *Ports) (own int) {
		for _, r := range ps.ranges {
			if r.own != nil {
				own += len(r.own.records)
			}
		}
		return own
	}
	first := fill(nil, 0)
	second := fill(first, 100)
	if ownOf(second) != 100 || second.Len() != n || second.ranges[0].block != first.ranges[0].block {
		t.Errorf("%d of %d ports are kept apart, want the 100 that changed", ownOf(second), second.Len())
	}
	third := fill(second, 0)
	if ownOf(third) != 0 || !third.equals(first) {
		t.Errorf("%d ports are kept apart, want none: all are as in the first list", ownOf(third))
	}
	fourth := fill(third, n/2)
	for i, r := range fourth.ranges {
		if r.own != nil || (r.block == first.ranges[i].block) != (i >= len(fourth.ranges)/2+1) {
			t.Errorf("block %d: what half changed is beside an old block, or what stayed is not shared", i)
		}
	}
}

// Storage begins and ends tenures of these alone.
func TestDifferencesOfListsThatShareBlocks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	now, last := map[ID]Port{}, map[ID]Port{}
	var list, before *Ports
	for round := range 12 {
		for range 9_000 / (1 + round*round) { // many at first, then so few that blocks stay
			p := randomPort(rnd, 40_000)
			p.ID, p.Pairs = uuid(rnd.IntN(1<<32), 1), nil
			now[p.ID] = p
		}
		begin := rnd.IntN(1 << 32)
		for id, p := range now {
			switch first := int(binary.BigEndian.Uint32(id.uuid[:])); {
			case first > begin && first < begin+1<<22, rnd.IntN(400) == 0: // a whole stretch, and here and there
				delete(now, id)
			case rnd.IntN(200) == 0:
				p.Status += "!"
				now[id] = p
			case rnd.IntN(100) == 0:
				p.Fixed = randomPort(rnd, 1).Fixed
				now[id] = p
			}
		}
		list = onTop(before, slices.Collect(maps.Values(now))...)
		if got := all(list); !slices.EqualFunc(naive(got), got, samePort) || len(got) != len(now) || list.Len() != len(now) {
			t.Fatalf("round %d: %d ports of %d, or not in order", round, len(got), len(now))
		}
		if before != nil {
			came, went := byID(list.beside(before)), byID(before.beside(list))
			for _, differs := range []struct{ of, here, there map[ID]Port }{{now, came, last}, {last, went, now}} {
				for id, p := range differs.of {
					got, is := differs.here[id]
					if same := samePort(p, differs.there[id]); is == same || is && !samePort(p, got) {
						t.Fatalf("round %d: %v is the same: %v; in the differences: %v", round, id, same, is)
					}
				}
			}
		}
		compareIdle(t, list)
		last = maps.Clone(now)
		if before = list; round%5 == 4 { // a restart
			before = unpackedList(t, list)
		}
	}
	if len(list.ranges) < 3 {
		t.Errorf("%d ranges: too few to test", len(list.ranges))
	}
}

func TestNumbersOfListsMadeAnewSayNothingOfEachOther(t *testing.T) {
	same := port("same", "n1", "vm", "", "DOWN", "s4", "10.0.0.4")
	for name, tt := range map[string][2]Port{
		"device":            {port("p", "n1", "x", "", "DOWN", "s4", "10.0.0.5"), port("p", "n1", "y", "", "DOWN", "s4", "10.0.0.5")},
		"status":            {port("p", "n1", "x", "", "DOWN", "s4", "10.0.0.5"), port("p", "n1", "x", "", "ACTIVE", "s4", "10.0.0.5")},
		"id":                {port("p", "n1", "x", "", "DOWN", "s4", "10.0.0.5"), port("q", "n1", "x", "", "DOWN", "s4", "10.0.0.5")},
		"address":           {port("p", "n1", "x", "", "DOWN", "s6", "2001:db8::5"), port("p", "n1", "x", "", "DOWN", "s6", "2001:db8::6")},
		"subnet of address": {port("p", "n1", "x", "", "DOWN", "s6", "2001:db8::5"), port("p", "n1", "x", "", "DOWN", "s7", "2001:db8::5")},
	} {
		for i, p := range tt {
			list, other := frozen(p, same), frozen(tt[1-i], same)
			if got := byID(list.beside(other)); len(got) != 1 || !samePort(got[p.ID], p) {
				t.Errorf("%s: %v differ, want %v alone", name, got, p)
			}
		}
	}
}

func TestNumbersOfWhatIsGoneAreDropped(t *testing.T) {
	const n = 3_000
	var list *Ports
	named := netip.MustParsePrefix("10.0.0.9/32")
	for round := range 12 {
		ports := make([]Port, n)
		for i := range ports {
			ports[i] = Port{ID: ParseID(fmt.Sprint("port-", i)), DeviceID: ParseID(fmt.Sprint("dhcp-", round, "-", i))}
		}
		ports[n-1].Pairs = []netip.Prefix{named}
		list = unpackedList(t, onTop(list, ports...))
		var naming []ID
		for _, p := range list.Naming(named) {
			naming = append(naming, p.ID)
		}
		if len(naming) != 1 || naming[0] != ParseID(fmt.Sprint("port-", n-1)) {
			t.Fatalf("round %d: %v name the address", round, naming)
		}
	}
	if got := len(list.texts.values); got > 2*2*n+recordsPerBlock+n {
		t.Errorf("%d texts of %d ports", got, n)
	}
}

func byID(ports iter.Seq[Port]) map[ID]Port {
	m := map[ID]Port{}
	for p := range ports {
		p.Fixed = slices.Clone(p.Fixed)
		m[p.ID] = p
	}
	return m
}

func unpackedList(t *testing.T, list *Ports) *Ports {
	t.Helper()
	part := check.Get(DecodePart("ports", unpacked(packedChunks(t, &Part{Data: PortData{Ports: list}}))))(t)
	return part.Data.(PortData).Ports
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
