package storage

import (
	"context"
	"database/sql"
	"hash/maphash"
	"iter"
	"log/slog"
	"time"

	"cloudip_exporter/inventory"
)

// writeAnswers writes the last answers that are due; at the end, all that are not
// in the file.
func (f *file) writeAnswers(now time.Time, end bool) error {
	for _, t := range f.targets {
		if t.latest == nil {
			continue
		}
		for _, st := range t.latest.States {
			saved, known := t.saved[st.Collector]
			if st.Part == nil || st.LastSuccess.Equal(saved.at) || !known && !st.Success || known && !end && now.Sub(saved.when) < answersEvery {
				continue
			}
			if err := f.writeAnswer(t, &st, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeAnswer writes the chunks of an answer that have changed.
func (f *file) writeAnswer(t *target, st *inventory.State, now time.Time) error {
	old, fresh := t.saved[st.Collector].hashes, []uint64(nil)
	err := f.transaction(func() error {
		for chunk, err := range inventory.EncodePart(st.Part) {
			if err != nil {
				return err
			}
			hash, n := maphash.Bytes(f.seed, chunk), len(fresh)
			fresh = append(fresh, hash)
			if n < len(old) && old[n] == hash {
				continue
			}
			if chunk == nil {
				chunk = []byte{} // nil is NULL
			}
			if err := f.exec(`INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?)`, t.id, st.Collector, n, chunk); err != nil {
				return err
			}
		}
		if err := f.exec(`DELETE FROM chunks WHERE target = ? AND collector = ? AND number >= ?`, t.id, st.Collector, len(fresh)); err != nil {
			return err
		}
		return f.exec(`INSERT OR REPLACE INTO answers VALUES (?, ?, ?)`, t.id, st.Collector, millis(st.LastSuccess))
	})
	if err == nil {
		t.saved[st.Collector] = savedAnswer{st.LastSuccess, now, fresh}
	}
	return err
}

func (f *file) answers(key targetKey, now time.Time, maxStale time.Duration, log *slog.Logger) ([]inventory.State, error) {
	ctx := context.Background()
	soon, cancel := context.WithTimeout(ctx, time.Second) // a collection waits
	defer cancel()
	conn, err := f.db.Conn(soon) // for answers and their chunks
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	rows, err := conn.QueryContext(ctx, `SELECT t.id, a.collector, a.at FROM targets t JOIN answers a ON a.target = t.id
		WHERE t.identity = ? AND t.project = ? AND a.at BETWEEN ? AND ?`, []byte(key.identity), key.project, millis(now.Add(-maxStale)), millis(now))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []inventory.State
	for rows.Next() {
		var target, at int64
		var st inventory.State
		if err := rows.Scan(&target, &st.Collector, &at); err != nil {
			return all, err
		}
		st.LastSuccess = timeOf(at)
		if st.Part, err = inventory.DecodePart(st.Collector, chunks(ctx, conn, target, st.Collector)); err != nil {
			log.Warn("a last answer cannot be read", "collector", st.Collector, "err", err)
			continue
		}
		all = append(all, st)
	}
	return all, rows.Err()
}

func chunks(ctx context.Context, conn *sql.Conn, target int64, collector string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rows, err := conn.QueryContext(ctx, `SELECT data FROM chunks WHERE target = ? AND collector = ? ORDER BY number`, target, collector)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var chunk []byte
			if err := rows.Scan(&chunk); !yield(chunk, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}
