// Package query reads the queries of requests strictly, and finds the targets and
// the rows that they ask for.
package query

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
)

// Values are the parameters of a query.
type Values struct{ url.Values }

// Parse reads the query of a request. net/http drops what it cannot read, which
// would make a malformed question another question; here it is an error.
func Parse(r *http.Request) (Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Values{url.Values{}}, errors.New("the query of the URL is malformed")
	}
	return Values{values}, nil
}

// One returns a parameter that is given at most once, "" when it is not given.
func (v Values) One(name string) (string, error) {
	switch given := v.Values[name]; len(given) {
	case 0:
		return "", nil
	case 1:
		return given[0], nil
	}
	return "", fmt.Errorf("the parameter %s is repeated", name)
}

// Target returns the parameters cloud and project, each given at most once.
func (v Values) Target() (cloud, project string, err error) {
	if cloud, err = v.One("cloud"); err == nil {
		project, err = v.One("project")
	}
	return cloud, project, err
}

// Snapshots picks the snapshots of the targets that the parameters cloud and
// project name, all where these are empty or missing. Unknown names are an error.
func (v Values) Snapshots(snaps []*inventory.Snapshot) ([]*inventory.Snapshot, error) {
	cloud, project, err := v.Target()
	if err != nil {
		return nil, err
	}
	var found []*inventory.Snapshot
	for _, snap := range snaps {
		if (cloud == "" || snap.Cloud == cloud) && (project == "" || snap.Project == project) {
			found = append(found, snap)
		}
	}
	if len(found) > 0 || cloud+project == "" {
		return found, nil
	}
	var asked []string
	for _, name := range []string{"cloud", "project"} {
		if v.Get(name) != "" {
			asked = append(asked, fmt.Sprintf("the %s %q", name, v.Get(name)))
		}
	}
	return nil, errors.New("no target has " + strings.Join(asked, " and "))
}

// Unknown returns the snapshots in which a collector is enabled and has no
// answer, so that to show none of its items would not be true. "*" is no such snapshot
// beside the projects of the last list: it says that they cannot be listed now.
func Unknown(snaps []*inventory.Snapshot, collector string) []*inventory.Snapshot {
	var unknown []*inventory.Snapshot
	for _, snap := range snaps {
		listed := func(s *inventory.Snapshot) bool { return s.Cloud == snap.Cloud && s.Project != "*" }
		if snap.Project == "*" && slices.ContainsFunc(snaps, listed) {
			continue
		}
		if state := snap.State(collector); state != nil && state.Part == nil {
			unknown = append(unknown, snap)
		}
	}
	return unknown
}
