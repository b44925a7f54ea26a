package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"cloudip_exporter/inventory"
)

// items emits what a snapshot holds of one kind, each with the names of the
// metric labels as its keys.
type items func(snap *inventory.Snapshot, emit func(any))

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

// list serves the items of all targets, or of those that the parameters cloud
// and project name. It shows what was collected last and asks no cloud.
func (s *server) list(of items) http.HandlerFunc {
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
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Cache-Control", "no-store")
		_ = writeItems(w, snaps, of) // an error means that the client has gone
	}
}

// writeItems writes item by item: a million ports need no second copy.
func writeItems(w io.Writer, snaps []*inventory.Snapshot, of items) error {
	out := &jsonArray{w: w}
	out.text(`{"items":[`)
	for _, snap := range snaps {
		of(snap, out.element)
	}
	out.text(`],"collections":`)
	out.value(collections(snaps))
	out.text("}\n")
	return out.err
}

// jsonArray writes JSON until the first error.
type jsonArray struct {
	w     io.Writer
	began bool
	err   error
}

func (a *jsonArray) text(s string) {
	if a.err == nil {
		_, a.err = io.WriteString(a.w, s)
	}
}

func (a *jsonArray) value(v any) {
	if a.err != nil {
		return
	}
	var b []byte
	if b, a.err = json.Marshal(v); a.err == nil {
		_, a.err = a.w.Write(b)
	}
}

func (a *jsonArray) element(v any) {
	if a.began {
		a.text(",\n")
	}
	a.began = true
	a.value(v)
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
