package web

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"cloudip_exporter/inventory"
)

const searchMax = 200 // bytes

// filter is what the page is narrowed by, and what it could be narrowed by.
type filter struct {
	Q, Cloud, Project string
	Clouds, Projects  []string
	Error             string

	words    []string // of Q, in lower case: all must be found
	prefixes []netip.Prefix
}

// newFilter reads the query and picks the targets to show, none when it makes
// no sense. An empty parameter is one that the form was sent without.
func newFilter(query url.Values, snaps []*inventory.Snapshot) (filter, []*inventory.Snapshot) {
	f := filter{Q: strings.TrimSpace(query.Get("q")), Cloud: query.Get("cloud"), Project: query.Get("project")}
	for _, snap := range snaps {
		f.Clouds, f.Projects = append(f.Clouds, snap.Cloud), append(f.Projects, snap.Project)
	}
	slices.Sort(f.Clouds)
	slices.Sort(f.Projects)
	f.Clouds, f.Projects = slices.Compact(f.Clouds), slices.Compact(f.Projects)
	f.Projects = slices.DeleteFunc(f.Projects, func(p string) bool { return p == "" }) // not known yet

	chosen, err := choose(snaps, given(query))
	if _, repeated := one(query, "q"); err == nil {
		err = repeated
	}
	if err == nil && len(f.Q) > searchMax {
		f.Q, err = "", errors.New("the text to search for is too long")
	}
	if err != nil {
		f.Error = err.Error()
		return f, nil
	}
	f.words = strings.Fields(strings.ToLower(f.Q))
	f.prefixes = make([]netip.Prefix, len(f.words))
	for i, w := range f.words {
		f.prefixes[i] = prefixOf(w)
	}
	return f, chosen
}

// Active reports whether anything is left out.
func (f *filter) Active() bool { return f.Q+f.Cloud+f.Project != "" }

// JSON is where the whole list of a kind is, of the same targets.
func (f *filter) JSON(kind string) string {
	query := given(url.Values{"cloud": {f.Cloud}, "project": {f.Project}})
	if len(query) == 0 {
		return "/api/v1/" + kind
	}
	return "/api/v1/" + kind + "?" + query.Encode()
}

// given leaves out the empty ones of the parameters cloud and project.
func given(query url.Values) url.Values {
	left := url.Values{}
	for _, name := range []string{"cloud", "project"} {
		if values := query[name]; len(values) > 1 || len(values) == 1 && values[0] != "" {
			left[name] = values
		}
	}
	return left
}

// prefixOf reads an address or a CIDR, else returns the zero prefix.
func prefixOf(s string) netip.Prefix {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
	}
	return netip.Prefix{}
}

// matches reports whether each word is found in the row: as a part of a text or,
// where the word is an address or a CIDR, in the prefix of the row.
func (f *filter) matches(r *pageRow) bool {
	if len(f.words) == 0 {
		return true
	}
	var prefix netip.Prefix
	if at := r.table.Key("cidr"); at >= 0 {
		prefix = prefixOf(r.Text("cidr"))
	}
	for i, w := range f.words {
		found := prefix.Overlaps(f.prefixes[i]) ||
			slices.ContainsFunc(r.table.search, func(key string) bool { return strings.Contains(strings.ToLower(r.Text(key)), w) })
		if !found {
			return false
		}
	}
	return true
}
