package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/inventory"
)

func fetchServers(ctx context.Context, src *Source, out *inventory.Part) error {
	list, err := read("servers", src.api.Servers(ctx), func(s *inventory.Server) inventory.ID { return s.ID })
	if err != nil {
		return err
	}
	found := list.items
	var unreadPorts unread
	if !src.huawei() && len(found) > 0 {
		if unreadPorts, err = src.markBareMetal(ctx, found); err != nil {
			return err
		}
	}
	if src.cfg.Servers == "baremetal" {
		out.Skip(unreadPorts.skipped, unreadPorts.why) // any of them may have told of a server that is left out
		found = slices.DeleteFunc(found, func(s inventory.Server) bool { return !s.BareMetal })
	}
	if src.cfg.APIs.ServerAddresses != "list" {
		asked, err := src.askAddresses(ctx, found)
		if err != nil {
			return err
		}
		found = asked.items
		out.Skip(asked.skipped, asked.why)
	}
	out.Items, out.Servers = len(found), found
	out.Skip(list.skipped, list.why)
	return nil
}

// markBareMetal finds the bare-metal servers of an OpenStack cloud by their
// ports, and tells which of these could not be read. Without ports of now, what
// was known last has to do.
func (s *Source) markBareMetal(ctx context.Context, servers []inventory.Server) (unread, error) {
	known := make(map[inventory.ID]bool)
	list, err := s.ports()
	switch {
	case err == nil:
		addBareMetal(known, list.ports)
	case ctx.Err() != nil:
		return unread{}, context.Cause(ctx)
	case s.cfg.Servers == "baremetal" && !s.everKnew("ports") && !s.everKnew("servers"):
		return unread{}, fmt.Errorf("tell bare-metal servers by their ports: %w", err) // else none would be left, as if there were none
	default:
		addBareMetal(known, s.last.Part("ports").Ports)
		for id := range s.last.BareMetal() {
			known[id] = true
		}
	}
	for i := range servers {
		servers[i].BareMetal = servers[i].BareMetal || known[servers[i].ID]
	}
	return list.unread, nil
}

// everKnew reports whether there is a complete answer of a collector.
func (s *Source) everKnew(collector string) bool {
	st := s.last.State(collector)
	return st != nil && st.Part != nil
}

func addBareMetal(known map[inventory.ID]bool, ports *inventory.Ports) {
	for p := range ports.All() {
		if inventory.HolderOf(p.Owner) == inventory.HolderBareMetal {
			known[p.DeviceID] = true
		}
	}
}

// askAddresses asks for the addresses of each server. A server that is gone by
// now is left out; when too many are, it is not they that are at fault. One
// whose addresses cannot be read is skipped.
func (s *Source) askAddresses(ctx context.Context, servers []inventory.Server) (listing[inventory.Server], error) {
	gone, bad := make([]bool, len(servers)), make([]error, len(servers))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.concurrency())
	for i := range servers {
		group.Go(func() error {
			return guard(func() error {
				server := &servers[i]
				addresses, err := s.api.ServerAddresses(ctx, server.ID.String())
				_, unreadable := errors.AsType[*cloudapi.ItemError](err)
				switch {
				case unreadable:
					bad[i] = err
				case cloudapi.IsVanished(err):
					gone[i] = true
				case err != nil:
					return fmt.Errorf("get addresses of server %s: %w", server.ID, err)
				default:
					server.Addresses = addresses
				}
				return nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		return listing[inventory.Server]{}, err
	}
	lost := 0
	var left listing[inventory.Server]
	for i, server := range servers {
		switch {
		case gone[i]:
			lost++
		case bad[i] != nil:
			left.skipped++
			left.why = cmp.Or(left.why, bad[i])
		default:
			left.items = append(left.items, server)
		}
	}
	if tooMany(lost, len(servers), toleratedVanished) || lost > 1 && lost == len(servers) {
		return listing[inventory.Server]{}, fmt.Errorf("get addresses of servers: %d of %d servers are not found any more: check that the credential may read servers", lost, len(servers))
	}
	return left, judge("addresses of servers", len(left.items), left.unread)
}
