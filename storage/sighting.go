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
	PublicIP
	SubInterface // likewise

	kinds = int(SubInterface) + 1
)

// Collector is the name of the collector whose answers show the kind.
func (k Kind) Collector() string {
	return [kinds]string{"ports", "private_ips", "servers", "public_ips", "ports"}[k]
}

// answer returns the answer of a snapshot that shows the kind, nil where there is none.
// An address on no port has to be known to be on no port; a public IP, what is behind it.
func (k Kind) answer(snap *inventory.Snapshot) *inventory.State {
	st, ports := snap.State(k.Collector()), snap.State(Port.Collector())
	switch {
	case st == nil || !st.Success || st.Part == nil,
		k != Port && ports != nil && ports.Part == nil,
		k == PublicIP && ports != nil && !ports.Success,
		k == SubInterface && inventory.Of[inventory.PortData](snap).SubInterfaces == nil:
		return nil
	}
	return st
}

// sighting is one address in an answer.
type sighting struct {
	identity
	attributes
}

// identity is what makes two sightings the same tenure, within a target and a kind.
type identity struct {
	address      netip.Addr
	item, device inventory.ID
	port         inventory.ID // at which a public IP points
	private      netip.Addr   // likewise
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
	data := inventory.Of[inventory.PortData](snap)
	switch kind {
	case Port:
		return onPorts(snap, data.Ports.All())
	case PrivateIP:
		return besides(onPrivateIPs(snap), data.Ports, data.SubInterfaces.Ports())
	case Server:
		return besides(onServers(snap), data.Ports, nil)
	case PublicIP:
		return onPublicIPs(snap)
	}
	return besides(onSubInterfaces(data.SubInterfaces.Ports()), data.Ports, nil)
}

// onPorts goes over the addresses of ports of a snapshot.
func onPorts(snap *inventory.Snapshot, ports iter.Seq[inventory.Port]) iter.Seq[sighting] {
	data := inventory.Of[inventory.PortData](snap)
	holderOf, idle, subnetOf := snap.PortHolder(), snap.IdlePort(), inventory.SubnetIDOf(data.Subnets, snap.Provider)
	return func(yield func(sighting) bool) {
		var p inventory.Port // one for all: functions take its address, and each would be allocated
		for p = range ports {
			holder, isIdle := holderOf(&p).String(), idle(&p)
			for i, f := range p.Fixed {
				if slices.ContainsFunc(p.Fixed[:i], func(g inventory.FixedIP) bool { return g.Addr == f.Addr }) {
					continue
				}
				if !yield(sighting{
					identity{address: f.Addr.Unmap(), item: p.ID, device: p.DeviceID},
					attributes{subnetOf(&p, f), p.NetworkID, p.Owner, holder, p.Status, isIdle},
				}) {
					return
				}
			}
		}
	}
}

// onPrivateIPs leaves out those with the id of a port.
func onPrivateIPs(snap *inventory.Snapshot) iter.Seq[sighting] {
	return func(yield func(sighting) bool) {
		for ip := range inventory.Of[inventory.PrivateIPData](snap).IPs.Without(inventory.Of[inventory.PortData](snap).Ports) {
			if ip.Addr.IsValid() && !yield(sighting{
				identity{address: ip.Addr.Unmap(), item: ip.ID},
				attributes{subnet: ip.SubnetID, network: ip.SubnetID, owner: ip.Owner, holder: ip.Holder().String(), status: ip.Status},
			}) {
				return
			}
		}
	}
}

// onServers goes over the addresses of bare-metal servers.
func onServers(snap *inventory.Snapshot) iter.Seq[sighting] {
	return func(yield func(sighting) bool) {
		for _, server := range inventory.Of[inventory.ServerData](snap) {
			for _, a := range server.Addresses {
				if server.BareMetal && !yield(sighting{
					identity{address: a.Addr.Unmap(), item: server.ID, device: server.ID},
					attributes{holder: inventory.HolderBareMetal.String(), status: server.Status},
				}) {
					return
				}
			}
		}
	}
}

// onPublicIPs goes over public IPs with what is behind them.
func onPublicIPs(snap *inventory.Snapshot) iter.Seq[sighting] {
	data := inventory.Of[inventory.PortData](snap)
	holderOf, subnetOf := snap.PortHolder(), inventory.SubnetIDOf(data.Subnets, snap.Provider)
	return func(yield func(sighting) bool) {
		for _, ip := range inventory.Of[inventory.PublicIPData](snap).IPs {
			s := sighting{
				identity{address: ip.Addr.Unmap(), item: ip.ID, port: ip.PortID, private: ip.Private.Unmap()},
				attributes{holder: inventory.HolderNone.String(), status: ip.Status, idle: !ip.Attached},
			}
			if p, known := data.Ports.ByID(ip.PortID); known {
				s.device, s.owner, s.holder, s.network = p.DeviceID, p.Owner, holderOf(&p).String(), p.NetworkID
				if i := slices.IndexFunc(p.Fixed, func(f inventory.FixedIP) bool { return f.Addr == ip.Private }); i >= 0 {
					s.subnet = subnetOf(&p, p.Fixed[i])
				}
			} else if ip.Attached {
				s.holder = inventory.HolderOther.String()
			}
			if ip.Addr.IsValid() && !yield(s) {
				return
			}
		}
	}
}

func onSubInterfaces(subs iter.Seq[inventory.Port]) iter.Seq[sighting] {
	return func(yield func(sighting) bool) {
		for p := range subs {
			if !yield(sighting{
				identity{address: p.Fixed[0].Addr.Unmap(), item: p.ID, device: p.DeviceID},
				attributes{subnet: p.NetworkID, network: p.NetworkID, holder: inventory.HolderSubInterface.String()},
			}) {
				return
			}
		}
	}
}

// besides leaves out what is there twice, and addresses that a port or sub-interface
// has: one of the same network, where that is known.
func besides(all iter.Seq[sighting], ports *inventory.Ports, subs iter.Seq[inventory.Port]) iter.Seq[sighting] {
	return func(yield func(sighting) bool) {
		rest := map[netip.Addr][]sighting{}
		for s := range all {
			if held := rest[s.address]; !slices.ContainsFunc(held, func(o sighting) bool { return o.identity == s.identity }) {
				rest[s.address] = append(held, s)
			}
		}
		if len(rest) > 0 {
			dropPorts(rest, ports.With(func(a netip.Addr) bool { return len(rest[a.Unmap()]) > 0 }))
		}
		if len(rest) > 0 && subs != nil {
			dropPorts(rest, subs)
		}
		for _, held := range rest {
			for _, s := range held {
				if !yield(s) {
					return
				}
			}
		}
	}
}

func dropPorts(rest map[netip.Addr][]sighting, ports iter.Seq[inventory.Port]) {
	for p := range ports {
		for _, f := range p.Fixed {
			addr := f.Addr.Unmap()
			if held, ok := rest[addr]; ok {
				rest[addr] = slices.DeleteFunc(held, func(s sighting) bool { return s.network.IsZero() || s.network == p.NetworkID })
			}
		}
	}
}
