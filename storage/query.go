package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"cloudip_exporter/inventory"
)

// ParseTime reads a time in RFC 3339 with its zone, one in UTC as tables and pages
// show it, or how long ago it was.
func ParseTime(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil && !t.IsZero() { // the zero time stands for none
			return t, nil
		}
	}
	if ago, err := model.ParseDuration(text); err == nil {
		return now.Add(-time.Duration(ago)), nil
	}
	return time.Time{}, errors.New("give a time such as 2026-11-29T18:00:00Z or 2026-11-29 18:00 (UTC), or a duration ago, such as 7d")
}

// AmbiguousError says that several subnets fit what was asked for.
type AmbiguousError struct {
	Asked      string
	Candidates []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("several subnets fit %q: give one of %s", e.Asked, strings.Join(e.Candidates, ", "))
}

// Subnet finds a subnet that was recorded, in the cloud and the project of q, by its
// id, the beginning of it, its name or its CIDR. What fits none is taken for an id.
func (r *Reader) Subnet(ctx context.Context, asked string, q Query) (inventory.ID, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT DISTINCT item, name, cidr FROM names WHERE cidr <> ''
		AND target IN (SELECT id FROM targets WHERE ?1 IN ('', cloud) AND ?2 IN ('', project)) ORDER BY item`, q.Cloud, q.Project)
	var all []inventory.Candidate
	var item any
	var name, cidr string
	err = each(rows, err, func() {
		all = append(all, inventory.Candidate{ID: idOf(item).String(), Name: name, Prefix: cidr})
	}, &item, &name, &cidr)
	found := inventory.Called(asked, all)
	switch {
	case err != nil || len(found) == 0:
		return inventory.ParseID(asked), err
	case len(found) == 1:
		return inventory.ParseID(found[0].ID), nil
	}
	e := &AmbiguousError{Asked: asked}
	for _, c := range found {
		e.Candidates = append(e.Candidates, fmt.Sprintf("%s (%s, %s)", c.ID, c.Name, c.Prefix))
	}
	return inventory.ID{}, e
}

// Gap is time in which nobody watched what a collector shows.
type Gap struct {
	Cloud     string    `json:"cloud"`
	Project   string    `json:"project"`
	Collector string    `json:"collector"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
}

// oldestFirst is when the oldest tenure was seen first. Rows are numbered as they are
// written, so that it costs no look at all of them.
const oldestFirst = `SELECT first FROM tenures ORDER BY id LIMIT 1`

// Beginning returns when the record begins: when the oldest tenure was seen first; zero
// where there is none.
func (r *Reader) Beginning(ctx context.Context) (began time.Time, err error) {
	var first int64
	err = r.db.QueryRowContext(ctx, oldestFirst).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) {
		return began, nil
	}
	return timeOf(first), err
}

// Gaps returns the gaps between the times of a query.
func (r *Reader) Gaps(ctx context.Context, q Query) ([]Gap, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT t.cloud, t.project, g.kind, g.since, g.until FROM gaps g JOIN targets t ON t.id = g.target
		WHERE (? = '' OR t.cloud = ?) AND (? = '' OR t.project = ?) ORDER BY t.cloud, t.project, g.since`, q.Cloud, q.Cloud, q.Project, q.Project)
	var all []Gap
	var g Gap
	var kind Kind
	var since, until int64
	err = each(rows, err, func() {
		g.Collector, g.Since, g.Until = kind.Collector(), timeOf(since), timeOf(until)
		after, before := q.Since, q.Until
		if !q.At.IsZero() {
			after, before = q.At, q.At
		}
		if (after.IsZero() || g.Until.After(after)) && (before.IsZero() || !g.Since.After(before)) {
			all = append(all, g)
		}
	}, &g.Cloud, &g.Project, &kind, &since, &until)
	return all, err
}
