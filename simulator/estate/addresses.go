package estate

import "fmt"

// ServerAddress is one address of a server under its key.
type ServerAddress struct {
	Key, MAC, PortID, Kind string
	Addr                   string
	Version                int
}

// Addresses lists a server's addresses under the VPC's id (Huawei Cloud, OTC)
// or the network's name, by which two networks of one name become one.
func (s *Server) Addresses() []ServerAddress {
	var all []ServerAddress
	for i, p := range s.Ports {
		if p.Absent {
			continue
		}
		key := p.Network.Name
		if p.Network.VPC != nil {
			key = p.Network.VPC.ID
		}
		for _, f := range p.Fixed {
			version := 4
			if f.Addr.Is6() {
				version = 6
			}
			all = append(all, ServerAddress{key, p.MAC(), p.ID.String(), "fixed", f.Addr.String(), version})
		}
		if i == 0 {
			for _, a := range s.Floating {
				all = append(all, ServerAddress{key, p.MAC(), p.ID.String(), "floating", a.String(), 4})
			}
		}
	}
	return all
}

// MAC returns the MAC address of a port.
func (p *Port) MAC() string {
	return fmt.Sprintf("fa:16:3e:%02x:%02x:%02x", p.ID[13], p.ID[14], p.ID[15])
}
