package storage

import (
	"context"
	"database/sql"
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
	var idle map[uint64]int64
	f.mu.RLock()
	if t := f.labelled[[2]string{cloud, project}]; t != nil {
		idle = t.watched[Port].idle
	}
	f.mu.RUnlock()
	return func(port inventory.ID, address netip.Addr) time.Time {
		since := idle[hashOf(f.seed, identity{address: address.Unmap(), item: port})]
		if since == 0 {
			return time.Time{}
		}
		return timeOf(since)
	}
}

// IdleSince is Store.IdleSince of a file that another process writes.
func (r *Reader) IdleSince(ctx context.Context, cloud, project string) (inventory.IdleSince, error) {
	type key struct {
		port    inventory.ID
		address netip.Addr
	}
	query := func(text string, args ...any) (*sql.Rows, error) { return r.db.QueryContext(ctx, text, args...) }
	var targets []int64
	var target int64
	rows, err := query(`SELECT id FROM targets WHERE cloud = ? AND project = ?`, cloud, project)
	err = each(rows, err, func() { targets = append(targets, target) }, &target)
	since := map[key]time.Time{}
	var item any
	var address []byte
	var idle int64
	for i := 0; err == nil && i < len(targets); i++ {
		err = eachLasting(query, targets[i], Port, `t.item, t.address, t.idle`, `WHERE t.idle IS NOT NULL`,
			func() { since[key{idOf(item), addressOf(address)}] = timeOf(idle) }, &item, &address, &idle)
	}
	return func(port inventory.ID, address netip.Addr) time.Time { return since[key{port, address.Unmap()}] }, err
}
