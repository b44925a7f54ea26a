package pages

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/storage"
	"cloudip_exporter/web/query"
)

// Options are what the pages show.
type Options struct {
	Snapshots func() []*inventory.Snapshot
	History   func() (*storage.Reader, error)
	IdleSince func(cloud, project string) inventory.IdleSince
	Ready     func() bool          // whether the first collection has ended
	MaxStale  func() time.Duration // how old data may be before no page is green
	Version   string
	Metrics   string // path of the metrics, relative to the pages
	Logger    *slog.Logger
	Now       func() time.Time
}

// Frame is what all pages have around their content.
type Frame struct {
	Title     string
	Nav       string // the page of the menu that this is, or belongs to
	Made      time.Time
	Status    status
	Lookup    string // the address in the form
	Refreshes bool
	Switch    string // a link that stops or begins the refreshing
	Error     string // what is wrong with the question
	Filter    filter
}

type filter struct {
	Q, Cloud, Project, State, List, Sort string
	Clouds, Projects                     []string
	Active                               bool
}

type view struct {
	*Options
	*Frame
	context context.Context
	asked   query.Values          // without the empty ones, that a form was sent without
	all     []*inventory.Snapshot // of all targets
	chosen  []*inventory.Snapshot // of those that cloud and project name
	words   query.Words
	now     time.Time
	code    int    // the status of the answer
	csv     *sheet // what the answer is instead of a page
}

// newView reads the query. Where it makes no sense, the page says so and shows what
// it can.
func newView(o *Options, r *http.Request) *view {
	now := o.Now()
	v := &view{Options: o, context: r.Context(), all: o.Snapshots(), now: now.UTC(), code: http.StatusOK}
	asked, err := query.Parse(r)
	v.asked = query.Values{Values: url.Values{}}
	for name, values := range asked.Values {
		switch text := strings.TrimSpace(values[0]); { // people paste blanks as well
		case len(values) > 1:
			err = fmt.Errorf("the parameter %s is repeated", visible(name))
		case text != "":
			v.asked.Set(name, text)
		}
	}
	v.Frame = &Frame{Made: v.now, Status: statusOf(v.all, now, o), Filter: v.filter()}
	if err == nil {
		v.chosen, err = v.asked.Snapshots(v.all)
	}
	if err == nil {
		v.words, err = query.ParseWords(v.get("q"))
	}
	if err != nil {
		v.fail(err)
	}
	v.Refreshes = v.get("refresh") != "off"
	v.Switch = v.with("refresh", "off")
	if !v.Refreshes {
		v.Switch = v.with("refresh", "")
	}
	return v
}

func (v *view) filter() filter {
	f := filter{Q: v.get("q"), Cloud: v.get("cloud"), Project: v.get("project"), State: v.get("state"), List: v.get("list"), Sort: v.get("sort")}
	for _, snap := range v.all {
		f.Clouds = append(f.Clouds, snap.Cloud)
		if snap.Project != "" { // else it is not known yet
			f.Projects = append(f.Projects, snap.Project)
		}
	}
	slices.Sort(f.Clouds)
	slices.Sort(f.Projects)
	f.Clouds, f.Projects = slices.Compact(f.Clouds), slices.Compact(f.Projects)
	f.Active = f.Q+f.Cloud+f.Project+f.State != ""
	return f
}

// At is what was asked for in the form of a time.
func (v *view) At() string { return v.get("at") }

// get returns a parameter, "" when it is not given.
func (v *view) get(name string) string { return v.asked.Get(name) }

// fail makes the page say what is wrong with the question: the first fault.
func (v *view) fail(err error) {
	if v.Error == "" {
		v.code, v.Error = http.StatusBadRequest, reason(err)
	}
}

// missing makes the answer a 404, where the question was right.
func (v *view) missing(title string) bool {
	if v.Title = title; v.code == http.StatusOK {
		v.code = http.StatusNotFound
	}
	return true
}

// form says that some parameters come from a form. A page with a form that is filled
// in does not refresh: that would take away what somebody is typing.
func (v *view) form(names ...string) {
	for _, name := range names {
		if v.asked.Has(name) {
			v.Refreshes, v.Switch = false, ""
		}
	}
}

// with is a link to this page with other values of some parameters, given in pairs;
// an empty value takes a parameter away.
func (v *view) with(pairs ...string) string { return "?" + encoded(maps.Clone(v.asked.Values), pairs) }

// link is a relative link to a page with parameters, given in pairs; empty ones are
// left out.
func link(path string, pairs ...string) string {
	if query := encoded(url.Values{}, pairs); query != "" {
		return path + "?" + query
	}
	return path
}

func encoded(values url.Values, pairs []string) string {
	for i := 0; i < len(pairs); i += 2 {
		if values.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			values.Del(pairs[i])
		}
	}
	return values.Encode()
}

// subnetOf is a subnet of a target by its id and IP version, "" for either; nil where no
// listing has it.
func subnetOf(snap *inventory.Snapshot, id, version string) *inventory.Subnet {
	subnets, wanted := snap.KnownSubnets(), inventory.ParseID(id)
	for i := range subnets {
		if s := &subnets[i]; s.ID == wanted && (version == "" || s.IPVersion() == version) {
			return s
		}
	}
	return nil
}

func subnetLink(cloud, project, id, version string) string {
	if version == "4" {
		version = ""
	}
	return link("subnet", "cloud", cloud, "project", project, "subnet_id", id, "ip_version", version)
}

// vpcLink is a link to the page of a VPC or a subnet pool, "" where no listing has it.
func vpcLink(snap *inventory.Snapshot, id string) string {
	wanted := inventory.ParseID(id)
	if !slices.ContainsFunc(snap.Areas(), func(a inventory.Area) bool { return a.ID == wanted }) {
		return ""
	}
	return link("vpc", "cloud", snap.Cloud, "project", snap.Project, "vpc_id", id)
}

// unnamed says why a device has no name, "" where it has one.
func unnamed(snap *inventory.Snapshot, holder, name string) string {
	servers, virtual := snap.State("servers"), func(s inventory.Server) bool { return !s.BareMetal }
	if name != "" || holder != inventory.HolderServer.String() || servers == nil || !servers.Success || slices.ContainsFunc(inventory.Of[inventory.ServerData](snap), virtual) {
		return ""
	}
	return "Virtual servers have no name where bare-metal ones alone are collected: servers: all in the configuration collects both."
}

func addressLink(address string) string { return link("address", "ip", address) }
