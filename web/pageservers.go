package web

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"cloudip_exporter/inventory"
)

type serverRow struct {
	serverItem
	Age age
}

// serverListing is the servers that have no address. Among counts all servers.
func serverListing(snaps []*inventory.Snapshot, f *filter, now time.Time) listing[serverRow] {
	type candidate struct {
		snap   *inventory.Snapshot
		server *inventory.Server
	}
	l := listing[serverRow]{JSON: f.JSON("servers")}
	var found []candidate
	for _, snap := range snaps {
		l.has(snap, "servers")
		servers := inventory.Of[inventory.ServerData](snap)
		l.Among += len(servers)
		for i := range servers {
			s := &servers[i]
			if len(s.Addresses) > 0 {
				continue
			}
			l.Known++
			if f.has(netip.Prefix{}, s.Name, s.ID.String(), s.Status, s.Flavor, s.Zone, snap.Cloud, snap.Project) {
				found = append(found, candidate{snap, s})
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(compareTargets(a.snap, b.snap), cmp.Compare(a.server.Name, b.server.Name), a.server.ID.Compare(b.server.ID))
	})
	known := ages{}
	l.fill(len(found), func(i int) serverRow {
		return serverRow{newServerItem(found[i].snap, found[i].server), known.of(found[i].snap, now, "servers")}
	})
	return l
}
