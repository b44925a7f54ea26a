package api

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
	"cloudip_exporter/web/query"
)

// lookup answers who holds an address: 404 when nobody does, with what is known of
// its subnet and groups, and 503 where nobody can say: no holder is known, and the
// ports of a target are not.
func (a *API) lookup(w http.ResponseWriter, q *question) error {
	if !q.ip.IsValid() {
		return errors.New("the parameter ip is missing: ask /api/v1/lookup?ip=ADDRESS")
	}
	status := http.StatusNotFound
	if len(query.Unknown(q.snaps, inventory.PortData{}.Collector())) > 0 {
		status = http.StatusServiceUnavailable
	}
	last := sync.OnceValue(func() map[[2]string]string { return a.lastHolders(q) })
	var found []rows.Row
	for _, snap := range q.snaps {
		result := snap.Lookup(q.ip)
		if !result.Known() {
			continue
		}
		if result.Held() {
			status = http.StatusOK
		}
		for _, row := range rows.Found(&result) {
			if !result.Held() {
				row.LastHolder = last()[[2]string{row.Cloud, row.Project}]
			}
			found = append(found, row.Values())
		}
	}
	start(w, status, "application/json; charset=utf-8")
	_ = writeJSON(w, q, rows.AddressKeys(), slices.Values(found), nil) // an error means that the client has gone
	return nil
}

// Recorded is what the daemon remembers.
type Recorded interface {
	Reader() (*storage.Reader, error)
	IdleSince(cloud, project string) inventory.IdleSince
}

// idle finds the addresses that nothing uses, for as long as is asked for.
func idle(l *listing, a *API, q *question) (iter.Seq[rows.Row], error) {
	l.Listing = rows.Idle(func(s *inventory.Snapshot) inventory.IdleSince { return a.Recorded.IdleSince(s.Cloud, s.Project) }, q.idleFor, time.Now())
	return nil, nil
}

// history finds who held which address, from when to when. Targets that have left the
// configuration are recorded, too. A failure ends the rows, and stands in q.broken.
func history(_ *listing, a *API, q *question) (iter.Seq[rows.Row], error) {
	r, err := a.Recorded.Reader()
	if err != nil {
		return nil, unavailable{fmt.Errorf("%w: set storage.path, or see in the log why the file cannot be opened", err)}
	}
	q.recorded.Cloud, q.recorded.Project, q.recorded.Device = q.values.Get("cloud"), q.values.Get("project"), inventory.ParseID(q.values.Get("device_id"))
	if subnet := q.values.Get("subnet_id"); subnet != "" {
		q.recorded.Subnet, err = r.Subnet(q.ctx, subnet, q.recorded)
		if _, several := errors.AsType[*storage.AmbiguousError](err); several {
			return nil, err
		}
	}
	q.equal = nil // a subnet may be called by its name
	if err == nil {
		q.gaps, err = r.Gaps(q.ctx, q.recorded)
	}
	if err == nil {
		q.begins, err = r.Beginning(q.ctx)
	}
	if err != nil {
		return nil, unreadable
	}
	if q.gaps == nil {
		q.gaps = []storage.Gap{}
	}
	return func(yield func(rows.Row) bool) {
		for t, err := range r.History(q.ctx, q.recorded) {
			if err != nil {
				q.broken = unreadable
				return
			}
			if !yield(t.Row()) {
				return
			}
		}
	}, nil
}

var unreadable = unavailable{errors.New("the storage cannot be read")}

func readTime(t *time.Time, text string) (err error) {
	*t, err = storage.ParseTime(text, time.Now())
	return err
}

// readIdleFor reads how long at least an address must have been idle.
func (q *question) readIdleFor(text string) error {
	d, err := model.ParseDuration(text)
	if err != nil || d == 0 {
		return errors.New("give a duration, such as 30d")
	}
	q.idleFor = time.Duration(d)
	return nil
}

// lastHolders says who held the address last, by cloud and project, as far as it is
// recorded: without that the answer is no worse.
func (a *API) lastHolders(q *question) map[[2]string]string {
	r, err := a.Recorded.Reader()
	if err != nil {
		return nil
	}
	said, _ := r.LastHoldersOf(q.ctx, q.ip)
	return said
}
