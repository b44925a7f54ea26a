package pages

import (
	"net/netip"
	"slices"

	"cloudip_exporter/inventory"
)

// holding is one address of a subnet with who holds it.
type holding struct {
	Addr         netip.Addr
	Kind         kind
	Holder       string // the class
	Name, Owner  string
	Status       string
	Port, Device inventory.ID
}

// Who says in words who holds the address.
func (h *holding) Who() string {
	if h.Name == "" {
		return h.Kind.Name
	}
	return h.Kind.Name + " " + visible(h.Name)
}

// holdingsOf returns the addresses of a subnet that ports, sub-interfaces and private
// IPs hold, in their order.
func holdingsOf(snap *inventory.Snapshot, subnet *inventory.Subnet) []holding {
	servers := map[inventory.ID]string{}
	for _, s := range inventory.Of[inventory.ServerData](snap) {
		servers[s.ID] = s.Name
	}
	ports := inventory.Of[inventory.PortData](snap).Ports
	subnetOf, holderOf, isIdle := inventory.SubnetOf(snap.KnownSubnets(), snap.Provider), snap.PortHolder(), snap.IdlePort()
	var all []holding
	for p := range ports.OfNetwork(subnet.NetworkID, subnet.ID) {
		for _, f := range p.Fixed {
			if at := subnetOf(&p, f); at == nil || at.ID != subnet.ID || at.IPVersion() != subnet.IPVersion() {
				continue
			}
			h := holding{Addr: f.Addr.Unmap(), Holder: holderOf(&p).String(), Name: servers[p.DeviceID], Owner: p.Owner, Status: p.Status, Port: p.ID, Device: p.DeviceID}
			h.Kind = kindOf(h.Holder)
			if isIdle(&p) {
				h.Kind = idle()
			}
			all = append(all, h)
		}
	}
	all = append(all, besidePorts(snap, subnet, all, servers)...)
	slices.SortStableFunc(all, func(a, b holding) int { return a.Addr.Compare(b.Addr) })
	return all
}

// besidePorts are the sub-interfaces and private IPs of a subnet that are on none of the
// ports. servers are names by id.
func besidePorts(snap *inventory.Snapshot, subnet *inventory.Subnet, onPorts []holding, servers map[inventory.ID]string) []holding {
	known := make(map[netip.Addr]bool, len(onPorts))
	for i := range onPorts {
		known[onPorts[i].Addr] = true
	}
	var all []holding
	add := func(in inventory.ID, h holding) {
		if in == subnet.ID && subnet.Prefix.Contains(h.Addr) && !known[h.Addr] {
			known[h.Addr] = true
			all = append(all, h)
		}
	}
	for p := range inventory.Of[inventory.PortData](snap).SubInterfaces.Ports() {
		class := inventory.HolderSubInterface.String()
		add(p.NetworkID, holding{Addr: p.Fixed[0].Addr, Kind: kindOf(class), Holder: class, Name: servers[p.DeviceID], Port: p.ID, Device: p.DeviceID})
	}
	for ip := range inventory.Of[inventory.PrivateIPData](snap).IPs.All() {
		h := holding{Addr: ip.Addr, Holder: ip.Holder().String(), Owner: ip.Owner, Status: ip.Status}
		if h.Kind = kindOf(h.Holder); h.Holder == "none" {
			h.Kind = kindNamed("private IP")
		}
		add(ip.SubnetID, h)
	}
	return all
}

type kindCount struct {
	kind
	Count   int
	Percent string // of the capacity
}

// countKinds counts addresses by kind, in the order of kinds.
func countKinds(all []holding) []kindCount {
	counts := map[kind]int{}
	seen := map[netip.Addr]bool{}
	for i := range all {
		if !seen[all[i].Addr] {
			counts[all[i].Kind]++
			seen[all[i].Addr] = true
		}
	}
	var found []kindCount
	for _, k := range kinds() {
		if n := counts[k]; n > 0 {
			found = append(found, kindCount{kind: k, Count: n})
		}
	}
	return found
}
