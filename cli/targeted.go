package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// search is a lookup that asks for its addresses alone.
type search struct {
	env      *command.Env
	project  command.Project
	wanted   []netip.Prefix // addresses and CIDRs
	subnets  inventory.SubnetData
	ports    inventory.PortData
	servers  inventory.ServerData
	private  inventory.PrivateIPData
	public   inventory.PublicIPData
	groups   inventory.AddressGroupData
	seen     *inventory.Ports      // all ports that were listed
	behind   map[netip.Addr]bool   // addresses at which public IPs asked for point
	onPort   map[netip.Addr]bool   // addresses that a port has
	unused   []inventory.ID        // networks of ports that have one and nothing uses
	unlisted map[inventory.ID]bool // VPC subnets whose private IPs or sub-interfaces could not be listed
}

// askedAlone is how many addresses, and how many subnets that CIDRs overlap, are
// asked for one by one. A whole collection costs less for more.
const askedAlone = 20

// targeted asks a project for the addresses alone. For one address that is a
// listing of the subnets, a query for the port, and mostly a third call: for its
// private IP. Where no port has it, the ports of its networks are listed, since
// another port may name it in its allowed_address_pairs, the sub-interfaces are
// listed, and what is free is asked.
// Servers, address groups and public IPs come on top where wanted. What is known comes back
// beside the error.
func targeted(ctx context.Context, e *command.Env, p command.Project, wanted []netip.Prefix, o lookupOptions) (snap *inventory.Snapshot, unlisted map[inventory.ID]bool, err error) {
	s := &search{env: e, project: p, wanted: wanted, behind: map[netip.Addr]bool{}, onPort: map[netip.Addr]bool{}, unlisted: map[inventory.ID]bool{}}
	if s.subnets.Subnets, err = e.Subnets(ctx, p); err != nil {
		return nil, nil, err
	}
	var missed []error
	if o.PublicIPs && !s.broad() {
		missed = append(missed, s.findPublicIPs(ctx))
	}
	if s.broad() { // maybe by what is behind the public IPs
		return full(ctx, e, allServers{listedOnly{p}}, o.resources())
	}
	if err := s.findPorts(ctx); err != nil {
		return nil, nil, err
	}
	missed = append(missed, s.findPrivateIPs(ctx), s.findSubInterfaces(ctx, o.Servers))
	s.measure(ctx)
	if o.Servers {
		missed = append(missed, s.findServers(ctx))
	}
	if o.AddressGroups {
		missed = append(missed, s.findGroups(ctx))
	}
	return s.snapshot(), s.unlisted, errors.Join(missed...)
}

func (s *search) findGroups(ctx context.Context) error {
	groups, err := command.Read(s.env, s.project.AddressGroups(ctx))
	if lacks(s.env, s.project, "address_groups", err) {
		return nil
	}
	if err != nil {
		return exit.Advised(fmt.Errorf("list address groups: %w", err))
	}
	s.groups = groups
	return nil
}

// findPublicIPs lists the public IPs and keeps those that are an address asked for, or
// point at one.
func (s *search) findPublicIPs(ctx context.Context) error {
	all, err := command.Read(s.env, s.project.PublicIPs(ctx))
	if lacks(s.env, s.project, "public_ips", err) {
		return nil
	}
	if err != nil {
		return exit.Advised(fmt.Errorf("list public IPs: %w", err))
	}
	for _, ip := range all {
		is := s.asks(ip.Addr)
		if is || s.asks(ip.Private) {
			s.public.IPs = append(s.public.IPs, ip)
		}
		if is && ip.Private.IsValid() {
			s.behind[ip.Private] = true
		}
	}
	return nil
}

func (s *search) snapshot() *inventory.Snapshot {
	snap := &inventory.Snapshot{Cloud: s.project.Cloud(), Project: s.project.Label(), Provider: s.project.Provider()}
	for _, data := range []inventory.Data{s.subnets, s.ports, s.servers, s.private, s.public, s.groups} {
		snap.States = append(snap.States, inventory.State{Collector: data.Collector(), Part: &inventory.Part{Data: data}, Success: true})
	}
	return snap
}

