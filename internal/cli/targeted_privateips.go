package cli

import (
	"context"
	"fmt"
	"slices"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/config"
	"cloudip_exporter/internal/inventory"
)

// findPrivateIPs looks for the addresses in the listings of their subnets:
// network and address join a private IP for sure. Its id is mostly that of its
// port, but nothing promises that, nor that it has a port. In a subnet of more
// than a page the port's id is tried first, which is one call.
func (s *search) findPrivateIPs(ctx context.Context) error {
	if s.project.Provider() == config.OpenStack {
		return nil
	}
	s.private.PrivateIPs = inventory.NewPrivateIPs(nil)
	defer s.private.PrivateIPs.Seal()
	var wanted []inventory.ID
	for port := range s.ports.Ports.All() {
		if s.onePage(port.NetworkID) || !s.findByPort(ctx, port) && s.known(port.NetworkID) {
			wanted = append(wanted, port.NetworkID)
		}
	}
	alone := s.withoutPort()
	for _, n := range alone {
		wanted = append(wanted, n.ID)
	}
	slices.SortStableFunc(wanted, inventory.ID.Compare)
	for _, id := range slices.Compact(wanted) {
		err := s.findInSubnet(ctx, id)
		switch {
		case err == nil, noneSuch(err):
		case s.project.Config().APIs.Ports == "workspace" && slices.ContainsFunc(alone, func(n *inventory.Subnet) bool { return n.ID == id }):
			// Workspace shows its own ports alone: nothing else tells who holds it.
			return advised(fmt.Errorf("list private IPs of subnet %q: %w", id, err))
		default:
			s.env.say("warning: the private IPs of subnet %s could not be listed: %v", id, err)
		}
	}
	return nil
}

// findByPort asks for the private IP that has a port's id. false: there is none.
func (s *search) findByPort(ctx context.Context, port inventory.Port) bool {
	ip, err := s.project.PrivateIP(ctx, port.ID.String())
	switch {
	case cloudapi.IsNotFound(err):
		return false
	case err != nil:
		s.env.say("warning: the private IP of port %s could not be read: %v", port.ID, err)
	default:
		s.private.PrivateIPs.Append(ip)
	}
	return true
}

// findInSubnet lists the private IPs of a subnet, and counts those of the capacity.
func (s *search) findInSubnet(ctx context.Context, id inventory.ID) error {
	ips, err := read(s.env, s.project.PrivateIPs(ctx, id.String()))
	if err != nil {
		return err
	}
	s.taken[id] = 0
	for _, ip := range ips {
		if h := ip.Holder(); h != inventory.HolderGateway && h != inventory.HolderDHCP { // which the estimate has taken off
			s.taken[id]++
		}
		if slices.Contains(s.addresses, ip.Addr) {
			s.private.PrivateIPs.Append(ip)
		}
	}
	return nil
}

func (s *search) known(network inventory.ID) bool {
	return slices.ContainsFunc(s.subnets.Subnets, func(n inventory.Subnet) bool { return n.ID == network })
}

// onePage reports whether the private IPs of a subnet are surely one call.
func (s *search) onePage(network inventory.ID) bool {
	size := vpcPageMax
	if n := s.project.Config().Limits.PageSize; n > 0 {
		size = min(size, n)
	}
	for _, n := range s.subnets.Subnets {
		if n.ID == network && n.Prefix.Addr().Is4() { // of IPv6 there are none
			return inventory.PrefixSize(n.Prefix) <= float64(size)
		}
	}
	return false
}

// measure tells how much is free where no port has an address: by what is
// listed there, else by asking. It is not worth a failure when the cloud does
// not tell.
func (s *search) measure(ctx context.Context) {
	var ask []inventory.Subnet
	wanted := s.withoutPort()
	for _, n := range wanted {
		if n.Usage.Free = n.Available; n.Available == nil && !s.count(n) {
			ask = append(ask, *n)
		}
	}
	if len(ask) == 0 {
		return
	}
	told, err := s.project.Availability(ctx, ask)
	if err != nil {
		s.env.say("warning: how much is free could not be read: %v", err)
		return
	}
	for _, n := range wanted {
		if a, ok := told.BySubnet[n.NeutronID]; ok && n.Usage.Free == nil {
			free := max(0, a.Total-a.Used)
			n.Usage.Free, n.Usage.Capacity, n.Usage.Used, n.Usage.Source = &free, &a.Total, a.Used, inventory.FromAvailability
		}
	}
}

// count tells how much is free in a subnet whose private IPs were listed: what
// the estimate of its capacity leaves, which saves asking.
func (s *search) count(n *inventory.Subnet) bool {
	taken, listed := s.taken[n.ID]
	if listed && n.Prefix.Addr().Is4() {
		capacity := inventory.EstimatedCapacity(n.Prefix)
		free := max(0, capacity-float64(taken))
		n.Usage = inventory.Usage{Source: inventory.FromEstimate, Capacity: &capacity, Used: float64(taken), Free: &free}
	}
	return listed // of IPv6 nothing is counted
}
