package inventory

import "slices"

// Location is one place where an address is, or could be. Where VPCs overlap, one
// address has several, and what is known of one says nothing of the others.
type Location struct {
	Port      *Port      // nil where no port has it
	Subnet    *Subnet    // nil where no listing shows it
	Server    *Server    // nil where none is known to have it
	PrivateIP *PrivateIP // nil where none is known
	PublicIP  *PublicIP  // that is the address, then Port is what it points at; or that points at it; nil for none
}

// Held reports whether somebody holds the address there.
func (p *Location) Held() bool {
	return p.Port != nil || p.Server != nil || p.PrivateIP != nil || p.PublicIP != nil
}

// Locations are the locations of the address: each port; where it is on none, each
// subnet that it lies in; then each private IP that belongs to none of these, and
// each public IP; else one, for what else is known.
func (f *LookupResult) Locations() []*Location {
	var all []*Location
	for i := range f.Ports {
		p := &f.Ports[i]
		all = append(all, &Location{Port: &p.Port, Subnet: p.Subnet, Server: f.serverOf(p.Port.DeviceID)})
	}
	if len(f.Ports) == 0 {
		for _, s := range f.Subnets {
			all = append(all, &Location{Subnet: s})
		}
	}
	all = f.putPrivateIPs(all)
	for _, ip := range f.PublicIPs {
		all = f.putPublicIP(all, ip)
	}
	if len(all) == 0 {
		all = []*Location{{}}
	}
	if len(f.Ports) == 0 {
		f.putServers(all)
	}
	for _, p := range all {
		if p.Port != nil && p.PublicIP == nil {
			p.PublicIP = find(f.Snapshot.publicIPs()[p.Port.ID], func(ip *PublicIP) bool { return ip.Private == f.Addr || !ip.Private.IsValid() })
		}
	}
	return all
}

func (f *LookupResult) serverOf(device ID) *Server {
	return find(f.Servers, func(s *Server) bool { return s.ID == device })
}

// putPrivateIPs puts each private IP where it belongs: with the port whose id
// it has, else in its subnet.
func (f *LookupResult) putPrivateIPs(all []*Location) []*Location {
	var rest []*PrivateIP
	for i := range f.PrivateIPs {
		ip := &f.PrivateIPs[i]
		if p := find(all, func(p *Location) bool { return p.Port != nil && p.Port.ID == ip.ID }); p != nil {
			p.PrivateIP = ip
		} else {
			rest = append(rest, ip)
		}
	}
	for _, ip := range rest {
		if p := find(all, func(p *Location) bool { return p.PrivateIP == nil && p.within(ip.SubnetID) }); p != nil {
			p.PrivateIP = ip
		} else {
			all = append(all, &Location{PrivateIP: ip, Subnet: find(f.Subnets, func(s *Subnet) bool { return s.ID == ip.SubnetID })})
		}
	}
	return all
}

// putPublicIP puts a public IP with what is behind it. That says more than its own port
// or the subnet that it is from, which OpenStack shows to some.
func (f *LookupResult) putPublicIP(all []*Location, ip FoundPublicIP) []*Location {
	own := func(p *Location) bool {
		if p.Port != nil {
			return p.Port.DeviceID == ip.ID
		}
		return p.PrivateIP == nil && p.Subnet != nil && p.Subnet.NetworkID.String() == ip.Pool
	}
	at := &Location{PublicIP: ip.PublicIP}
	if ip.Behind == nil {
		if p := find(all, own); p != nil {
			p.PublicIP = ip.PublicIP
			return all
		}
		return append(all, at)
	}
	at.Port, at.Subnet, at.Server = &ip.Behind.Port, ip.Behind.Subnet, f.serverOf(ip.Behind.Port.DeviceID)
	return append(slices.DeleteFunc(all, own), at)
}

// within reports whether the location is in a VPC subnet, which ports call their
// network.
func (p *Location) within(subnet ID) bool {
	return p.Subnet != nil && p.Subnet.ID == subnet || p.Port != nil && p.Port.NetworkID == subnet
}

// putServers puts the servers, of an address on no port, in the subnet of the
// VPC that their own listing names; where it names none of these, in the first
// location that has no server.
func (f *LookupResult) putServers(all []*Location) {
	var rest []*Server
	for _, s := range f.Servers {
		if find(all, func(p *Location) bool { return p.Server == s }) != nil {
			continue
		}
		if p := find(all, func(p *Location) bool { return p.Server == nil && p.Subnet != nil && f.inVPC(s, p.Subnet.VPCID) }); p != nil {
			p.Server = s
		} else {
			rest = append(rest, s)
		}
	}
	for _, s := range rest {
		if p := find(all, func(p *Location) bool { return p.Server == nil }); p != nil {
			p.Server = s
		}
	}
}

func (f *LookupResult) inVPC(s *Server, vpc ID) bool {
	return !vpc.IsZero() && slices.ContainsFunc(s.Addresses, func(a ServerAddress) bool { return a.Addr.Unmap() == f.Addr && a.Network == vpc.String() })
}

// find returns the first that fits, else nil.
func find[T any](all []*T, fits func(*T) bool) *T {
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return all[i]
	}
	return nil
}
