// Package api answers /api/v1: listings of what was collected last, and who holds an
// address. It asks no cloud.
package api

import (
	"errors"
	"io"
	"net/http"
	"time"

	"cloudip_exporter/inventory"
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
	return routes
}

// unavailable is an error that says that nobody can answer now.
type unavailable struct{ error }

// Handler returns the handler of a route.
func (a *API) Handler(r Route) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		q, err := ask(request, r.params, a.Snapshots())
		if err == nil {
			err = r.answer(a, w, q)
		}
		if err != nil {
			status := http.StatusBadRequest
			if _, is := errors.AsType[unavailable](err); is {
				status = http.StatusServiceUnavailable
			}
			start(w, status, "text/plain; charset=utf-8")
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
				c.LastSuccess = new(st.LastSuccess.UTC())
			}
			all = append(all, c)
		}
	}
	return all
}
