package cloudapi

import (
	"fmt"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

func manyPorts(n int) *inventory.Ports {
	list := &inventory.Ports{}
	for i := range n {
		list.Append(inventory.Port{ID: inventory.ParseID(fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", i))})
	}
	list.Freeze()
	return list
}

func TestPartsAreWholePagesThatFollowEachOther(t *testing.T) {
	for _, tt := range []struct{ ports, size, concurrency, parts int }{
		{0, 100, 8, 0}, {1199, 100, 8, 0}, // few pages stay together
		{1200, 100, 8, 2}, {1201, 100, 8, 3}, {100_000, 1000, 8, 17}, {1_000_000, 2000, 8, 63}, {100_000, 100, 1, 8},
	} {
		parts := cutPorts(manyPorts(tt.ports), config.Limits{PageSize: tt.size, Concurrency: tt.concurrency})
		if len(parts) != tt.parts {
			t.Errorf("%+v: %d parts", tt, len(parts))
			continue
		}
		for i := range parts {
			if i+1 < len(parts) && (parts[i].until != parts[i+1].after[0] || len(parts[i+1].after) != marksPerPart) {
				t.Errorf("%+v: part %d ends with %v, the next begins behind %v", tt, i, parts[i].until, parts[i+1].after)
			}
		}
		if n := len(parts); n > 0 && (len(parts[0].after) > 0 || !parts[n-1].until.IsZero()) {
			t.Errorf("%+v: the first or the last part has no open end", tt)
		}
		if n := len(parts); n > 0 && (n-1)*5 > tt.ports/tt.size {
			t.Errorf("%+v: %d parts may cost more than a fifth more calls", tt, n)
		}
	}
}
