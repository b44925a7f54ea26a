package collector

import (
	"context"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// ports collects ports and counts by them who holds the addresses of a subnet.
func ports() Collector {
	return Collector{
		Name:  "ports",
		Help:  "Ports: who holds the addresses of each subnet, and which nothing uses.",
		Needs: []provider.Resource{provider.Ports, provider.Subnets},
		Uses:  []provider.Resource{provider.SubInterfaces},
		Fetch: fetchPorts,
		Metrics: []Metric{
			{
				Name:   "cloudip_ports",
				Help:   "Ports by network, status and holder.",
				Labels: []string{"network_id", "status", "holder"},
				Sums:   true,
				Each: func(v View, emit Emit) {
					for _, c := range v.PortUsage().Counts {
						emit(float64(c.Ports), c.NetworkID.String(), c.Status, c.Holder.String())
					}
				},
			},
			{
				Name:    "cloudip_port_info",
				Help:    "An address of a port and what uses it; series.ports chooses them.",
				Labels:  []string{"port_id", "network_id", "subnet_id", "address", "status", "device_id", "device_owner"},
				PerItem: 1,
				Each:    eachPortInfo,
			},
			{
				Name:      "cloudip_subnet_addresses_held",
				Help:      "Addresses of a subnet on ports, by holder.",
				Labels:    []string{"subnet_id", "ip_version", "holder"},
				PerSubnet: true,
				Each:      eachHeld,
			},
			idle(),
			idleFor(),
			{
				Name:      "cloudip_subnet_addresses_unaccounted",
				Help:      "Used addresses of a subnet that no listing of ports, sub-interfaces and private IPs shows.",
				Labels:    []string{"subnet_id", "ip_version"},
				PerSubnet: true,
				Each: func(v View, emit Emit) {
					for u := range v.Unaccounted() {
						emit(u.Addresses, u.Subnet.ID.String(), u.Subnet.IPVersion())
					}
				},
			},
		},
	}
}

func eachHeld(v View, emit Emit) {
	for i := range v.PortUsage().Subnets {
		u := &v.PortUsage().Subnets[i]
		for h := range inventory.Holders {
			if n := u.Held(h); n > 0 {
				emit(float64(n), u.Subnet.ID.String(), u.Subnet.IPVersion(), h.String())
			}
		}
	}
}

func eachPortInfo(v View, emit Emit) {
	data := inventory.Of[inventory.PortData](v.Snapshot)
	wanted := portsWanted(v)
	if wanted == nil {
		return
	}
	subnetID := inventory.SubnetIDOf(data.Subnets, v.Provider)
	var p inventory.Port // one for all: functions take its address, and each would be allocated
	for p = range data.Ports.All() {
		if !wanted(&p) {
			continue
		}
		for _, f := range p.Fixed {
			emit(1, p.ID.String(), p.NetworkID.String(), subnetID(&p, f).String(), space.AddrText(f.Addr),
				p.Status, p.DeviceID.String(), p.Owner)
		}
	}
}

// portsWanted returns the filter that series.ports chooses; nil for no port.
func portsWanted(v View) func(*inventory.Port) bool {
	switch v.Series.Ports {
	case "all":
		return func(*inventory.Port) bool { return true }
	case "down":
		return func(p *inventory.Port) bool { return p.Status == "DOWN" }
	case "idle":
		return v.IdlePort()
	}
	return nil
}

func fetchPorts(ctx context.Context, src *Source) (*inventory.Part, error) {
	list, err := src.ports()
	if err != nil {
		return nil, err
	}
	subnets, err := src.subnets()
	if err != nil {
		return nil, err
	}
	part := &inventory.Part{Items: list.ports.Len(), Missing: list.missing}
	subs, err := src.subInterfaces(ctx, part)
	if err != nil {
		return nil, err
	}
	part.Data = inventory.PortData{Ports: list.ports, Subnets: subnets.items, SubInterfaces: subs}
	return part, nil
}

// subInterfaces lists the sub-interfaces; none where the cloud has none or refuses to say.
func (s *Source) subInterfaces(ctx context.Context, part *inventory.Part) (*inventory.SubInterfaces, error) {
	subs, err := added(s, part, provider.SubInterfaces, "sub-interfaces", s.api.SubInterfaces(ctx), func(a, b *inventory.SubInterface) int { return a.ID.Compare(b.ID) })
	if err != nil || !s.on.Has(provider.SubInterfaces) || part.Without[provider.SubInterfaces] != nil {
		return nil, err
	}
	return inventory.NewSubInterfaces(subs), nil
}
