package collector

import (
	"time"

	"cloudip_exporter/inventory"
)

// idle counts the addresses on ports that nothing uses.
func idle() Metric {
	return Metric{
		Name:      "cloudip_subnet_addresses_idle",
		Help:      "Addresses of a subnet on ports that nothing uses: they can be reclaimed.",
		Labels:    []string{"subnet_id", "ip_version"},
		PerSubnet: true,
		Each: func(v View, emit Emit) {
			for i := range v.PortUsage().Subnets {
				u := &v.PortUsage().Subnets[i]
				emit(float64(u.Idle), u.Subnet.ID.String(), u.Subnet.IPVersion())
			}
		},
	}
}

// idleFor counts the idle addresses by how long they have been idle at least.
func idleFor() Metric {
	return Metric{
		Name:      "cloudip_subnet_addresses_idle_for",
		Help:      "Addresses of a subnet that have been idle for at least 1d, 7d or 30d; absent without storage.",
		Labels:    []string{"subnet_id", "ip_version", "at_least"},
		PerSubnet: true,
		Each:      eachIdleFor,
	}
}

func eachIdleFor(v View, emit Emit) {
	if v.IdleSince == nil {
		return
	}
	type subnet struct {
		id      inventory.ID
		version string
	}
	const day = 24 * time.Hour
	steps := []struct {
		name string
		days time.Duration
	}{{"1d", 1}, {"7d", 7}, {"30d", 30}}
	counts := map[subnet][3]int{}
	subnetOf := inventory.SubnetOf(inventory.Of[inventory.PortData](v.Snapshot).Subnets, v.Provider)
	for p := range v.IdlePorts() {
		for _, f := range p.Fixed {
			since, s := v.IdleSince(p.ID, f.Addr), subnetOf(&p, f)
			if since.IsZero() || s == nil {
				continue
			}
			key := subnet{s.ID, s.IPVersion()}
			n := counts[key]
			for i, step := range steps {
				if v.Now.Sub(since) >= step.days*day {
					n[i]++
				}
			}
			counts[key] = n
		}
	}
	for i := range v.PortUsage().Subnets {
		s := v.PortUsage().Subnets[i].Subnet
		for j, step := range steps {
			emit(float64(counts[subnet{s.ID, s.IPVersion()}][j]), s.ID.String(), s.IPVersion(), step.name)
		}
	}
}
