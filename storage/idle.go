package storage

import (
	"context"
	"net/netip"
	"time"

	"cloudip_exporter/inventory"
)

// IdleSince returns since when addresses of a target are idle, as far as it is
// written; nil where nothing is kept.
func (s *Store) IdleSince(cloud, project string) inventory.IdleSince {
	s.mu.RLock()
	f := s.file
	s.mu.RUnlock()
	if f == nil {
		return nil
	}
	return func(port inventory.ID, address netip.Addr) time.Time {
		f.mu.RLock()
		defer f.mu.RUnlock()
		t := f.labelled[[2]string{cloud, project}]
		if t == nil {
			return time.Time{}
		}
		if since := t.sets[Port].idle[hashOf(f.seed, identity{address: address.Unmap(), item: port})]; since > 0 {
			return timeOf(since)
		}
		return time.Time{}
	}
}

// IdleSince is Store.IdleSince of a file that another process writes.
func (r *Reader) IdleSince(ctx context.Context, cloud, project string) (inventory.IdleSince, error) {
	type key struct {
		port    inventory.ID
		address netip.Addr
	}
	rows, err := r.db.QueryContext(ctx, `SELECT n.item, n.address, n.idle FROM targets t CROSS JOIN tenures n ON n.ended IS NULL AND n.target = t.id AND n.kind = ?
		WHERE t.cloud = ? AND t.project = ? AND n.idle IS NOT NULL`, Port, cloud, project)
	since := map[key]time.Time{}
	var item any
	var address []byte
	var idle int64
	err = each(rows, err, func() { since[key{idOf(item), addressOf(address)}] = timeOf(idle) }, &item, &address, &idle)
	return func(port inventory.ID, address netip.Addr) time.Time { return since[key{port, address.Unmap()}] }, err
}
