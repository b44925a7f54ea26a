package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cloudip_exporter/simulator/estate"
)

// novaRoutes are the compute API's, with and without the project in the path.
func novaRoutes(service string) []route {
	r := func(method, pattern, action, empty string, handle func(*call) reply) route {
		return route{method: method, service: service, pattern: pattern, family: famNova, action: action, empty: empty, handle: novaVersioned(handle)}
	}
	var rows []route
	for _, base := range []string{"/v2.1/{pid}", "/v2/{pid}", "/v2.1"} {
		rows = append(rows,
			r(http.MethodGet, base+"/servers/detail", "ecs:servers:list", "servers", getServersDetail),
			r(http.MethodGet, base+"/servers", "ecs:servers:list", "servers", getServers),
			r(http.MethodGet, base+"/servers/{id}", "ecs:servers:get", "", getServer),
			r(http.MethodGet, base+"/servers/{id}/ips", "ecs:serverIps:list", "", getServerIPs),
			r(http.MethodGet, base+"/servers/{id}/ips/{key}", "ecs:serverIps:list", "", getServerIPsOf),
			r(http.MethodGet, base+"/servers/{id}/os-interface", "ecs:serverInterfaces:get", "", getInterfaces),
			r(http.MethodPost, base+"/servers/{id}/action", "ecs:servers:serialConsole", "", postServerAction),
			r(http.MethodPost, base+"/servers/{id}/remote-consoles", "ecs:servers:serialConsole", "", postRemoteConsole),
		)
	}
	root := r(http.MethodGet, "/v2.1", "", "", getNovaVersion)
	root.open = true
	all := r(http.MethodGet, "/", "", "", getNovaVersions)
	all.open = true
	return append(rows, root, all)
}

const (
	novaMaxOpenStack = 93 // minor version
	novaMaxHuawei    = 60 // OTC: "Listing API versions"
)

// minor is the microversion's second number; 2.1 without a header.
func (k *call) minor() (int, bool) {
	text := k.req.Header.Get("X-OpenStack-Nova-API-Version")
	if v, found := strings.CutPrefix(k.req.Header.Get("OpenStack-API-Version"), "compute "); found {
		text = v
	}
	switch text {
	case "":
		return 1, true
	case "latest":
		return k.novaMax(), true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(text, "2."))
	return n, err == nil && n >= 1 && n <= k.novaMax()
}

func (k *call) novaMax() int {
	if k.cloud.huawei() {
		return novaMaxHuawei
	}
	return novaMaxOpenStack
}

// novaVersioned refuses microversions that are not there and names the one used.
func novaVersioned(handle func(*call) reply) func(*call) reply {
	return func(k *call) reply {
		minor, good := k.minor()
		if !good {
			asked := cmp.Or(k.req.Header.Get("X-OpenStack-Nova-API-Version"), strings.TrimPrefix(k.req.Header.Get("OpenStack-API-Version"), "compute "))
			return novaError(http.StatusNotAcceptable, "computeFault", fmt.Sprintf("Version %s is not supported by the API. Minimum is 2.1 and maximum is 2.%d.", asked, k.novaMax()))
		}
		version := "2." + strconv.Itoa(minor)
		return handle(k).with("X-OpenStack-Nova-API-Version", version).with("OpenStack-API-Version", "compute "+version).with("Vary", "X-OpenStack-Nova-API-Version")
	}
}

// visibleServers are those of the session's project, or of all.
func (k *call) visibleServers(all bool) []*estate.Server {
	var seen []*estate.Server
	for _, s := range k.cloud.estate.Servers {
		if !s.Absent && (all || s.Project == k.who.project) {
			seen = append(seen, s)
		}
	}
	return seen
}

// server is the one that the path names.
func (k *call) server() *estate.Server {
	for _, s := range k.visibleServers(k.who.admin()) {
		if s.ID == k.vars["id"] {
			return s
		}
	}
	return nil
}

func (k *call) noServer() reply {
	return novaError(http.StatusNotFound, "itemNotFound", "Instance "+k.vars["id"]+" could not be found.")
}

