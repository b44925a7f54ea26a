package collector

import (
	"context"
	"fmt"
	"slices"

	"cloudip_exporter/inventory"
)

func fetchServers(ctx context.Context, src *Source) (*inventory.Part, error) {
	list, err := src.servers()
	if err != nil {
		return nil, err
	}
	found, missing := slices.Clone(list.items), list.missing
	var unreadPorts inventory.Missing
	if src.on.BareMetalByPorts && len(found) > 0 {
		if unreadPorts, err = src.markBareMetal(ctx, found); err != nil {
			return nil, err
		}
	}
	if src.cfg.Servers == "baremetal" {
		missing.Join(unreadPorts) // any of these ports may show that a server left out is bare metal
		found = slices.DeleteFunc(found, func(s inventory.Server) bool { return !s.BareMetal })
	}
	if src.cfg.APIs.ServerAddresses != "list" {
		asked, err := src.askAddresses(ctx, found)
		if err != nil {
			return nil, err
		}
		found = asked.items
		missing.Join(asked.missing)
	}
	return &inventory.Part{Items: len(found), Missing: missing, Data: inventory.ServerData(found)}, nil
}

// markBareMetal marks the bare-metal servers of an OpenStack cloud by their
// ports, and returns the ports that could not be read. While the ports cannot be
// listed, the last known ports and servers count.
func (s *Source) markBareMetal(ctx context.Context, servers []inventory.Server) (inventory.Missing, error) {
	known := make(map[inventory.ID]bool)
	list, err := s.ports()
	switch {
	case err == nil:
		addBareMetal(known, list.ports)
	case ctx.Err() != nil:
		return inventory.Missing{}, context.Cause(ctx)
	case s.cfg.Servers == "baremetal" && !s.everKnew("ports") && !s.everKnew("servers"):
		return inventory.Missing{}, fmt.Errorf("find bare-metal servers by their ports: %w", err) // without ports every server would be left out
	default:
		addBareMetal(known, inventory.Of[inventory.PortData](s.last).Ports)
		for id := range s.last.BareMetal() {
			known[id] = true
		}
	}
	for i := range servers {
		servers[i].BareMetal = servers[i].BareMetal || known[servers[i].ID]
	}
	return list.missing, nil
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

// askAddresses asks for the addresses of each server. It leaves out servers that
// were deleted since they were listed, and fails where these are too many: then a
// missing right is likelier. A server whose addresses cannot be read is missing.
func (s *Source) askAddresses(ctx context.Context, servers []inventory.Server) (listing[inventory.Server], error) {
	ids := make([]inventory.ID, len(servers))
	for i := range servers {
		ids[i] = servers[i].ID
	}
	answered := make([]bool, len(servers))
	missing, gone, err := s.askEach(ctx, ids, func(ctx context.Context, i int) error {
		addresses, err := s.api.ServerAddresses(ctx, ids[i].String())
		if err != nil {
			return fmt.Errorf("get addresses of server %s: %w", ids[i], err)
		}
		servers[i].Addresses, answered[i] = addresses, true
		return nil
	})
	if err != nil {
		return listing[inventory.Server]{}, err
	}
	if n := len(gone); tooMany(n, len(servers), toleratedGone) || n > 1 && n == len(servers) {
		return listing[inventory.Server]{}, fmt.Errorf("get addresses of servers: %d of %d servers are not found any more: check that the credential may read servers", n, len(servers))
	}
	left := listing[inventory.Server]{missing: missing}
	for i := range servers {
		if answered[i] {
			left.items = append(left.items, servers[i])
		}
	}
	return left, checkMissing("addresses of servers", len(left.items), missing)
}
