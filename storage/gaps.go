package storage

import (
	"context"
	"database/sql"
	"time"
)

// Gap is time in which nobody watched what a collector shows.
type Gap struct {
	Cloud     string    `json:"cloud"`
	Project   string    `json:"project"`
	Collector string    `json:"collector"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
}

// Beginning returns when the record begins: the first time that an address was seen;
// zero where none was.
func (r *Reader) Beginning(ctx context.Context) (began time.Time, err error) {
	var first sql.NullInt64
	if err = r.db.QueryRowContext(ctx, "SELECT min(first) FROM tenures").Scan(&first); first.Valid {
		began = timeOf(first.Int64)
	}
	return began, err
}

// Gaps returns the gaps between the times of a query.
func (r *Reader) Gaps(ctx context.Context, q Query) ([]Gap, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT t.cloud, t.project, g.kind, g.since, g.until FROM gaps g JOIN targets t ON t.id = g.target
		WHERE (? = '' OR t.cloud = ?) AND (? = '' OR t.project = ?) ORDER BY t.cloud, t.project, g.since`, q.Cloud, q.Cloud, q.Project, q.Project)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Gap
	for rows.Next() {
		var g Gap
		var kind Kind
		var since, until int64
		if err := rows.Scan(&g.Cloud, &g.Project, &kind, &since, &until); err != nil {
			return nil, err
		}
		g.Collector, g.Since, g.Until = kind.Collector(), timeOf(since), timeOf(until)
		after, before := q.Since, q.Until
		if !q.At.IsZero() {
			after, before = q.At, q.At
		}
		if (after.IsZero() || g.Until.After(after)) && (before.IsZero() || !g.Since.After(before)) {
			all = append(all, g)
		}
	}
	return all, rows.Err()
}
