package simulator

import (
	"fmt"
	"net/netip"
	"slices"
)

// What tests change behind the client's back. Each takes effect at once, also
// in the middle of a listing.

// AddSubnet adds a network of the given IPv4 prefix, without ports, to the
// project that the sizes count, and gives the network's id.
func (c *Cloud) AddSubnet(name, cidr string) (networkID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.estate
	p := e.projects[0]
	if !c.huawei() && len(e.projects) > 1 {
		p = e.projects[1]
	}
	var v *vpc
	if c.huawei() {
		v = e.vpcs[0]
	}
	n := e.addNetwork(p, v, name)
	e.addSubnet(n, name, cidr)
	slices.SortFunc(e.networks, func(a, b *network) int { return cmpText(a.id, b.id) })
	return n.id
}

// RemoveSubnet takes a network and its ports away.
func (c *Cloud) RemoveSubnet(networkID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.estate
	e.networks = slices.DeleteFunc(e.networks, func(n *network) bool { return n.id == networkID })
	e.ports = slices.DeleteFunc(e.ports, func(p *port) bool { return p.network.id == networkID })
}

// AddPort adds a port with one address, "" for any free one of the network's
// IPv4 subnet, and gives its id.
func (c *Cloud) AddPort(networkID, address, owner, device string) (id string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	nets := c.estate.networksByID([]string{networkID})
	if len(nets) == 0 {
		return "", fmt.Errorf("add port: no network %q", networkID)
	}
	s := nets[0].v4()
	addr, free := s.free()
	if address != "" {
		if addr, err = netip.ParseAddr(address); err != nil {
			return "", fmt.Errorf("add port: %w", err)
		}
		free = nets[0].holder(addr) == nil
	}
	if !free {
		return "", fmt.Errorf("add port: no free address in network %s", networkID)
	}
	p := &port{id: c.estate.uuid("port"), network: nets[0], project: nets[0].project, owner: owner, device: device, status: "ACTIVE", fixed: []fixedIP{{s.id, addr}}}
	c.estate.insert(p)
	return p.id.String(), nil
}

// RemovePort takes a port away.
func (c *Cloud) RemovePort(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, _ := parseUUID(id)
	if p := c.estate.port(u); p != nil {
		c.estate.remove(p)
	}
}

// RemoveServer takes a server away; its ports stay.
func (c *Cloud) RemoveServer(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.estate.servers = slices.DeleteFunc(c.estate.servers, func(s *server) bool { return s.id == id })
}

// RenameEverything gives every named thing the same name: names come from
// outside and may be anything.
func (c *Cloud) RenameEverything(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.estate.vpcs {
		v.name = name
	}
	for _, n := range c.estate.networks {
		n.name = name
		for _, s := range n.subnets {
			s.name = name
		}
	}
	for _, s := range c.estate.servers {
		s.name = name
	}
	for _, g := range c.estate.groups {
		g.name = name
	}
}
