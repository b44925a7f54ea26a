package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
)

// findPrivateIPs lists the private IPs of the subnets around the addresses, where that is
// one call each: larger ones are not worth their pages. On a port, network and address
// say which private IP is whose; where no port has an address, they show who does. It
// fails where only a private IP could say whether somebody holds an address.
func (s *search) findPrivateIPs(ctx context.Context) error {
	if !s.vpc() {
		return nil
	}
	s.private.IPs = inventory.NewPrivateIPs(nil)
	defer s.private.IPs.Freeze()
	var wanted []inventory.ID // there are no private IPs of IPv6
	for port := range s.ports.Ports.All() {
		if slices.ContainsFunc(port.Fixed, func(f inventory.FixedIP) bool { return f.Addr.Is4() && s.asks(f.Addr) }) {
			wanted = append(wanted, port.NetworkID)
		}
	}
	for _, n := range s.withoutPort() {
		if n.Prefix.Addr().Is4() && n.Available != nil { // else how much is free is asked
			wanted = append(wanted, n.ID)
		}
	}
	slices.SortStableFunc(wanted, inventory.ID.Compare)
	var missed []error
	for _, id := range slices.Compact(wanted) {
		if s.onePage(id) {
			missed = append(missed, s.findInSubnet(ctx, id))
		}
	}
	return errors.Join(missed...)
}

func (s *search) vpc() bool { return provider.Named(s.project.Provider()).Has(provider.PrivateIPs) }

// findInSubnet lists the private IPs of a subnet. Where every address of it has a
// port they are no more than a detail; else, without the right to list them, the
// ports of the VPC have to do.
func (s *search) findInSubnet(ctx context.Context, id inventory.ID) error {
	ips, err := command.Read(s.env, s.project.PrivateIPs(ctx, id.String()))
	if err == nil || apierr.AbsenceOf(err) == apierr.ProvenAbsent {
		for _, ip := range ips {
			if s.asks(ip.Addr) {
				s.private.IPs.Append(ip)
			}
		}
		return nil
	}
	decides := slices.ContainsFunc(s.withoutPort(), func(n *inventory.Subnet) bool { return n.ID == id && n.Prefix.Addr().Is4() })
	if decides && !apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound) {
		s.unlisted[id] = true
		return exit.Advised(fmt.Errorf("list private IPs of subnet %q: %w", id, err))
	}
	s.env.Say("warning: the private IPs of subnet %s could not be listed: %v", id, err)
	return nil
}

// onePage reports whether the private IPs of a subnet are surely one call.
func (s *search) onePage(network inventory.ID) bool {
	size := provider.VPCPageMax
	if n := s.project.Config().Limits.PageSize; n > 0 {
		size = min(size, n)
	}
	for _, n := range s.subnets.Subnets {
		if n.ID == network && n.Prefix.Addr().Is4() { // of IPv6 there are none
			return space.PrefixSize(n.Prefix) <= float64(size)
		}
	}
	return false
}

// measure finds how much is free in the subnets: as their listing does, else,
// where no port has an address, by asking. It is not worth a failure when the
// cloud does not say.
func (s *search) measure(ctx context.Context) {
	for i := range s.subnets.Subnets {
		n := &s.subnets.Subnets[i]
		n.Usage.Free = n.Available
	}
	var ask []*inventory.Subnet
	for _, n := range s.withoutPort() {
		if n.Available == nil && !(s.vpc() && n.Prefix.Addr().Is6()) { // VPCs count no IPv6
			ask = append(ask, n)
		}
	}
	if err := command.Measure(ctx, s.project, ask, s.seen); err != nil { // all ports of their networks are listed
		s.env.Say("warning: how much is free could not be read: %v", err)
	}
}
