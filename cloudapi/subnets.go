package cloudapi

import (
	"context"
	"errors"
	"iter"
	"math"
	"net/netip"
	"strings"

	"go4.org/netipx"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// Subnets lists the subnets, one record for each address family: a dual-stack
// VPC subnet gives two with the same ID.
func (p *Project) Subnets(ctx context.Context) iter.Seq2[inventory.Subnet, error] {
	return listBy(ctx, p, provider.Subnets, subnetAPIs)
}

var subnetAPIs = listings[inventory.Subnet]{
	// VPC API, "Querying Subnets".
	"vpc/v1": {kind: "subnet", key: "subnets", of: func(ctx context.Context, p *Project, l *listing[inventory.Subnet]) error {
		id, err := p.ID(ctx)
		ports, _ := p.cloud.cfg.API(provider.Ports)
		ofOne := p.cloud.cfg.EnterpriseProject != "" && ports.Choice == "vpc" // whose ports alone are listed
		l.item = hiding(inventory.ParseID(id), ofOne, readVPCSubnet)
		return err
	}},
	// Networking API v2.0, "List subnets".
	"neutron": {kind: "subnet", key: "subnets", of: func(ctx context.Context, p *Project, l *listing[inventory.Subnet]) error {
		own, err := p.ownPorts(ctx)
		if err != nil {
			return err
		}
		narrowed, err := p.Narrow(ctx)
		read := readNeutronSubnet(p.Config().Tags)
		l.item = hiding(own, false, func(s *page.Scanner, subnets []inventory.Subnet) []inventory.Subnet {
			subnets = read(s, subnets)
			subnets[len(subnets)-1].PortsNarrowed = narrowed != ""
			return subnets
		})
		return err
	}},
}

// hiding reads subnets of which the credential sees the ports of one project alone: in
// those of another owner there may be more. The zero ID: it sees all. With every true
// there may be more in each.
func hiding(own inventory.ID, every bool, read func(*page.Scanner, []inventory.Subnet) []inventory.Subnet) func(*page.Scanner, []inventory.Subnet) []inventory.Subnet {
	return func(s *page.Scanner, subnets []inventory.Subnet) []inventory.Subnet {
		n := len(subnets)
		subnets = read(s, subnets)
		for i := range subnets[n:] {
			owner := subnets[n+i].ProjectID
			subnets[n+i].PortsHidden = every || !own.IsZero() && !owner.IsZero() && owner != own
		}
		return subnets
	}
}

// readVPCSubnet reads one VPC subnet. Its id is Neutron's network id; the two
// halves have Neutron's subnet ids. Old payloads lack all but ids, name and cidr.
func readVPCSubnet(s *page.Scanner, subnets []inventory.Subnet) []inventory.Subnet {
	var both, v4, v6 inventory.Subnet
	s.Fields(page.Fields{
		{"id", func() { both.ID = s.ItemPathID() }},
		{"neutron_network_id", func() { both.NetworkID = s.PathID() }},
		{"vpc_id", func() { both.VPCID = s.SharedID() }},
		{"name", func() { both.Name = s.Str() }},
		{"project_id", func() { readOwner(s, true, &both.ProjectID) }},
		{"tenant_id", func() { readOwner(s, false, &both.ProjectID) }},
		{"cidr", func() { v4.Prefix = s.Prefix() }},
		{"gateway_ip", func() { s.Detail(func() { v4.Gateway = s.Addr() }) }},
		{"neutron_subnet_id", func() { v4.NeutronID = s.ID() }},
		{"available_ip_address_count", func() { v4.Available = s.Number(0) }},
		{"cidr_v6", func() { s.Detail(func() { v6.Prefix = s.Prefix() }) }},
		{"gateway_ip_v6", func() { s.Detail(func() { v6.Gateway = s.Addr() }) }},
		{"neutron_subnet_id_v6", func() { v6.NeutronID = s.ID() }},
	})
	if n := v4.Available; n != nil && v4.Prefix.IsValid() && (*n != math.Trunc(*n) || *n > space.PrefixSize(v4.Prefix)) {
		v4.Available = nil // no number of addresses that the cidr could have left
	}
	if both.NetworkID.IsZero() {
		both.NetworkID = both.ID
	}
	if v4.NeutronID.IsZero() {
		v4.NeutronID = both.NetworkID // a stand-in, so that it has an id of its own
	}
	n := len(subnets)
	for _, half := range [...]inventory.Subnet{v4, v6} {
		if half.Prefix.IsValid() {
			half.ID, half.NetworkID, half.VPCID, half.Name, half.ProjectID = both.ID, both.NetworkID, both.VPCID, both.Name, both.ProjectID
			subnets = append(subnets, half)
		}
	}
	if len(subnets) == n {
		s.Refuse(errors.New("it has no cidr"))
	}
	return subnets
}

// ownPorts is the project in whose networks alone the credential sees the ports of
// all projects, as Neutron's default policy has it: the zero ID where
// it sees all, or the token names no project.
func (p *Project) ownPorts(ctx context.Context) (inventory.ID, error) {
	all, err := p.AllTenants(ctx)
	if err != nil || all {
		return inventory.ID{}, err
	}
	id, err := p.session.Scope(ctx)
	return inventory.ParseID(id), err
}

// readNeutronSubnet returns a reader of a subnet with these of its tags.
func readNeutronSubnet(tags []string) func(*page.Scanner, []inventory.Subnet) []inventory.Subnet {
	return func(s *page.Scanner, subnets []inventory.Subnet) []inventory.Subnet {
		var n inventory.Subnet
		if len(tags) > 0 {
			n.Tags = inventory.NewTags(tags)
		}
		mode := func() {
			mode := string(s.TextOr(""))
			n.ChoosesAddresses = n.ChoosesAddresses || mode == "slaac" || mode == "dhcpv6-stateless"
		}
		s.Fields(page.Fields{
			{"id", func() {
				n.ID = s.ItemID()
				n.NeutronID = n.ID
			}},
			{"network_id", func() { n.NetworkID = s.ID() }},
			{"name", func() { n.Name = s.Str() }},
			{"cidr", func() { n.Prefix = s.Prefix() }},
			{"gateway_ip", func() { s.Detail(func() { n.Gateway = s.Addr() }) }},
			{"project_id", func() { readOwner(s, true, &n.ProjectID) }},
			{"tenant_id", func() { readOwner(s, false, &n.ProjectID) }},
			{"subnetpool_id", func() { n.PoolID = s.SharedID() }},
			{"ipv6_ra_mode", mode},
			{"ipv6_address_mode", mode},
			{"tags", func() { // texts, "name=value" by habit
				s.Detail(func() {
					s.Array(func() {
						name, value, _ := strings.Cut(s.Str(), "=")
						n.Tags.Set(name, value)
					})
				})
			}},
			{"allocation_pools", func() {
				if !s.Detail(func() { s.Array(func() { n.Pools = append(n.Pools, readRange(s)) }) }) {
					n.Pools = nil // a part of them would show too few addresses
				}
			}},
		})
		if !n.Prefix.IsValid() {
			s.Refuse(errors.New("it has no cidr"))
		}
		return append(subnets, n)
	}
}

// readOwner reads project_id, or tenant_id, its older name.
func readOwner(s *page.Scanner, newer bool, owner *inventory.ID) {
	if id := s.SharedID(); owner.IsZero() || newer && !id.IsZero() {
		*owner = id
	}
}

// readRange reads one allocation pool, {"start","end"}.
func readRange(s *page.Scanner) netipx.IPRange {
	var from, to netip.Addr
	s.Fields(page.Fields{
		{"start", func() { from = s.Addr() }},
		{"end", func() { to = s.Addr() }},
	})
	r := netipx.IPRangeFrom(from, to)
	if !r.IsValid() {
		s.Refuse(errors.New("an allocation pool is no range of addresses"))
	}
	return r
}
