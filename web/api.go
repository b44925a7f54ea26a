package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

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

// list serves a listing of all targets, or of those that the parameters cloud and
// project name. It shows what was collected last and asks no cloud.
func (s *server) list(l *rows.Listing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query, err := parseQuery(r)
		if err != nil {
			plain(w, http.StatusBadRequest, err.Error())
			return
		}
		snaps, err := choose(s.Runner.Snapshots(), query)
		if err != nil {
			plain(w, http.StatusBadRequest, err.Error())
			return
		}
		startJSON(w, http.StatusOK)
		_ = writeRows(w, snaps, l.Keys, rowsOf(snaps, l)) // an error means that the client has gone
	}
}

// choose picks the snapshots of the targets that the parameters cloud and
// project name, all without them. Unknown names are an error.
func choose(snaps []*inventory.Snapshot, query url.Values) ([]*inventory.Snapshot, error) {
	cloud, err := one(query, "cloud")
	if err != nil {
		return nil, err
	}
	project, err := one(query, "project")
	if err != nil {
		return nil, err
	}
	var found []*inventory.Snapshot
	for _, snap := range snaps {
		if (!query.Has("cloud") || snap.Cloud == cloud) && (!query.Has("project") || snap.Project == project) {
			found = append(found, snap)
		}
	}
	if len(found) == 0 && (query.Has("cloud") || query.Has("project")) {
		return nil, fmt.Errorf("no target has the cloud %q and the project %q", cloud, project)
	}
	return found, nil
}
