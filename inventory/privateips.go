package inventory

import (
	"iter"
	"net/netip"
)

// PrivateIPs is a compact list of private IPs, as Ports is of ports: 40 bytes
// for one of IPv4, in order of id. Append fills it, Freeze ends the filling;
// after that it must not change and is safe for concurrent reading. A nil list
// has none.
type PrivateIPs struct {
	ports *Ports // a private IP is a port that has one address and no device
	addr  [1]FixedIP
}

// NewPrivateIPs returns an empty list. Private IPs that are the same as in
// last, which may be nil, are shared with it.
func NewPrivateIPs(last *PrivateIPs) *PrivateIPs {
	return &PrivateIPs{ports: NewPorts(last.list(), false)}
}

func (ps *PrivateIPs) list() *Ports {
	if ps == nil {
		return nil
	}
	return ps.ports
}

// Append adds a private IP. Of those with the same id the last stays.
func (ps *PrivateIPs) Append(p PrivateIP) {
	port := Port{ID: p.ID, NetworkID: p.SubnetID, Status: p.Status, Owner: p.Owner}
	if p.Addr.IsValid() {
		ps.addr[0].Addr = p.Addr
		port.Fixed = ps.addr[:]
	}
	ps.ports.Append(port)
}

// Freeze puts the list in order of id.
func (ps *PrivateIPs) Freeze() { ps.ports.Freeze() }

// Len is the number of private IPs.
func (ps *PrivateIPs) Len() int { return ps.list().Len() }

// All goes over the private IPs in order of id.
func (ps *PrivateIPs) All() iter.Seq[PrivateIP] { return privateIPsOf(ps.list().All()) }

// Without goes over the private IPs whose id no port has.
func (ps *PrivateIPs) Without(ports *Ports) iter.Seq[PrivateIP] {
	return func(yield func(PrivateIP) bool) {
		var next position // both lists are in order of id: the search goes on where it was
		for ip := range ps.All() {
			if _, r := ports.at(ip.ID, &next); r == nil && !yield(ip) {
				return
			}
		}
	}
}

// Within goes over the private IPs in a prefix.
func (ps *PrivateIPs) Within(prefix netip.Prefix) iter.Seq[PrivateIP] {
	return privateIPsOf(ps.list().With(prefix.Contains))
}

func privateIPsOf(ports iter.Seq[Port]) iter.Seq[PrivateIP] {
	return func(yield func(PrivateIP) bool) {
		for p := range ports {
			ip := PrivateIP{ID: p.ID, SubnetID: p.NetworkID, Status: p.Status, Owner: p.Owner}
			if len(p.Fixed) > 0 {
				ip.Addr = p.Fixed[0].Addr
			}
			if !yield(ip) {
				return
			}
		}
	}
}
