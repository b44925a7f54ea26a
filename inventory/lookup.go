package inventory

import (
	"net/netip"
	"slices"
)

// LookupResult is all that a snapshot knows of one address. What it points to
// belongs to the snapshot and must not be changed.
type LookupResult struct {
	Snapshot   *Snapshot
	Addr       netip.Addr
	Subnets    []*Subnet // whose prefix contains it; several when VPCs overlap
	Ports      []FoundPort
	Servers    []*Server // that have it, by their own listing or by their port
	PrivateIPs []PrivateIP
	PublicIPs  []FoundPublicIP // that it is
	Groups     []FoundGroup    // that cover it
	// Unlisted are VPC subnets whose private IPs could not be listed, so that
	// nobody knows who holds an address that no port has. Lookup leaves it empty.
	Unlisted map[ID]bool
}

// FoundPort is a port, or a sub-interface, that has the address or, where none has it,
// a port that names it in its allowed_address_pairs.
type FoundPort struct {
	Port   Port    // its Fixed is its own copy
	Subnet *Subnet // of the address; nil when no listing shows it
}

// FoundPublicIP is a public IP that is the address.
type FoundPublicIP struct {
	*PublicIP
	Behind *FoundPort // the port at which it points; nil where it points at none that is known
}

// FoundGroup is an address group that covers the address.
type FoundGroup struct {
	Group   *AddressGroup
	Entries []AddressGroupEntry // those that cover it, as listed
}

// Held reports whether somebody holds the address. To lie in a subnet or in an
// address group is not to be held.
func (f *LookupResult) Held() bool {
	return len(f.Ports)+len(f.Servers)+len(f.PrivateIPs)+len(f.PublicIPs) > 0
}

// Known reports whether anything at all is known of the address.
func (f *LookupResult) Known() bool { return f.Held() || len(f.Subnets)+len(f.Groups) > 0 }

// KnownSubnets are the subnets with their usage where the collector "subnets"
// has data, else those that another collector joined with.
func (s *Snapshot) KnownSubnets() []Subnet {
	for _, subnets := range [][]Subnet{Of[SubnetData](s).Subnets, Of[PortData](s).Subnets} {
		if len(subnets) > 0 {
			return subnets
		}
	}
	return Of[PrivateIPData](s).Subnets
}

// Lookup returns what the snapshot knows of an address. It asks no cloud.
func (s *Snapshot) Lookup(addr netip.Addr) LookupResult {
	addr = addr.Unmap().WithZone("")
	found := LookupResult{Snapshot: s, Addr: addr}
	if !addr.IsValid() {
		return found
	}
	s.findPorts(&found)
	s.findSubnets(&found)
	s.findPublicIPs(&found)
	s.findServers(&found)
	found.PrivateIPs = slices.Collect(Of[PrivateIPData](s).IPs.ByAddress(addr))
	groups := Of[AddressGroupData](s)
	for i := range groups {
		if entries := groups[i].Covering(addr); len(entries) > 0 {
			found.Groups = append(found.Groups, FoundGroup{&groups[i], entries})
		}
	}
	return found
}

// LookupIn returns a result for each address in a prefix that somebody holds, in
// order. Where nobody holds any, it returns one for the prefix as a whole, with
// the subnets that overlap it.
func (s *Snapshot) LookupIn(prefix netip.Prefix) []LookupResult {
	var held []netip.Addr
	add := func(a netip.Addr) {
		if a = a.Unmap(); prefix.Contains(a) {
			held = append(held, a)
		}
	}
	ports := Of[PortData](s).Ports
	for p := range ports.All() {
		for _, f := range p.Fixed {
			add(f.Addr)
		}
	}
	ports.named(add)
	for _, i := range Of[PortData](s).SubInterfaces.All() {
		for _, a := range i.Addrs {
			add(a)
		}
	}
	for _, ip := range Of[PublicIPData](s).IPs {
		add(ip.Addr)
	}
	for ip := range Of[PrivateIPData](s).IPs.All() {
		add(ip.Addr)
	}
	for _, server := range Of[ServerData](s) {
		for _, a := range server.Addresses {
			add(a.Addr)
		}
	}
	slices.SortFunc(held, netip.Addr.Compare)
	var all []LookupResult
	for _, a := range slices.Compact(held) {
		all = append(all, s.Lookup(a))
	}
	if all == nil {
		whole := LookupResult{Snapshot: s, Addr: prefix.Addr()}
		subnets := s.KnownSubnets()
		for i := range subnets {
			if subnets[i].Prefix.Overlaps(prefix) {
				whole.Subnets = append(whole.Subnets, &subnets[i])
			}
		}
		all = append(all, whole)
	}
	return all
}

