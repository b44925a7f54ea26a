package storage

import (
	"database/sql"
	"errors"
	"math"

	"cloudip_exporter/inventory"
)

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
		if err := f.deleteEnded(&deleted, cutoff); err != nil {
			return err
		}
		if err := f.deleteUnwatched(&unwatched, cutoff); err != nil {
			return err
		}
		if err := f.exec(`DELETE FROM gaps WHERE until < ?`, cutoff); err != nil {
			return err
		}
		if large, err := f.tooLarge(o.RetentionSize); err != nil || !large {
			return err
		}
		return f.deleteEnded(&deleted, math.MaxInt64)
	})
	if err != nil {
		return false, err
	}
	if unwatched > 0 {
		f.forget(cutoff)
	}
	return deleted+unwatched > 0, f.exec(`PRAGMA incremental_vacuum(100)`)
}

// deleteEnded deletes the oldest tenures that ended before a time.
func (f *file) deleteEnded(deleted *int, before int64) error {
	var tenures string
	err := f.row(`SELECT json_group_array(tenure) FROM (SELECT tenure FROM ends WHERE ended < ? ORDER BY ended LIMIT ?)`, before, rowsAtOnce).Scan(&tenures)
	if err == nil {
		err = f.delete(deleted, tenures)
	}
	return err
}

// deleteUnwatched deletes tenures that nobody has watched since a time.
func (f *file) deleteUnwatched(deleted *int, since int64) error {
	var target, n int64
	var kind Kind
	var block []byte
	err := f.row(`SELECT l.target, l.kind, l.block, l.bits FROM sights s CROSS JOIN lasting l ON l.target = s.target AND l.kind = s.kind WHERE s.at < ? LIMIT 1`, since).Scan(&target, &kind, &n, &block)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	tenures := tenuresIn(n, block)
	tenures = tenures[:min(len(tenures), rowsAtOnce)]
	if err := f.mark(target, kind, tenures, nil); err != nil {
		return err
	}
	return f.delete(deleted, jsonOf(tenures))
}

// forget lets the writer read those again that nobody has watched since cutoff.
func (f *file) forget(cutoff int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.targets {
		for kind := range t.watched {
			if t.watched[kind].at < cutoff {
				t.watched[kind] = watched{}
			}
		}
	}
}

// delete deletes the tenures of a JSON list, and the names of servers that have none any more.
func (f *file) delete(deleted *int, tenures string) error {
	if err := f.exec(`DELETE FROM ends WHERE tenure IN (SELECT value FROM json_each(?))`, tenures); err != nil {
		return err
	}
	rows, err := f.query(`DELETE FROM tenures WHERE id IN (SELECT value FROM json_each(?)) RETURNING target, device`, tenures)
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
	r, err := f.run(`DELETE FROM names WHERE target = ?1 AND item = ?2 AND cidr = '' AND NOT EXISTS (SELECT 1 FROM tenures WHERE substr(device, 1, 6) = substr(?2, 1, 6) AND device = ?2 AND target = ?1)`, target, idValue(server))
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
