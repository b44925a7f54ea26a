package inventory

import (
	"maps"
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
	return s.LookupIn(netip.PrefixFrom(addr, addr.BitLen()))[0]
}

// LookupIn returns a result for each address in a prefix that somebody holds, in
// order. Where nobody holds any, it returns one for the prefix as a whole, with
// the subnets that overlap it and the groups that cover all of it.
func (s *Snapshot) LookupIn(prefix netip.Prefix) []LookupResult {
	found := finder{s, prefix, make(map[netip.Addr]*LookupResult)}
	found.ports()
	found.publicIPs()
	for ip := range Of[PrivateIPData](s).IPs.Within(prefix) {
		r := found.at(ip.Addr)
		r.PrivateIPs = append(r.PrivateIPs, ip)
	}
	found.servers()
	near := s.subnetsWhere(func(n *Subnet) bool { return n.Prefix.Overlaps(prefix) })
	if len(found.byAddr) == 0 {
		whole := found.at(prefix.Addr())
		whole.Subnets = near
		whole.findGroups(prefix)
		return []LookupResult{*whole}
	}
	var all []LookupResult
	for _, addr := range slices.SortedFunc(maps.Keys(found.byAddr), netip.Addr.Compare) {
		r := found.byAddr[addr]
		for _, n := range near {
			if n.Prefix.Contains(addr) {
				r.Subnets = append(r.Subnets, n)
			}
		}
		r.findGroups(netip.PrefixFrom(addr, addr.BitLen()))
		all = append(all, *r)
	}
	return all
}

func (s *Snapshot) subnetsWhere(fits func(*Subnet) bool) (found []*Subnet) {
	subnets := s.KnownSubnets()
	for i := range subnets {
		if fits(&subnets[i]) {
			found = append(found, &subnets[i])
		}
	}
	return found
}

// finder finds what holds the addresses of a prefix. It goes once over each list,
// however many addresses are held.
type finder struct {
	*Snapshot
	prefix netip.Prefix
	byAddr map[netip.Addr]*LookupResult // those held
}

func (l *finder) at(addr netip.Addr) *LookupResult {
	r := l.byAddr[addr]
	if r == nil {
		r = &LookupResult{Snapshot: l.Snapshot, Addr: addr}
		l.byAddr[addr] = r
	}
	return r
}

// ports finds ports, sub-interfaces, and what ports name in pairs where nobody has it.
func (l *finder) ports() {
	data, subnetOf := Of[PortData](l.Snapshot), SubnetOf(l.KnownSubnets(), l.Provider)
	for p := range data.Ports.With(l.prefix.Contains) {
		for n, f := range p.Fixed {
			same := func(other FixedIP) bool { return other.Addr.Unmap() == f.Addr.Unmap() }
			if addr := f.Addr.Unmap(); l.prefix.Contains(addr) && !slices.ContainsFunc(p.Fixed[:n], same) {
				r := l.at(addr)
				r.Ports = append(r.Ports, FoundPort{p, subnetOf(&p, f)})
			}
		}
	}
	for p := range data.SubInterfaces.Ports() {
		if addr := p.Fixed[0].Addr; l.prefix.Contains(addr) {
			r := l.at(addr)
			if !slices.ContainsFunc(r.Ports, func(f FoundPort) bool { return f.Port.NetworkID == p.NetworkID }) {
				own := p // its own copy, that may escape
				own.Fixed = slices.Clone(p.Fixed)
				r.Ports = append(r.Ports, FoundPort{own, subnetOf(&own, own.Fixed[0])})
			}
		}
	}
	named := make(map[netip.Addr][]FoundPort)
	for addr, p := range data.Ports.Naming(l.prefix) {
		in := l.subnetsWhere(func(n *Subnet) bool { return n.NetworkID == p.NetworkID && n.Prefix.Contains(addr) }) // a pair names none
		named[addr] = append(named[addr], FoundPort{p, find(in, func(*Subnet) bool { return true })})
	}
	for addr, ports := range named {
		if r := l.at(addr); len(r.Ports) == 0 {
			r.Ports = ports
		}
	}
}

func (l *finder) publicIPs() {
	subnetOf := SubnetOf(l.KnownSubnets(), l.Provider)
	ips := Of[PublicIPData](l.Snapshot).IPs
	for i := range ips {
		is := FoundPublicIP{PublicIP: &ips[i]}
		if !l.prefix.Contains(is.Addr) {
			continue
		}
		if p, ok := Of[PortData](l.Snapshot).Ports.ByID(is.PortID); ok {
			is.Behind = &FoundPort{Port: p}
			for _, f := range p.Fixed {
				if f.Addr == is.Private || !is.Private.IsValid() {
					is.Behind.Subnet = subnetOf(&p, f)
				}
			}
		}
		r := l.at(is.Addr)
		r.PublicIPs = append(r.PublicIPs, is)
	}
}

// servers finds servers by their own addresses, and those that the ports found name.
func (l *finder) servers() {
	byDevice := make(map[ID][]*LookupResult)
	for _, r := range l.byAddr {
		for i := range r.Ports {
			byDevice[r.Ports[i].Port.DeviceID] = append(byDevice[r.Ports[i].Port.DeviceID], r)
		}
		for _, ip := range r.PublicIPs {
			if ip.Behind != nil {
				byDevice[ip.Behind.Port.DeviceID] = append(byDevice[ip.Behind.Port.DeviceID], r)
			}
		}
	}
	servers := Of[ServerData](l.Snapshot)
	for i := range servers {
		has := byDevice[servers[i].ID]
		for _, a := range servers[i].Addresses {
			if addr := a.Addr.Unmap(); l.prefix.Contains(addr) {
				has = append(has, l.at(addr))
			}
		}
		for _, r := range has {
			if !slices.Contains(r.Servers, &servers[i]) {
				r.Servers = append(r.Servers, &servers[i])
			}
		}
	}
}

func (f *LookupResult) findGroups(prefix netip.Prefix) {
	groups := Of[AddressGroupData](f.Snapshot)
	for i := range groups {
		if entries := groups[i].Covering(prefix); len(entries) > 0 {
			f.Groups = append(f.Groups, FoundGroup{&groups[i], entries})
		}
	}
}

// HeldAt reports whether somebody holds the address there; nil: that is not known.
func (f *LookupResult) HeldAt(at *Location) *bool {
	held, ports := at.Held(), Of[PortData](f.Snapshot).Ports
	hidden := at.Subnet != nil && (at.Subnet.PortsHidden || f.Unlisted[at.Subnet.ID] && f.Addr.Is4())
	// Ports show all addresses, unless they are those of one service, and private IPs all of IPv4.
	listed := ports != nil && !ports.OwnersUnknown || f.Addr.Is4() && Of[PrivateIPData](f.Snapshot).IPs != nil
	if !held && (hidden || !listed) {
		return nil
	}
	return &held
}

// Unknown reports whether the address may be held by what could not be seen.
func (f *LookupResult) Unknown() bool {
	return slices.ContainsFunc(f.Locations(), func(at *Location) bool { return f.HeldAt(at) == nil })
}