func (s *Snapshot) findPorts(found *LookupResult) {
	subnets := s.KnownSubnets()
	subnetOf := SubnetOf(subnets, s.Provider)
	for p := range Of[PortData](s).Ports.ByAddress(found.Addr) {
		p.Fixed = slices.Clone(p.Fixed)
		port := FoundPort{Port: p}
		for _, f := range p.Fixed {
			if f.Addr.Unmap() == found.Addr && port.Subnet == nil {
				port.Subnet = subnetOf(&p, f)
			}
		}
		found.Ports = append(found.Ports, port)
	}
	for p := range Of[PortData](s).SubInterfaces.At(found.Addr) {
		if !slices.ContainsFunc(found.Ports, func(f FoundPort) bool { return f.Port.NetworkID == p.NetworkID }) {
			found.Ports = append(found.Ports, FoundPort{p, subnetOf(&p, p.Fixed[0])})
		}
	}
	if len(found.Ports) > 0 {
		return
	}
	for p := range Of[PortData](s).Ports.Naming(found.Addr) { // nobody else has it
		port := FoundPort{Port: p}
		for i := range subnets { // a pair names no subnet
			if n := &subnets[i]; port.Subnet == nil && n.NetworkID == p.NetworkID && n.Prefix.Contains(found.Addr) {
				port.Subnet = n
			}
		}
		found.Ports = append(found.Ports, port)
	}
}

func (s *Snapshot) findSubnets(found *LookupResult) {
	subnets := s.KnownSubnets()
	for i := range subnets {
		if subnets[i].Prefix.Contains(found.Addr) {
			found.Subnets = append(found.Subnets, &subnets[i])
		}
	}
}

func (s *Snapshot) findPublicIPs(found *LookupResult) {
	subnets := s.KnownSubnets()
	for _, ip := range s.publicIPs().byAddr[found.Addr] {
		is := FoundPublicIP{PublicIP: ip}
		if p, ok := Of[PortData](s).Ports.ByID(is.PortID); ok {
			is.Behind = &FoundPort{Port: p}
			for _, f := range p.Fixed {
				if f.Addr == is.Private || !is.Private.IsValid() {
					is.Behind.Subnet = SubnetOf(subnets, s.Provider)(&p, f)
				}
			}
		}
		found.PublicIPs = append(found.PublicIPs, is)
	}
}

func (s *Snapshot) findServers(found *LookupResult) {
	servers := Of[ServerData](s)
	for i := range servers {
		server := &servers[i]
		has := slices.ContainsFunc(server.Addresses, func(a ServerAddress) bool { return a.Addr.Unmap() == found.Addr }) ||
			slices.ContainsFunc(found.Ports, func(p FoundPort) bool { return p.Port.DeviceID == server.ID }) ||
			slices.ContainsFunc(found.PublicIPs, func(p FoundPublicIP) bool { return p.Behind != nil && p.Behind.Port.DeviceID == server.ID })
		if has {
			found.Servers = append(found.Servers, server)
		}
	}
}

// HeldAt reports whether somebody holds the address there; nil: that is not known.
func (f *LookupResult) HeldAt(at *Location) *bool {
	held := at.Held()
	if !held && at.Subnet != nil && (at.Subnet.PortsHidden || f.Unlisted[at.Subnet.ID] && f.Addr.Is4()) {
		return nil
	}
	return &held
}

// Unknown reports whether the address may be held by what could not be seen.
func (f *LookupResult) Unknown() bool {
	return slices.ContainsFunc(f.Locations(), func(at Location) bool { return f.HeldAt(&at) == nil })
}
