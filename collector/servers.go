package collector

import (
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// servers collects virtual and bare-metal servers and their addresses.
func servers() Collector {
	return Collector{
		Name:  "servers",
		Help:  "Virtual and bare-metal servers and their addresses.",
		Needs: []provider.Resource{provider.Servers},
		Uses:  []provider.Resource{provider.ServerAddresses},
		Joins: portsOfServers,
		Fetch: fetchServers,
		Metrics: []Metric{
			{
				Name:   "cloudip_servers",
				Help:   "Servers by kind and status.",
				Labels: []string{"kind", "status"},
				Sums:   true,
				Each:   eachServerCount,
			},
			{
				Name:    "cloudip_server_info",
				Help:    "Name, kind, flavor and availability zone of a server.",
				Labels:  []string{"server_id", "server_name", "kind", "flavor", "availability_zone"},
				PerItem: 8,
				Each: func(v View, emit Emit) {
					eachServer(v, func(s *inventory.Server) {
						emit(1, s.ID.String(), s.Name, s.Kind(), s.Flavor, s.Zone)
					})
				},
			},
			{
				Name:    "cloudip_server_status",
				Help:    "1 for the status that a server has, 0 for the other known ones.",
				Labels:  []string{"server_id", "status"},
				PerItem: 6,
				Each: func(v View, emit Emit) {
					known := []string{"ACTIVE", "BUILD", "ERROR", "HARD_REBOOT", "REBOOT", "REBUILD", "SHUTOFF"}
					eachServer(v, func(s *inventory.Server) { emitStates(emit, s.ID.String(), s.Status, known) })
				},
			},
			{
				Name:    "cloudip_server_addresses",
				Help:    "Addresses of a server.",
				Labels:  []string{"server_id", "ip_version"},
				PerItem: 7,
				Each:    eachServerAddressCount,
			},
			{
				Name:    "cloudip_server_address_info",
				Help:    "An address of a server, and its network in the compute API.",
				Labels:  []string{"server_id", "address", "ip_version", "network"},
				PerItem: 3,
				Each:    eachServerAddress,
			},
		},
	}
}

// portsOfServers are joined where only a port shows that a server is bare metal.
func portsOfServers(cfg config.Cloud) []Join {
	if !provider.Named(cfg.Provider).BareMetalByPorts {
		return nil
	}
	return []Join{{Resource: provider.Ports, Dispensable: true}}
}

func eachServer(v View, do func(*inventory.Server)) {
	servers := inventory.Of[inventory.ServerData](v.Snapshot)
	for i := range servers {
		do(&servers[i])
	}
}

func eachServerCount(v View, emit Emit) {
	type group struct{ kind, status string }
	counts := make(map[group]int)
	eachServer(v, func(s *inventory.Server) { counts[group{s.Kind(), s.Status}]++ })
	for g, n := range counts {
		emit(float64(n), g.kind, g.status)
	}
}

func eachServerAddressCount(v View, emit Emit) {
	eachServer(v, func(s *inventory.Server) {
		counts := map[string]int{"4": 0, "6": 0}
		for _, a := range s.Addresses {
			counts[inventory.IPVersion(a.Addr)]++
		}
		id := s.ID.String()
		emit(float64(counts["4"]), id, "4")
		emit(float64(counts["6"]), id, "6")
	})
}

func eachServerAddress(v View, emit Emit) {
	if !v.Series.ServerAddresses {
		return
	}
	eachServer(v, func(s *inventory.Server) {
		for _, a := range s.Addresses {
			emit(1, s.ID.String(), space.AddrText(a.Addr), inventory.IPVersion(a.Addr), a.Network)
		}
	})
}
