package collector

import (
	"context"
	"fmt"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// subnets collects VPCs and subnets, and how full each subnet is.
func subnets() Collector {
	return Collector{
		Name:  "subnets",
		Help:  "VPCs and subnets: capacity and use of each address family.",
		Needs: []provider.Resource{provider.Subnets, provider.Availability},
		Uses:  []provider.Resource{provider.VPCs, provider.VPCPrefixes, provider.SubnetPools, provider.Networks, provider.Owners, provider.SubnetTags},
		Joins: func(config.Cloud) []Join { return []Join{{Resource: provider.Ports, Sometimes: true}} },
		Fetch: fetchSubnets,
		Metrics: append([]Metric{
			{
				Name:      "cloudip_subnet_info",
				Help:      "Names and CIDR of a subnet, and where its capacity is from.",
				Labels:    []string{"subnet_id", "ip_version", "subnet_name", "cidr", "vpc_id", "vpc_name", "network_id", "capacity_source"},
				PerSubnet: true,
				Each:      eachSubnetInfo,
			},
			subnetGauge("cloudip_subnet_addresses_capacity",
				"Addresses of a subnet that the cloud can hand out.",
				func(u *inventory.Usage) *float64 { return u.Capacity }),
			subnetGauge("cloudip_subnet_addresses_used",
				"Addresses of a subnet that are handed out.",
				func(u *inventory.Usage) *float64 { return &u.Used }),
			subnetGauge("cloudip_subnet_addresses_free",
				"Addresses of a subnet that are left; never below 0.",
				func(u *inventory.Usage) *float64 { return u.Free }),
			subnetGauge("cloudip_subnet_addresses_reserved",
				"Addresses of a subnet that the platform holds (IPv4 on Huawei Cloud and OTC).",
				func(u *inventory.Usage) *float64 { return u.Reserved }),
			subnetTagsMetric(),
			networkMetric(),
			{
				Name:   "cloudip_vpc_info",
				Help:   "Name, CIDR and status of a VPC.",
				Labels: []string{"vpc_id", "vpc_name", "cidr", "status"},
				Each: func(v View, emit Emit) {
					for _, vpc := range inventory.Of[inventory.SubnetData](v.Snapshot).VPCs {
						emit(1, vpc.ID.String(), vpc.Name, vpc.CIDR, vpc.Status)
					}
				},
			},
		}, areaMetrics()...),
	}
}

func subnetGauge(name, help string, figure func(*inventory.Usage) *float64) Metric {
	return Metric{Name: name, Help: help, Labels: []string{"subnet_id", "ip_version"}, PerSubnet: true, Each: func(v View, emit Emit) {
		data := inventory.Of[inventory.SubnetData](v.Snapshot)
		for i := range data.Subnets {
			s := &data.Subnets[i]
			if value := figure(&s.Usage); value != nil {
				emit(*value, s.ID.String(), s.IPVersion())
			}
		}
	}}
}

func eachSubnetInfo(v View, emit Emit) {
	data := inventory.Of[inventory.SubnetData](v.Snapshot)
	names := data.VPCNames()
	for i := range data.Subnets {
		s := &data.Subnets[i]
		emit(1, s.ID.String(), s.IPVersion(), s.Name, s.Prefix.String(),
			s.VPCID.String(), names[s.VPCID], s.NetworkID.String(), string(s.Usage.Source))
	}
}

func fetchSubnets(ctx context.Context, src *Source) (*inventory.Part, error) {
	part, err := fetchSpace(ctx, src)
	if err != nil {
		return nil, err
	}
	data := part.Data.(inventory.SubnetData)
	reported, err := src.availability()
	if err != nil {
		return nil, err
	}
	found := make([]inventory.Subnet, 0, len(data.Subnets))
	for _, s := range data.Subnets {
		if !reported.Gone[s.NetworkID] {
			found = append(found, s)
		}
	}
	if lost, all := len(reported.Gone), part.Items; tooMany(lost, all, toleratedGone) {
		return nil, fmt.Errorf("read availabilities: the networks of %d of %d subnets are not found: check that the credential may read networks", lost, all)
	}
	uncounted, err := src.setUsage(found, reported.BySubnet)
	if err != nil {
		return nil, err
	}
	if err := src.setTags(ctx, found, part); err != nil {
		return nil, err
	}
	data.Subnets, data.Tags, data.Gone = found, src.cfg.Tags, reported.Gone
	if err := src.addNetworks(ctx, part, &data); err != nil {
		return nil, err
	}
	part.Items, part.Data = len(subnetIDs(found)), data
	part.Missing.Join(reported.Missing)
	part.Missing.Join(uncounted)
	return part, nil
}

// fetchSpace lists VPCs, subnet pools and subnets, without their use.
func fetchSpace(ctx context.Context, src *Source) (*inventory.Part, error) {
	vpcs, err := src.vpcs()
	if err != nil {
		return nil, err
	}
	list, err := src.subnets()
	if err != nil {
		return nil, err
	}
	data := inventory.SubnetData{VPCs: vpcs.items, Subnets: list.items, Hidden: list.missing.N > 0}
	part := &inventory.Part{Items: len(subnetIDs(list.items)), Missing: list.missing}
	part.Missing.Join(vpcs.missing)
	if err := src.addAreas(ctx, part, &data); err != nil {
		return nil, err
	}
	part.Data = data
	return part, nil
}
