package storage

import (
	"iter"
	"net/netip"
	"slices"

	"cloudip_exporter/inventory"
)

// Kind is what holds an address.
type Kind uint8

// Kinds of what holds an address, as the file numbers them.
const (
	Port Kind = iota
	PrivateIP
	Server // bare metal, at an address that no port has

	kinds = int(Server) + 1
)

// collector is the name of the collector whose answers show the kind.
func (k Kind) collector() string { return [kinds]string{"ports", "private_ips", "servers"}[k] }

// sighting is one address in an answer.
type sighting struct {
	identity
	attributes
}

// identity is what makes two sightings the same tenure, within a target and a kind.
type identity struct {
	address      netip.Addr
	item, device inventory.ID
}

// attributes may change while a tenure lasts.
type attributes struct {
	subnet, network       inventory.ID
	owner, holder, status string
	idle                  bool
}

// sightings goes over all addresses of a kind in an answer. An address that a port
// has is the port's alone.
func sightings(kind Kind, snap *inventory.Snapshot) iter.Seq[sighting] {
	switch kind {
	case Port:
		return onPorts(snap, inventory.Of[inventory.PortData](snap).Ports.All())
	case PrivateIP:
		return onPrivateIPs(snap)
	}
	return onServers(snap)
}

// onPorts goes over the addresses of ports of a snapshot.
func onPorts(snap *inventory.Snapshot, ports iter.Seq[inventory.Port]) iter.Seq[sighting] {
	data := inventory.Of[inventory.PortData](snap)
	holderOf, idle, subnetOf := snap.PortHolder(), snap.IdlePort(), inventory.SubnetIDOf(data.Subnets, snap.Provider)
	return func(yield func(sighting) bool) {
		for p := range ports {
			holder, isIdle := holderOf(&p).String(), idle(&p)
			for i, f := range p.Fixed {
				if slices.ContainsFunc(p.Fixed[:i], func(g inventory.FixedIP) bool { return g.Addr == f.Addr }) {
					continue
				}
				if !yield(sighting{
					identity{f.Addr.Unmap(), p.ID, p.DeviceID},
					attributes{subnetOf(&p, f), p.NetworkID, p.Owner, holder, p.Status, isIdle},
				}) {
					return
				}
			}
		}
	}
}

// onPrivateIPs leaves out the private IPs of ports: those with the id of a port, and
// those whose address a port of their subnet has.
func onPrivateIPs(snap *inventory.Snapshot) iter.Seq[sighting] {
	ports := inventory.Of[inventory.PortData](snap).Ports
	return func(yield func(sighting) bool) {
		rest := map[netip.Addr][]inventory.PrivateIP{}
		for ip := range inventory.Of[inventory.PrivateIPData](snap).IPs.All() {
			if !ip.Addr.IsValid() || ports.Has(ip.ID) {
				continue
			}
			rest[ip.Addr.Unmap()] = append(rest[ip.Addr.Unmap()], ip)
		}
		dropPorts(rest, ports, func(ip inventory.PrivateIP, p *inventory.Port) bool { return ip.SubnetID == p.NetworkID })
		for addr, ips := range rest {
			for _, ip := range ips {
				if !yield(sighting{
					identity{addr, ip.ID, inventory.ID{}},
					attributes{subnet: ip.SubnetID, network: ip.SubnetID, owner: ip.Owner, holder: ip.Holder().String(), status: ip.Status},
				}) {
					return
				}
			}
		}
	}
}

// onServers goes over the addresses of bare-metal servers that no port has.
func onServers(snap *inventory.Snapshot) iter.Seq[sighting] {
	return func(yield func(sighting) bool) {
		rest := map[netip.Addr][]inventory.Server{}
		for _, server := range inventory.Of[inventory.ServerData](snap) {
			if !server.BareMetal {
				continue
			}
			for i, a := range server.Addresses {
				if !slices.ContainsFunc(server.Addresses[:i], func(b inventory.ServerAddress) bool { return a.Addr.Unmap() == b.Addr.Unmap() }) {
					rest[a.Addr.Unmap()] = append(rest[a.Addr.Unmap()], server)
				}
			}
		}
		dropPorts(rest, inventory.Of[inventory.PortData](snap).Ports, func(inventory.Server, *inventory.Port) bool { return true })
		for addr, servers := range rest {
			for _, server := range servers {
				if !yield(sighting{
					identity{addr, server.ID, server.ID},
					attributes{holder: inventory.HolderBareMetal.String(), status: server.Status},
				}) {
					return
				}
			}
		}
	}
}

// dropPorts takes out of rest what a port has.
func dropPorts[T any](rest map[netip.Addr][]T, ports *inventory.Ports, has func(T, *inventory.Port) bool) {
	if len(rest) == 0 {
		return
	}
	for p := range ports.All() {
		for _, f := range p.Fixed {
			addr := f.Addr.Unmap()
			if held, ok := rest[addr]; ok {
				rest[addr] = slices.DeleteFunc(held, func(v T) bool { return has(v, &p) })
			}
		}
	}
}
