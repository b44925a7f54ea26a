package cloudapi

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cloudip_exporter/inventory"
)

// randomIDs are so many random UUIDs, in order.
func randomIDs(random *rand.Rand, n int) []inventory.ID {
	ids := make([]inventory.ID, n)
	for i := range ids {
		ids[i] = idAt(random.Uint64())
	}
	slices.SortFunc(ids, inventory.ID.Compare)
	return ids
}

// idAt is a UUID that begins with the number.
func idAt(start uint64) inventory.ID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], start)
	b[15] = 1
	return inventory.ParseID(uuidText(b))
}

func places(ids []inventory.ID) []float64 {
	var all []float64
	for _, id := range ids {
		all = append(all, placeOf(id))
	}
	return all
}

func TestWhatLiesAsIfByChance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	thin := func(ids []inventory.ID, keep func(float64) bool) []float64 {
		return slices.DeleteFunc(places(ids), func(place float64) bool { return !keep(place) })
	}
	for name, tt := range map[string]struct {
		places []float64
		end    float64
		want   bool
	}{
		"random":             {places(randomIDs(random, 1000)), 1, true},
		"random, few":        {places(randomIDs(random, 10)), 1, true},
		"random, a part":     {thin(randomIDs(random, 9000), func(p float64) bool { return p <= 0.25 }), 0.25, true},
		"one after another":  {[]float64{0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4}, 0.4, false},
		"at the beginning":   {thin(randomIDs(random, 4000), func(p float64) bool { return p < 0.5 }), 1, false},
		"not in the middle":  {thin(randomIDs(random, 4000), func(p float64) bool { return p < 0.3 || p > 0.7 }), 1, false},
		"all at no place":    {[]float64{0, 0, 0}, 0, false},
		"more than there is": {[]float64{0.2, 0.5, 0.9}, 0.3, false},
	} {
		if got := even(tt.places, tt.end); got != tt.want {
			t.Errorf("%s: even is %t", name, got)
		}
	}
}

// inOrder are the parts as they follow each other.
func inOrder(parts []PortPart) []PortPart {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b PortPart) int { return a.After[0].Compare(b.After[0]) })
	return parts
}

func TestPartsOfASampleFollowEachOtherWithoutAGap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		ids := randomIDs(random, 1000+random.IntN(5000))
		lead := ids[:5+random.IntN(500)]
		var marks []inventory.ID
		for every, i := 1+random.IntN(400), len(lead); i < len(ids); i += 1 + random.IntN(2*every) {
			marks = append(marks, ids[i])
		}
		most, workers := 1+random.IntN(60), 1+random.IntN(12)
		parts := cutPorts(lead, marks, most, workers)
		if len(parts) > most {
			t.Fatalf("%d parts, want at most %d", len(parts), most)
		}
		if !slices.IsSortedFunc(parts, func(a, b PortPart) int { return int(1e9 * (b.length() - a.length())) }) {
			t.Fatal("the longest part is not the first")
		}
		row := inOrder(parts)
		if row[0].After[0] != lead[len(lead)-1] || !row[len(row)-1].Until.IsZero() {
			t.Fatalf("from %v to %v: not all that follows %v", row[0].After, row[len(row)-1].Until, lead[len(lead)-1])
		}
		for i, part := range row {
			if i+1 < len(row) && part.Until != row[i+1].After[0] {
				t.Fatalf("part %d ends with %v, the next begins behind %v", i, part.Until, row[i+1].After[0])
			}
			if !slices.IsSortedFunc(part.After, func(a, b inventory.ID) int { return b.Compare(a) }) || len(part.After) != 1+standIns {
				t.Fatalf("part %d begins behind one of %v", i, part.After)
			}
		}
	}
}

func TestPartsOfASampleAreAboutAsLongAsWished(t *testing.T) {
	ids := randomIDs(rand.New(rand.NewPCG(5, 6)), 50_000)
	lead, rest := ids[:500], ids[500:]
	var marks []inventory.ID
	for i := 25; i < len(rest); i += 50 {
		marks = append(marks, rest[i])
	}
	for _, tt := range []struct {
		most, workers int
		want          []int
	}{
		{1, 8, []int{49_500}},
		{3, 8, []int{16_500, 16_500, 16_500}},
		{11, 4, []int{8250, 8250, 8250, 8250, 4125, 4125, 4125, 4125}}, // two rounds
		{500, 2, []int{14_143, 14_143, 7071, 7071, 3536, 3536}},        // three at most
	} {
		parts := cutPorts(lead, marks, tt.most, tt.workers)
		if len(parts) != len(tt.want) {
			t.Errorf("%d parts of %d workers: %d", tt.most, tt.workers, len(parts))
			continue
		}
		for i, part := range parts {
			from, _ := slices.BinarySearchFunc(ids, part.After[0], inventory.ID.Compare)
			to := len(ids)
			if !part.Until.IsZero() {
				to, _ = slices.BinarySearchFunc(ids, part.Until, inventory.ID.Compare)
			}
			if n := to - from; n < tt.want[i]-800 || n > tt.want[i]+800 {
				t.Errorf("%d parts of %d workers: part %d has %d ports, want about %d", tt.most, tt.workers, i, n, tt.want[i])
			}
		}
	}
}

func TestASampleOfTheBeginningIsUsedForWhatItIs(t *testing.T) {
	ids := randomIDs(rand.New(rand.NewPCG(7, 8)), 10_000)
	parts := cutPorts(ids[:100], ids[101:1000], 16, 8)
	if row := inOrder(parts); len(row) < 2 || row[len(row)-1].length() < 0.85 || parts[0].length() != row[len(row)-1].length() {
		t.Errorf("%d parts, the last %.2f long, the first to be read %.2f", len(row), row[len(row)-1].length(), parts[0].length())
	}
	if parts := cutPorts(ids[:100], nil, 16, 8); len(parts) != 1 {
		t.Errorf("%d parts without a mark", len(parts))
	}
}

func uuidText(b [16]byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
