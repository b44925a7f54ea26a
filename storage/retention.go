package storage

// rowsAtOnce are deleted in one transaction, so that writes need not wait long.
const rowsAtOnce = 500

// tidy deletes some of the tenures that ended before the retention, or the oldest
// where the file is too large, and reports whether there may be more.
func (f *database) tidy(now int64, o Options) (more bool, err error) {
	var deleted int64
	err = f.transaction(func() error {
		cutoff := int64(0)
		if o.Retention > 0 {
			cutoff = now - o.Retention.Milliseconds()
		}
		if err := f.delete(&deleted, `DELETE FROM tenures WHERE id IN (SELECT id FROM tenures WHERE ended < ? ORDER BY ended LIMIT ?)`, cutoff, rowsAtOnce); err != nil {
			return err
		}
		// Nobody has watched these since.
		if err := f.delete(&deleted, `DELETE FROM tenures WHERE id IN (SELECT t.id FROM sights s CROSS JOIN tenures t ON t.ended IS NULL AND t.target = s.target AND t.kind = s.kind WHERE s.at < ? LIMIT ?)`, cutoff, rowsAtOnce); err != nil {
			return err
		}
		if err := f.delete(&deleted, `DELETE FROM gaps WHERE until < ?`, cutoff); err != nil {
			return err
		}
		if large, err := f.tooLarge(o.RetentionSize); err != nil || !large {
			return err
		}
		return f.delete(&deleted, `DELETE FROM tenures WHERE id IN (SELECT id FROM tenures WHERE ended IS NOT NULL ORDER BY ended LIMIT ?)`, rowsAtOnce)
	})
	if err != nil {
		return false, err
	}
	return deleted > 0, f.exec(`PRAGMA incremental_vacuum(100)`)
}

func (f *database) delete(deleted *int64, text string, args ...any) error {
	r, err := f.run(text, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	*deleted += n
	return err
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