func getServersDetail(k *call) reply { return k.serverPage("/servers/detail", k.serverObject) }

func getServers(k *call) reply {
	return k.serverPage("/servers", func(s *estate.Server) object {
		return object{{"id", s.ID}, {"name", s.Name}, {"links", k.serverLinks(s)}}
	})
}

// serverLimit is the page size: without limit Huawei Cloud and OTC give 25,
// OpenStack 1000.
func (k *call) serverLimit() (int, *reply) {
	limit := 1000
	if k.cloud.huawei() {
		limit = 25
	}
	if s := k.query.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			bad := novaError(http.StatusBadRequest, "badRequest", fmt.Sprintf("Invalid input for query parameters limit. Value: %s.", s))
			return 0, &bad
		}
		limit = min(n, 1000)
	}
	return k.cap(limit), nil
}

// serverPage lists servers newest first.
func (k *call) serverPage(path string, show func(*estate.Server) object) reply {
	limit, bad := k.serverLimit()
	if bad != nil {
		return *bad
	}
	all := isTrue(k.query.Get("all_tenants"))
	if all && !k.who.admin() {
		return k.forbidden(famNova, "os_compute_api:servers:detail:get_all_tenants")
	}
	var some []*estate.Server
	for _, s := range k.visibleServers(all) {
		if k.serverFits(s) {
			some = append(some, s)
		}
	}
	marker := k.query.Get("marker")
	page, found := pageOf(some, func(s *estate.Server) string { return s.ID }, marker, limit, true)
	if !found {
		return novaError(http.StatusBadRequest, "badRequest", "marker ["+marker+"] not found")
	}
	list := []object{}
	for _, s := range page {
		list = append(list, show(s))
	}
	out := object{{"servers", list}}
	if len(page) > 0 && len(page) == limit {
		q := url.Values{}
		for name, values := range k.query {
			q[name] = values
		}
		q.Set("marker", page[len(page)-1].ID)
		href := k.computeURL() + path + "?" + q.Encode()
		out = append(out, field{"servers_links", []object{{{"rel", "next"}, {"href", href}}}})
	}
	return ok(out)
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }

// serverFits applies the filters; tags count only from 2.26 on, below they are
// dropped without a word and everything comes back.
func (k *call) serverFits(s *estate.Server) bool {
	minor, _ := k.minor()
	if tags := k.query.Get("tags"); tags != "" && minor >= 26 {
		for t := range strings.SplitSeq(tags, ",") {
			if !slices.Contains(s.Tags, t) {
				return false
			}
		}
	}
	for t := range strings.SplitSeq(k.query.Get("not-tags"), ",") {
		if t != "" && minor >= 26 && slices.Contains(s.Tags, t) {
			return false
		}
	}
	status, name := k.query.Get("status"), k.query.Get("name")
	return (status == "" || strings.EqualFold(status, s.Status)) && strings.Contains(s.Name, name)
}

func getServer(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	return ok(object{{"server", k.serverObject(s)}})
}

func (k *call) computeURL() string {
	base := k.base + "/compute/v2.1"
	if k.cloud.huawei() {
		base = k.base + "/ecs/v2.1/" + k.who.project.ID
	}
	return base
}

func (k *call) serverLinks(s *estate.Server) []object {
	return []object{{{"rel", "self"}, {"href", k.computeURL() + "/servers/" + s.ID}}, {{"rel", "bookmark"}, {"href", k.computeURL() + "/servers/" + s.ID}}}
}

func getNovaVersions(k *call) reply {
	return ok(object{{"versions", []object{k.novaVersion()}}})
}

func getNovaVersion(k *call) reply {
	return ok(object{{"version", k.novaVersion()}})
}

// novaVersion has links, by which clients find the address of the version.
func (k *call) novaVersion() object {
	href := []object{{{"rel", "self"}, {"href", k.at + "/v2.1/"}}}
	return object{
		{"id", "v2.1"}, {"status", "CURRENT"}, {"version", "2." + strconv.Itoa(k.novaMax())}, {"min_version", "2.1"}, {"updated", "2013-07-23T11:33:21Z"}, {"links", href},
	}
}
