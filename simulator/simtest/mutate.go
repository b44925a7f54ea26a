package simtest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cloudip_exporter/simulator/estate"
)

// What tests change behind the client's back. Each takes effect at once, also
// in the middle of a listing.

// AddSubnet adds a network of the given IPv4 prefix, without ports, to the
// project that the sizes count, and gives the network's id.
func (c *Cloud) AddSubnet(name, cidr string) (networkID string) {
	c.Change(func(e *estate.State) {
		p := e.Projects[0]
		if !c.huawei() && len(e.Projects) > 1 {
			p = e.Projects[1]
		}
		var v *estate.VPC
		if c.huawei() {
			v = e.VPCs[0]
		}
		n := e.AddNetwork(p, v, name)
		e.AddSubnet(n, name, cidr)
		slices.SortFunc(e.Networks, func(a, b *estate.Network) int { return strings.Compare(a.ID, b.ID) })
		networkID = n.ID
	})
	return networkID
}

// RemoveSubnet takes a network and its ports away.
func (c *Cloud) RemoveSubnet(networkID string) {
	c.Change(func(e *estate.State) {
		e.Networks = slices.DeleteFunc(e.Networks, func(n *estate.Network) bool { return n.ID == networkID })
		e.Ports = slices.DeleteFunc(e.Ports, func(p *estate.Port) bool { return p.Network.ID == networkID })
	})
}

// AddPort adds a port with one address, "" for any free one of the network's
// IPv4 subnet, and gives its id.
func (c *Cloud) AddPort(networkID, address, owner, device string) (id string, err error) {
	c.Change(func(e *estate.State) { id, err = addPort(e, networkID, address, owner, device) })
	return id, err
}

func addPort(e *estate.State, networkID, address, owner, device string) (id string, err error) {
	nets := e.NetworksByID([]string{networkID})
	if len(nets) == 0 {
		return "", fmt.Errorf("add port: no network %q", networkID)
	}
	s := nets[0].V4()
	addr, free := s.Free()
	if address != "" {
		if addr, err = netip.ParseAddr(address); err != nil {
			return "", fmt.Errorf("add port: %w", err)
		}
		free = nets[0].Holder(addr) == nil
	}
	if !free {
		return "", fmt.Errorf("add port: no free address in network %s", networkID)
	}
	p := &estate.Port{ID: e.UUID("port"), Network: nets[0], Project: nets[0].Project, Owner: owner, Device: device, Status: "ACTIVE", Fixed: []estate.FixedIP{{SubnetID: s.ID, Addr: addr}}}
	e.Insert(p)
	return p.ID.String(), nil
}

// RemovePort takes a port away.
func (c *Cloud) RemovePort(id string) {
	c.Change(func(e *estate.State) {
		u, _ := estate.ParseUUID(id)
		if p := e.Port(u); p != nil {
			e.Remove(p)
		}
	})
}

// RemoveServer takes a server away; its ports stay.
func (c *Cloud) RemoveServer(id string) {
	c.Change(func(e *estate.State) {
		e.Servers = slices.DeleteFunc(e.Servers, func(s *estate.Server) bool { return s.ID == id })
	})
}

// RenameEverything gives every named thing the same name: names come from
// outside and may be anything.
func (c *Cloud) RenameEverything(name string) {
	c.Change(func(e *estate.State) {
		for _, v := range e.VPCs {
			v.Name = name
		}
		for _, n := range e.Networks {
			n.Name = name
			for _, s := range n.Subnets {
				s.Name = name
			}
		}
		for _, s := range e.Servers {
			s.Name = name
		}
		for _, g := range e.Groups {
			g.Name = name
		}
	})
}
