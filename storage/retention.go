package storage

import "cloudip_exporter/inventory"

// rowsAtOnce are deleted in one transaction, so that writes need not wait long.
const rowsAtOnce = 200

// tidy deletes some of the tenures that ended before the retention, or the oldest
// where the file is too large, and reports whether there may be more.
func (f *file) tidy(now int64, o Options) (more bool, err error) {
	deleted, unwatched, cutoff := 0, 0, int64(0)
	if o.Retention > 0 {
		cutoff = now - o.Retention.Milliseconds()
	}
	err = f.transaction(func() error {
		if err := f.delete(&deleted, `SELECT id FROM tenures WHERE ended < ? ORDER BY ended LIMIT ?`, cutoff, rowsAtOnce); err != nil {
			return err
		}
		// Nobody has watched these since.
		if err := f.delete(&unwatched, `SELECT t.id FROM sights s CROSS JOIN tenures t ON t.ended IS NULL AND t.target = s.target AND t.kind = s.kind WHERE s.at < ? LIMIT ?`, cutoff, rowsAtOnce); err != nil {
			return err
		}
		if err := f.exec(`DELETE FROM gaps WHERE until < ?`, cutoff); err != nil {
			return err
		}
		if large, err := f.tooLarge(o.RetentionSize); err != nil || !large {
			return err
		}
		return f.delete(&deleted, `SELECT id FROM tenures WHERE ended IS NOT NULL ORDER BY ended LIMIT ?`, rowsAtOnce)
	})
	if err != nil {
		return false, err
	}
	if unwatched > 0 {
		f.forget(cutoff)
	}
	return deleted+unwatched > 0, f.exec(`PRAGMA incremental_vacuum(100)`)
}

// forget lets the writer read the open tenures again that nobody has watched since cutoff.
func (f *file) forget(cutoff int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.targets {
		for kind := range t.sets {
			if t.sets[kind].sight < cutoff {
				t.sets[kind] = openSet{}
			}
		}
	}
}

// delete deletes tenures, and the names of servers that have none any more.
func (f *file) delete(deleted *int, ids string, args ...any) error {
	rows, err := f.query(`DELETE FROM tenures WHERE id IN (`+ids+`) RETURNING target, device`, args...)
	type server struct {
		target int64
		id     inventory.ID
	}
	servers := map[server]bool{}
	var target int64
	var device any
	err = each(rows, err, func() {
		*deleted++
		servers[server{target, idOf(device)}] = true
	}, &target, &device)
	if err != nil {
		return err
	}
	for s := range servers {
		if err := f.deleteNames(s.target, s.id); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) deleteNames(target int64, server inventory.ID) error {
	r, err := f.run(`DELETE FROM names WHERE target = ?1 AND item = ?2 AND cidr = '' AND NOT EXISTS (SELECT 1 FROM tenures WHERE device = ?2 AND target = ?1)`, target, idValue(server))
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for _, t := range f.targets {
		if t.id == target {
			delete(t.names, named{item: server}) // written again while the server exists
		}
	}
	return nil
}

// tooLarge reports whether the pages in use exceed a number of bytes.
func (f *database) tooLarge(most int64) (bool, error) {
	if most <= 0 {
		return false, nil
	}
	var used int64
	err := f.row(`SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&used)
	return used > most, err
}