// broad reports whether a whole collection costs less than asking one by one.
func (s *search) broad() bool {
	overlapped := 0
	for _, n := range s.subnets.Subnets {
		if slices.ContainsFunc(s.wanted, func(w netip.Prefix) bool { return !w.IsSingleIP() && w.Overlaps(n.Prefix) }) {
			overlapped++
		}
	}
	return max(len(s.wanted)+len(s.behind), overlapped) > askedAlone
}

// asks reports whether an address is one that is asked for, or one behind it.
func (s *search) asks(a netip.Addr) bool {
	return s.behind[a] || slices.ContainsFunc(s.wanted, func(w netip.Prefix) bool { return w.Contains(a) })
}

// findPorts asks for the ports of single addresses. Then it lists the networks of
// CIDRs, and of addresses that no port has, or one that nothing uses.
func (s *search) findPorts(ctx context.Context) error {
	s.ports.Ports, s.seen = inventory.NewPorts(nil, false), inventory.NewPorts(nil, false)
	single := slices.SortedFunc(maps.Keys(s.behind), netip.Addr.Compare)
	for _, w := range s.wanted {
		if w.IsSingleIP() {
			single = append(single, w.Addr())
		}
	}
	for _, a := range single {
		if err := s.addPorts(s.project.PortsByAddress(ctx, a)); err != nil {
			return exit.Advised(fmt.Errorf("find port of %s: %w", a, err))
		}
	}
	for _, id := range s.networks() {
		if err := s.addPorts(s.project.PortsOfNetwork(ctx, id)); err != nil {
			return exit.Advised(fmt.Errorf("list the ports of network %q: %w", id, err))
		}
	}
	s.ports.Ports.Freeze()
	s.seen.Freeze()
	return nil
}

// networks are those where another port may name an address in its
// allowed_address_pairs.
func (s *search) networks() []inventory.ID {
	all := slices.Clone(s.unused)
	for _, n := range s.withoutPort() {
		all = append(all, n.NetworkID)
	}
	slices.SortFunc(all, inventory.ID.Compare)
	return slices.Compact(all)
}

// addPorts adds those of the listing that have, or name, an address asked for.
func (s *search) addPorts(listing iter.Seq2[inventory.Port, error]) error {
	for port, err := range command.Readable(s.env, listing) {
		if err != nil {
			return err
		}
		s.seen.Append(port)
		has := func(f inventory.FixedIP) bool { return s.asks(f.Addr) }
		names := func(pair netip.Prefix) bool { return pair.IsSingleIP() && s.asks(pair.Addr()) }
		if slices.ContainsFunc(port.Fixed, has) || slices.ContainsFunc(port.Pairs, names) {
			s.ports.Ports.Append(port)
			if port.Owner == "" && port.DeviceID.IsZero() && !port.Instance {
				s.unused = append(s.unused, port.NetworkID)
			}
			for _, f := range port.Fixed {
				s.onPort[f.Addr] = true
			}
		}
	}
	return nil
}

// withoutPort are the subnets of the addresses that no port has, and of CIDRs.
func (s *search) withoutPort() []*inventory.Subnet {
	var found []*inventory.Subnet
	for _, w := range s.wanted {
		if w.IsSingleIP() && s.onPort[w.Addr()] {
			continue
		}
		for i := range s.subnets.Subnets {
			if n := &s.subnets.Subnets[i]; n.Prefix.Overlaps(w) && !slices.Contains(found, n) {
				found = append(found, n)
			}
		}
	}
	return found
}

func (s *search) findServers(ctx context.Context) error {
	var devices []inventory.ID
	for port := range s.ports.Ports.All() {
		if h := inventory.HolderOf(port.Owner); h == inventory.HolderServer || h == inventory.HolderBareMetal {
			devices = append(devices, port.DeviceID)
		}
	}
	for sub := range s.ports.SubInterfaces.Ports() {
		if s.asks(sub.Fixed[0].Addr) {
			devices = append(devices, sub.DeviceID)
		}
	}
	slices.SortFunc(devices, inventory.ID.Compare)
	for _, id := range slices.Compact(devices) {
		if id.IsZero() {
			continue
		}
		server, err := s.project.Server(ctx, id.String())
		if apierr.AbsenceOf(err) != apierr.NotAbsent {
			continue // deleted meanwhile, or another project's
		}
		if err != nil {
			return exit.Advised(fmt.Errorf("read server %q: %w", id, err))
		}
		s.servers = append(s.servers, server)
	}
	return nil
}
