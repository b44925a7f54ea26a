package collector

import (
	"context"
	"fmt"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// addressGroups collects address groups and the addresses that they cover.
func addressGroups() Collector {
	gauge := func(name, help string, figure func(*inventory.AddressGroup) (float64, bool)) Metric {
		return Metric{Name: name, Help: help, Labels: []string{"address_group_id"}, Each: func(v View, emit Emit) {
			eachGroup(v, func(g *inventory.AddressGroup) {
				if value, ok := figure(g); ok {
					emit(value, g.ID.String())
				}
			})
		}}
	}
	return Collector{
		Name:  "address_groups",
		Help:  "Address groups and their entries.",
		Needs: []provider.Resource{provider.AddressGroups},
		Fetch: fetchAddressGroups,
		Metrics: []Metric{
			{
				Name:   "cloudip_address_group_info",
				Help:   "Name of an address group, and its address families: one a series, \"\" where none is known.",
				Labels: []string{"address_group_id", "address_group_name", "ip_version"},
				Each: func(v View, emit Emit) {
					eachGroup(v, func(g *inventory.AddressGroup) {
						facts := g.Facts()
						for i, version := range []string{"4", "6"} {
							if facts.Has[i] {
								emit(1, g.ID.String(), g.Name, version)
							}
						}
						if facts.Has == [2]bool{} {
							emit(1, g.ID.String(), g.Name, "")
						}
					})
				},
			},
			gauge("cloudip_address_group_entries",
				"Entries of an address group: addresses, ranges and CIDRs.",
				func(g *inventory.AddressGroup) (float64, bool) { return float64(len(g.Entries)), true }),
			gauge("cloudip_address_group_entries_max",
				"Entries that an address group can have.",
				func(g *inventory.AddressGroup) (float64, bool) {
					if g.Max == nil {
						return 0, false
					}
					return float64(*g.Max), true
				}),
			gauge("cloudip_address_group_entries_redundant",
				"Entries of an address group that its other entries cover.",
				func(g *inventory.AddressGroup) (float64, bool) { return float64(g.Facts().Redundant), true }),
			{
				Name:   "cloudip_address_group_addresses",
				Help:   "Distinct addresses that an address group covers.",
				Labels: []string{"address_group_id", "ip_version"},
				Each:   eachGroupAddresses,
			},
			{
				Name:   "cloudip_address_group_status",
				Help:   "1 for the status that an address group has, 0 for the others.",
				Labels: []string{"address_group_id", "status"},
				Each: func(v View, emit Emit) {
					known := []string{"NORMAL", "UPDATING", "UPDATE_FAILED"}
					eachGroup(v, func(g *inventory.AddressGroup) {
						if g.Status != "" {
							emitStates(emit, g.ID.String(), g.Status, known)
						}
					})
				},
			},
			gauge("cloudip_address_group_updated_timestamp_seconds",
				"When an address group was last changed.",
				func(g *inventory.AddressGroup) (float64, bool) { return unixSeconds(g.Updated), !g.Updated.IsZero() }),
		},
	}
}

func eachGroup(v View, do func(*inventory.AddressGroup)) {
	groups := inventory.Of[inventory.AddressGroupData](v.Snapshot)
	for i := range groups {
		do(&groups[i])
	}
}

func eachGroupAddresses(v View, emit Emit) {
	eachGroup(v, func(g *inventory.AddressGroup) {
		facts := g.Facts()
		for i, version := range []string{"4", "6"} {
			if facts.Has[i] {
				emit(facts.Addresses[i], g.ID.String(), version)
			}
		}
	})
}

// emitStates emits a state set: 1 for the current state, 0 for the other known
// ones. An unknown current state is emitted under its own name.
func emitStates(emit Emit, id, holds string, known []string) {
	found := false
	for _, state := range known {
		emit(boolValue(state == holds), id, state)
		found = found || state == holds
	}
	if !found {
		emit(1, id, holds)
	}
}

func fetchAddressGroups(ctx context.Context, src *Source) (*inventory.Part, error) {
	list, err := read("address groups", 0, src.api.AddressGroups(ctx), func(a, b *inventory.AddressGroup) int { return a.ID.Compare(b.ID) })
	if err != nil {
		return nil, err
	}
	missing := list.missing
	for _, g := range list.items {
		for i := range g.Entries {
			if !g.Entries[i].Valid() {
				missing.Add(fmt.Errorf("address group %s: an entry is no address, range or CIDR", g.ID))
			}
		}
	}
	return &inventory.Part{Items: len(list.items), Missing: missing, Data: inventory.AddressGroupData(list.items)}, nil
}
