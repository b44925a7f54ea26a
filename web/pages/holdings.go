package pages

import (
	"iter"
	"maps"
	"net/netip"

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

// holdingsOf goes over the addresses of a subnet that ports, sub-interfaces and private
// IPs hold.
func holdingsOf(snap *inventory.Snapshot, subnet *inventory.Subnet) iter.Seq[holding] {
	servers := map[inventory.ID]string{}
	for _, s := range inventory.Of[inventory.ServerData](snap) {
		servers[s.ID] = s.Name
	}
	classes := map[inventory.Holder]kind{}
	for h := range inventory.Holders {
		classes[h] = kindOf(h.String())
	}
	ports, beside := inventory.Of[inventory.PortData](snap).Ports, besidePorts(snap, subnet, servers)
	subnetOf, holderOf, isIdle := inventory.SubnetOf(snap.KnownSubnets(), snap.Provider), snap.PortHolder(), snap.IdlePort()
	return func(yield func(holding) bool) {
		rest := maps.Clone(beside)
		var p inventory.Port // one for all: functions take its address, and each would be allocated
		for p = range ports.OfNetwork(subnet.NetworkID, subnet.ID) {
			for _, f := range p.Fixed {
				if at := subnetOf(&p, f); at == nil || at.ID != subnet.ID || at.IPVersion() != subnet.IPVersion() {
					continue
				}
				holder := holderOf(&p)
				h := holding{Addr: f.Addr.Unmap(), Kind: classes[holder], Holder: holder.String(), Name: servers[p.DeviceID], Owner: p.Owner, Status: p.Status, Port: p.ID, Device: p.DeviceID}
				if isIdle(&p) {
					h.Kind = idle()
				}
				if delete(rest, h.Addr); !yield(h) {
					return
				}
			}
		}
		for _, h := range rest {
			if !yield(h) {
				return
			}
		}
	}
}

// besidePorts are the sub-interfaces and private IPs of a subnet by their addresses, which
// may be on ports too. servers are names by id.
func besidePorts(snap *inventory.Snapshot, subnet *inventory.Subnet, servers map[inventory.ID]string) map[netip.Addr]holding {
	all := map[netip.Addr]holding{}
	add := func(in inventory.ID, h holding) {
		if _, known := all[h.Addr]; !known && in == subnet.ID && subnet.Prefix.Contains(h.Addr) {
			all[h.Addr] = h
		}
	}
	data := inventory.Of[inventory.PortData](snap)
	for p := range data.SubInterfaces.Ports() {
		class := inventory.HolderSubInterface.String()
		add(p.NetworkID, holding{Addr: p.Fixed[0].Addr, Kind: kindOf(class), Holder: class, Name: servers[p.DeviceID], Port: p.ID, Device: p.DeviceID})
	}
	for ip := range inventory.Of[inventory.PrivateIPData](snap).IPs.Without(data.Ports) {
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
func countKinds(all iter.Seq[holding]) []kindCount {
	counts := map[kind]int{}
	seen := map[[16]byte]bool{} // smaller than netip.Addr
	for h := range all {
		if a := h.Addr.As16(); !seen[a] {
			counts[h.Kind]++
			seen[a] = true
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
