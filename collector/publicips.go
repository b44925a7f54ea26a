package collector

import (
	"context"
	"strconv"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// publicIPs collects the public IPs of a project and the pools that they are from.
func publicIPs() Collector {
	return Collector{
		Name:  "public_ips",
		Help:  "Public IPs (EIPs, floating IPs) and their pools.",
		Needs: []provider.Resource{provider.PublicIPs},
		Uses:  []provider.Resource{provider.PublicIPPools},
		Fetch: fetchPublicIPs,
		Metrics: []Metric{
			{
				Name:   "cloudip_public_ips",
				Help:   "Public IPs by pool (name or type; on OpenStack the id of the floating network), status, and whether something uses them.",
				Labels: []string{"pool", "status", "attached"},
				Sums:   true,
				Each:   eachPublicIPs,
			},
			poolGauge("cloudip_public_ip_pool_addresses", "Public IPs of a pool.",
				func(p *inventory.PublicIPPool) *float64 { return p.Size }),
			poolGauge("cloudip_public_ip_pool_addresses_used", "Public IPs of a pool that are in use.",
				func(p *inventory.PublicIPPool) *float64 { return p.Used }),
			{
				Name:    "cloudip_public_ip_info",
				Help:    "A public IP, and the port and private address at which it points; series.public_ips chooses them.",
				Labels:  []string{"public_ip_id", "address", "pool", "status", "port_id", "private_address"},
				PerItem: 2,
				Each:    eachPublicIPInfo,
			},
		},
	}
}

func eachPublicIPs(v View, emit Emit) {
	type group struct {
		pool, status string
		attached     bool
	}
	counts := make(map[group]*int)
	var recent [16]struct { // by length of the status, so that few are looked for in counts
		group
		n *int
	}
	ips := inventory.Of[inventory.PublicIPData](v.Snapshot).IPs
	for i := range ips {
		g := group{ips[i].Pool, ips[i].Status, ips[i].Attached}
		c := &recent[len(g.status)%len(recent)]
		if c.n == nil || c.group != g {
			if c.group, c.n = g, counts[g]; c.n == nil {
				c.n = new(int)
				counts[g] = c.n
			}
		}
		*c.n++
	}
	for g, n := range counts {
		emit(float64(*n), g.pool, g.status, strconv.FormatBool(g.attached))
	}
}

// poolGauge adds up pools of one name.
func poolGauge(name, help string, figure func(*inventory.PublicIPPool) *float64) Metric {
	return Metric{Name: name, Help: help, Labels: []string{"pool"}, Sums: true, Each: func(v View, emit Emit) {
		for _, p := range inventory.Of[inventory.PublicIPData](v.Snapshot).Pools {
			if value := figure(&p); value != nil {
				emit(*value, p.Name)
			}
		}
	}}
}

func eachPublicIPInfo(v View, emit Emit) {
	if v.Series.PublicIPs != "all" && v.Series.PublicIPs != "unattached" {
		return
	}
	for _, ip := range inventory.Of[inventory.PublicIPData](v.Snapshot).IPs {
		if v.Series.PublicIPs == "all" || !ip.Attached {
			emit(1, ip.ID.String(), space.AddrText(ip.Addr), ip.Pool, ip.Status, ip.PortID.String(), space.AddrText(ip.Private))
		}
	}
}

func fetchPublicIPs(ctx context.Context, src *Source) (*inventory.Part, error) {
	ips, err := readAgain("public ips", inventory.Of[inventory.PublicIPData](src.last).IPs, src.api.PublicIPs(ctx), func(a, b *inventory.PublicIP) int { return a.ID.Compare(b.ID) })
	if err != nil {
		return nil, err
	}
	part := &inventory.Part{Items: len(ips.items), Missing: ips.missing}
	pools, err := added(src, part, provider.PublicIPPools, "public ip pools", src.api.PublicIPPools(ctx), func(a, b *inventory.PublicIPPool) int { return a.ID.Compare(b.ID) })
	if err != nil {
		return nil, err
	}
	part.Data = inventory.PublicIPData{IPs: ips.items, Pools: pools}
	return part, nil
}
