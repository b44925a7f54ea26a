// Package api answers /api/v1: listings of what was collected last, and who holds an
// address. It asks no cloud.
package api

import (
	"io"
	"iter"
	"net/http"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/storage"
)

// API answers from the snapshots that a function returns.
type API struct {
	Snapshots func() []*inventory.Snapshot
	Recorded  Recorded
	sorting   chan struct{} // what holds many rows at once has its turn
}

// New returns an API of snapshots, and of what is recorded of the past.
func New(snapshots func() []*inventory.Snapshot, recorded Recorded) *API {
	return &API{Snapshots: snapshots, Recorded: recorded, sorting: make(chan struct{}, 2)}
}

// Route is one path below /api/v1/, which takes GET.
type Route struct {
	Name, help string
	params     []string
	answer     func(a *API, w http.ResponseWriter, q *question) error // an error is a fault of the question
}

// Routes returns all routes.
func Routes() []Route {
	routes := []Route{{"lookup", "who holds an address", []string{"ip", "cloud", "project"}, (*API).lookup}}
	for _, l := range listings() {
		routes = append(routes, Route{l.Name, l.help, l.params(), l.answer})
	}
	idle := listing{rows.Idle(nil, 0, time.Time{}), "addresses on ports that nothing uses, and since when", []string{"port_id", "address"}, []string{"idle_for", "subnet_id"}}
	past := listing{rows.Listing{Name: "history", Keys: storage.TenureKeys()}, "who held which address, from when to when",
		[]string{"address", "first_seen", "port_id", "private_ip_id", "server_id", "device_id"}, []string{"ip", "subnet_id", "device_id", "since", "until", "at"}}
	free := listing{rows.FreePrefixes(0), "free blocks of VPCs and subnet pools, lowest first", []string{"vpc_id", "subnet_pool_id", "prefix"}, []string{"length", "vpc_id"}}
	overlaps := listing{rows.Listing{Name: "overlaps", Keys: rows.OverlapKeys()}, "pairs of VPCs and subnets whose prefixes overlap, or that overlap the CIDR",
		[]string{"vpc_id", "subnet_id", "cidr", "other_vpc_id", "other_subnet_id", "other_cidr", "other_cloud", "other_project"}, []string{"cidr"}}
	return append(routes, Route{free.Name, free.help, free.params(), free.free}, Route{overlaps.Name, overlaps.help, overlaps.params(), overlaps.overlaps},
		Route{idle.Name, idle.help, idle.params(), idle.idle}, Route{past.Name, past.help, past.params(), past.history})
}

// Handler returns the handler of a route.
func (a *API) Handler(r Route) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		q, err := ask(request, r.params, a.Snapshots())
		if err == nil {
			err = r.answer(a, w, q)
		}
		if err != nil {
			header := w.Header()
			header.Set("Content-Type", "text/plain; charset=utf-8")
			header.Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, err.Error()+"\n") // an error means that the client has gone
		}
	}
}

// collection is how fresh the data of one collector of a target are.
type collection struct {
	Cloud       string     `json:"cloud"`
	Project     string     `json:"project"`
	Collector   string     `json:"collector"`
	Success     bool       `json:"success"`
	LastSuccess *time.Time `json:"last_success"` // null without data
}

func collections(snaps []*inventory.Snapshot) []collection {
	all := []collection{}
	for _, snap := range snaps {
		for _, st := range snap.States {
			c := collection{Cloud: snap.Cloud, Project: snap.Project, Collector: st.Collector, Success: st.Success}
			if !st.LastSuccess.IsZero() {
				at := st.LastSuccess.UTC()
				c.LastSuccess = &at
			}
			all = append(all, c)
		}
	}
	return all
}

// all goes over the rows of all snapshots that the question asks for.
func (q *question) all(l *rows.Listing) iter.Seq[rows.Row] {
	return func(yield func(rows.Row) bool) {
		for _, snap := range q.snaps {
			for row := range l.Rows(snap) {
				if q.fits(l, row) && !yield(row) {
					return
				}
			}
		}
	}
}
