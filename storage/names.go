package storage

import (
	"context"
	"database/sql"
	"time"

	"cloudip_exporter/inventory"
)

// names finds the names of that time.
type names struct {
	find  *sql.Stmt
	known map[nameKey][]nameSince
}

func newNames(ctx context.Context, conn *sql.Conn) (*names, error) {
	find, err := conn.PrepareContext(ctx, `SELECT since, name FROM names WHERE target = ? AND item = ? ORDER BY since`)
	return &names{find, map[nameKey][]nameSince{}}, err
}

type nameKey struct {
	target int64
	item   inventory.ID
}

// nameSince is a name, and the CIDR of a subnet, from when on it held.
type nameSince struct {
	since int64
	name  string
}

// of sets the names of a tenure: as they were at a time, or when it was seen last.
func (n *names) of(ctx context.Context, target int64, t *Tenure, at time.Time) (err error) {
	if at.IsZero() || at.After(t.LastSeen) {
		at = t.LastSeen
	}
	if t.SubnetName, err = n.at(ctx, nameKey{target, t.Subnet}, at); err == nil {
		t.DeviceName, err = n.at(ctx, nameKey{target, t.Device}, at)
	}
	return err
}

// at returns the name that held at a time, else the first known one.
func (n *names) at(ctx context.Context, key nameKey, at time.Time) (string, error) {
	if key.item.IsZero() {
		return "", nil
	}
	all, ok := n.known[key]
	if !ok {
		rows, err := n.find.QueryContext(ctx, key.target, idValue(key.item))
		if err != nil {
			return "", err
		}
		defer rows.Close()
		for rows.Next() {
			var s nameSince
			if err := rows.Scan(&s.since, &s.name); err != nil {
				return "", err
			}
			all = append(all, s)
		}
		if err := rows.Err(); err != nil {
			return "", err
		}
		n.known[key] = all
	}
	name := ""
	for i, s := range all {
		if i == 0 || s.since <= millis(at) {
			name = s.name
		}
	}
	return name, nil
}
