package collector

import (
	"context"
	"slices"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// Space returns the collector of subnets without what costs a call a subnet: the address
// space of VPCs and subnet pools needs no use of subnets.
func Space() Collector {
	c := subnets()
	c.Fetch = fetchSpace
	return c
}

// areaMetrics are how full VPCs and subnet pools are with subnets.
func areaMetrics() []Metric {
	return slices.Concat(
		[]Metric{{
			Name:   "cloudip_subnet_pool_info",
			Help:   "Name of a subnet pool.",
			Labels: []string{"subnet_pool_id", "ip_version", "subnet_pool_name"},
			Each: func(v View, emit Emit) {
				for _, p := range inventory.Of[inventory.SubnetData](v.Snapshot).Pools {
					emit(1, p.ID.String(), p.IPVersion, p.Name)
				}
			},
		}},
		areaGauges(false, "cloudip_vpc_", "IPv4 addresses of a VPC", "vpc_id"),
		areaGauges(true, "cloudip_subnet_pool_", "Addresses of a subnet pool", "subnet_pool_id", "ip_version"))
}

// areaGauges measure the areas of a kind whose prefixes and subnets are all known.
func areaGauges(pool bool, prefix, what string, labels ...string) []Metric {
	gauge := func(name, help string, figure func(*inventory.Area) float64) Metric {
		return Metric{Name: prefix + name, Help: help, Labels: labels, Each: func(v View, emit Emit) {
			areas := v.Areas()
			for i := range areas {
				if a := &areas[i]; (a.VPC == nil) == pool && a.Whole {
					emit(figure(a), []string{a.ID.String(), a.IPVersion}[:len(labels)]...)
				}
			}
		}}
	}
	return []Metric{
		gauge("addresses", what+".", (*inventory.Area).Addresses),
		gauge("addresses_unallocated", what+" that no subnet has.", (*inventory.Area).Unallocated),
		gauge("largest_free_block_addresses", what+" in its largest free block: 256 for a /24, 0 for none.",
			func(a *inventory.Area) float64 { return space.PrefixSize(a.LargestFree()) }),
	}
}

// addAreas adds the CIDRs of VPCs and the subnet pools, where the cloud has such a
// listing and does not refuse it.
func (s *Source) addAreas(ctx context.Context, part *inventory.Part, data *inventory.SubnetData) error {
	prefixes, err := added(s, part, provider.VPCPrefixes, "cidrs of vpcs", s.api.VPCPrefixes(ctx), func(a, b *inventory.VPCPrefixes) int { return a.VPCID.Compare(b.VPCID) })
	if err != nil {
		return err
	}
	by := make(map[inventory.ID]*inventory.VPCPrefixes, len(prefixes))
	for i := range prefixes {
		by[prefixes[i].VPCID] = &prefixes[i]
	}
	data.VPCs = slices.Clone(data.VPCs)
	for i := range data.VPCs {
		if v := by[data.VPCs[i].ID]; v != nil {
			data.VPCs[i].Prefixes, data.VPCs[i].Hidden = v.Prefixes, v.Hidden
		}
	}
	data.Pools, err = added(s, part, provider.SubnetPools, "subnet pools", s.api.SubnetPools(ctx), func(a, b *inventory.SubnetPool) int { return a.ID.Compare(b.ID) })
	return err
}
