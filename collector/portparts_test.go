package collector

import (
	"fmt"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

func manyPorts(n int) *inventory.Snapshot {
	list := &inventory.Ports{}
	for i := range n {
		list.Append(inventory.Port{ID: inventory.ParseID(fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", i))})
	}
	list.Seal()
	return &inventory.Snapshot{States: []inventory.State{{Collector: "ports", Part: &inventory.Part{Data: inventory.PortData{Ports: list}}}}}
}

func TestPartsAreWholePagesThatFollowEachOther(t *testing.T) {
	for _, tt := range []struct{ ports, size, concurrency, parts int }{
		{0, 100, 8, 0}, {1199, 100, 8, 0}, // few pages stay together
		{1200, 100, 8, 2}, {1201, 100, 8, 3}, {100_000, 1000, 8, 17}, {1_000_000, 2000, 8, 63}, {100_000, 100, 1, 8},
	} {
		cfg := config.Cloud{Limits: config.Limits{PageSize: tt.size, Concurrency: tt.concurrency}}
		last := manyPorts(tt.ports)
		parts := NewSource(t.Context(), nil, cfg, last).portParts()
		if len(parts) != tt.parts {
			t.Errorf("%+v: %d parts", tt, len(parts))
			continue
		}
		for i := range parts {
			if i+1 < len(parts) && (parts[i].Until != parts[i+1].After[0] || len(parts[i+1].After) != marksPerPart) {
				t.Errorf("%+v: part %d ends with %v, the next begins behind %v", tt, i, parts[i].Until, parts[i+1].After)
			}
		}
		if n := len(parts); n > 0 && (len(parts[0].After) > 0 || !parts[n-1].Until.IsZero()) {
			t.Errorf("%+v: the first or the last part has no open end", tt)
		}
		if n := len(parts); n > 0 && (n-1)*5 > tt.ports/tt.size {
			t.Errorf("%+v: %d parts may cost more than a fifth more calls", tt, n)
		}
	}
}

func TestOnlyManyPortsAreListedInPartsOfTheLastTime(t *testing.T) {
	cfg := config.Cloud{Limits: config.Limits{PageSize: 10, Concurrency: 4}}
	for _, tt := range []struct{ ports, parts int }{{0, 0}, {100, 0}, {600, 10}} {
		api := &fakeAPI{}
		if _, err := NewSource(t.Context(), api, cfg, manyPorts(tt.ports)).ports(); err != nil {
			t.Error(err)
		}
		if len(api.parts) != tt.parts {
			t.Errorf("%d ports before: %d parts, want %d", tt.ports, len(api.parts), tt.parts)
		}
	}
}
