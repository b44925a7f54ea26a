package collector

import "time"

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
	const day = 24 * time.Hour
	names, least := [...]string{"1d", "30d", "7d"}, []time.Duration{day, 30 * day, 7 * day} // in the order of the texts
	counts, subnets := v.IdleFor(v.IdleSince, v.Now, least), v.PortUsage().Subnets
	ids := make([]string, len(subnets))
	for i := range ids {
		ids[i] = subnets[i].Subnet.ID.String()
	}
	for j, name := range names {
		for i := range subnets {
			emit(float64(counts[i][j]), ids[i], subnets[i].Subnet.IPVersion(), name)
		}
	}
}
