package web

import (
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/web/query"
)

// filter is what the page is narrowed by, and what it could be narrowed by.
type filter struct {
	Q, Cloud, Project string
	Clouds, Projects  []string
	Error             string

	words query.Words // of Q
}

// newFilter reads the query and picks the targets to show, none when it makes
// no sense. An empty parameter is one that the form was sent without.
func newFilter(asked query.Values, snaps []*inventory.Snapshot) (filter, []*inventory.Snapshot) {
	f := filter{Q: strings.TrimSpace(asked.Get("q")), Cloud: asked.Get("cloud"), Project: asked.Get("project")}
	for _, snap := range snaps {
		f.Clouds, f.Projects = append(f.Clouds, snap.Cloud), append(f.Projects, snap.Project)
	}
	slices.Sort(f.Clouds)
	slices.Sort(f.Projects)
	f.Clouds, f.Projects = slices.Compact(f.Clouds), slices.Compact(f.Projects)
	f.Projects = slices.DeleteFunc(f.Projects, func(p string) bool { return p == "" }) // not known yet

	chosen, err := given(asked.Values).Snapshots(snaps)
	if _, repeated := asked.One("q"); err == nil {
		err = repeated
	}
	if err == nil {
		f.words, err = query.ParseWords(f.Q)
	}
	if err != nil {
		f.Q, f.Error = "", err.Error()
		return f, nil
	}
	return f, chosen
}

// Active reports whether anything is left out.
func (f *filter) Active() bool { return f.Q+f.Cloud+f.Project != "" }

// JSON is where the whole list of a kind is, of the same targets.
func (f *filter) JSON(kind string) string {
	only := given(url.Values{"cloud": {f.Cloud}, "project": {f.Project}})
	if len(only.Values) == 0 {
		return "/api/v1/" + kind
	}
	return "/api/v1/" + kind + "?" + only.Encode()
}

// given leaves out the empty ones of the parameters cloud and project.
func given(asked url.Values) query.Values {
	left := url.Values{}
	for _, name := range []string{"cloud", "project"} {
		if values := asked[name]; len(values) > 1 || len(values) == 1 && values[0] != "" {
			left[name] = values
		}
	}
	return query.Values{Values: left}
}
