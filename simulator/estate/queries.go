package estate

import (
	"net/netip"
	"slices"
	"strings"
)

// NetworksByID returns the networks of some ids.
func (e *State) NetworksByID(ids []string) []*Network {
	in := []*Network{}
	for _, n := range e.Networks {
		if slices.Contains(ids, n.ID) {
			in = append(in, n)
		}
	}
	return in
}

// CIDRs are those of the VPC, the secondary ones too.
func (v *VPC) CIDRs() []string {
	if v.CIDR == "" {
		return v.Extended
	}
	return append([]string{v.CIDR}, v.Extended...)
}

// Port finds a port by its id.
func (e *State) Port(id UUID) *Port {
	if i, found := slices.BinarySearchFunc(e.Ports, id, ComparePortID); found && !e.Ports[i].Absent {
		return e.Ports[i]
	}
	return nil
}

// Free is the first address that no port has.
func (s *Subnet) Free() (netip.Addr, bool) {
	held := map[netip.Addr]bool{}
	for _, p := range s.Network.Ports {
		for _, f := range p.Fixed {
			held[f.Addr] = held[f.Addr] || !p.Absent
		}
	}
	for _, a := range s.Network.unlisted() {
		held[a] = true
	}
	for _, pool := range s.Pools {
		for a := pool.From; a.IsValid() && a.Compare(pool.To) <= 0; a = a.Next() {
			if !held[a] && a != s.Gateway {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}

// Available is what is left of a network's IPv4 subnet, as the listing says it.
func (n *Network) Available() int64 {
	s := n.V4()
	return s.Total().Int64() - int64(s.Used(true)) - int64(n.withheld)
}

// BareMetal reports whether a server of Huawei Cloud or OTC is a machine.
func (s *Server) BareMetal() bool {
	return slices.Contains(s.Tags, "__type_baremetal") || strings.HasPrefix(s.Flavor, "physical.")
}

// Contested reports whether another port has one of p's addresses.
func (n *Network) Contested(p *Port) bool {
	for _, other := range n.Ports {
		if other == p || other.Absent {
			continue
		}
		for _, f := range other.Fixed {
			if slices.ContainsFunc(p.Fixed, func(mine FixedIP) bool { return mine.Addr == f.Addr }) {
				return true
			}
		}
	}
	return false
}
