package collector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"cloudip_exporter/inventory"
)

func fetchServers(ctx context.Context, src *Source) (*inventory.Part, error) {
	list, err := src.servers()
	if err != nil {
		return nil, err
	}
	found, missing := slices.Clone(list.items), list.missing
	onlyBareMetal := src.cfg.Servers == "baremetal"
	if onlyBareMetal {
		unread, err := src.markBareMetal(ctx, found)
		if err != nil {
			return nil, err
		}
		missing.Join(unread) // any of these ports may show that a server left out is bare metal
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
	if !onlyBareMetal { // after the addresses, which ports that hang must not cost
		if _, err := src.markBareMetal(ctx, found); err != nil {
			return nil, err
		}
	}
	return &inventory.Part{Items: len(found), Missing: missing, Data: inventory.ServerData(found)}, nil
}

// markBareMetal marks the servers that only their ports show to be bare metal, and
// returns the ports that could not be read. Where ports cannot be read, also until
// the collection's deadline, the last known ports and servers count too.
func (s *Source) markBareMetal(ctx context.Context, servers []inventory.Server) (inventory.Missing, error) {
	if !s.on.BareMetalByPorts || len(servers) == 0 {
		return inventory.Missing{}, nil
	}
	list, err := s.ports()
	if errors.Is(ctx.Err(), context.Canceled) {
		return inventory.Missing{}, context.Cause(ctx)
	}
	known := make(map[inventory.ID]bool)
	if err == nil {
		addBareMetal(known, list.ports)
	}
	if err != nil || list.missing.N > 0 {
		addBareMetal(known, inventory.Of[inventory.PortData](s.last).Ports)
		maps.Copy(known, s.last.BareMetal())
	}
	for i := range servers {
		servers[i].BareMetal = servers[i].BareMetal || known[servers[i].ID]
	}
	return list.missing, nil
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
