package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// search is a lookup that asks for its addresses alone.
type search struct {
	env       *command.Env
	project   command.Project
	addresses []netip.Addr
	subnets   inventory.SubnetData
	ports     inventory.PortData
	servers   inventory.ServerData
	private   inventory.PrivateIPData
	groups    inventory.AddressGroupData
	unlisted  map[inventory.ID]bool // VPC subnets whose private IPs could not be listed
}

// targeted asks a project for the addresses alone. For one address that is a
// listing of the subnets, a query for the port, and mostly a third call: for its
// private IP, or for what is free where no port has it. Servers and address
// groups come on top where wanted. What is known comes back beside the error.
func targeted(ctx context.Context, e *command.Env, p command.Project, addresses []netip.Addr, o lookupOptions) (snap *inventory.Snapshot, unlisted map[inventory.ID]bool, err error) {
	s := &search{env: e, project: p, addresses: addresses, unlisted: map[inventory.ID]bool{}}
	if s.subnets.Subnets, err = e.Subnets(ctx, p); err != nil {
		return nil, nil, err
	}
	if err := s.findPorts(ctx); err != nil {
		return nil, nil, err
	}
	missed := []error{s.findPrivateIPs(ctx)}
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
	if noGroups(s.env, s.project, err) {
		return nil
	}
	if err != nil {
		return exit.Advised(fmt.Errorf("list address groups: %w", err))
	}
	s.groups = groups
	return nil
}

func (s *search) snapshot() *inventory.Snapshot {
	snap := &inventory.Snapshot{Cloud: s.project.Cloud(), Project: s.project.Label(), Provider: s.project.Provider()}
	for _, data := range []inventory.Data{s.subnets, s.ports, s.servers, s.private, s.groups} {
		snap.States = append(snap.States, inventory.State{Collector: data.Collector(), Part: &inventory.Part{Data: data}, Success: true})
	}
	return snap
}

func (s *search) findPorts(ctx context.Context) error {
	s.ports.Ports = inventory.NewPorts(nil, s.ownPorts())
	for _, a := range s.addresses {
		for port, err := range command.Readable(s.env, s.project.PortsByAddress(ctx, a)) {
			if err != nil {
				return exit.Advised(fmt.Errorf("find port of %s: %w", a, err))
			}
			s.ports.Ports.Append(port)
		}
	}
	s.ports.Ports.Freeze()
	return nil
}

// withoutPort are the subnets of the addresses that no port has.
func (s *search) withoutPort() []*inventory.Subnet {
	var found []*inventory.Subnet
	for _, a := range s.addresses {
		if hasPort(s.ports.Ports, a) {
			continue
		}
		for i := range s.subnets.Subnets {
			n := &s.subnets.Subnets[i]
			if n.Prefix.Contains(a) && !slices.Contains(found, n) {
				found = append(found, n)
			}
		}
	}
	return found
}

func hasPort(ports *inventory.Ports, a netip.Addr) bool {
	for range ports.ByAddress(a) {
		return true
	}
	return false
}

// findServers asks for the servers that the ports are plugged into.
func (s *search) findServers(ctx context.Context) error {
	asked := make(map[inventory.ID]bool)
	for port := range s.ports.Ports.All() {
		switch inventory.HolderOf(port.Owner) {
		case inventory.HolderServer, inventory.HolderBareMetal:
		default:
			if !s.ownPorts() {
				continue
			}
		}
		if port.DeviceID.IsZero() || asked[port.DeviceID] {
			continue
		}
		asked[port.DeviceID] = true
		server, err := s.project.Server(ctx, port.DeviceID.String())
		if apierr.AbsenceOf(err) != apierr.NotAbsent {
			continue // deleted meanwhile, or another project's
		}
		if err != nil {
			return exit.Advised(fmt.Errorf("read server %q: %w", port.DeviceID, err))
		}
		s.servers = append(s.servers, server)
	}
	return nil
}
