package web

import (
	"encoding/json"
	"html"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

func (f *fixture) json(path string, status int, to any) {
	f.t.Helper()
	got := f.get(path)
	check.Equal(f.t, path+": status of "+got.body, status, got.status)
	check.Has(f.t, path+": content type", got.header.Get("Content-Type"), "application/json")
	check.OK(f.t, json.Unmarshal([]byte(got.body), to))
}

func TestNoRouteTakesAnotherMethodOrChangesACloud(t *testing.T) {
	f := serve(t, func(o *Options) { o.EnableLifecycle = true }).ready()
	paths := map[string]string{
		"/": "GET", "/metrics": "GET", "/probe?cloud=sim-otc": "GET", "/sd/targets": "GET", "/sd/servers": "GET",
		"/api/v1/subnets": "GET", "/api/v1/ports": "GET", "/api/v1/servers": "GET", "/api/v1/address-groups": "GET",
		"/api/v1/private-ips": "GET", "/api/v1/lookup?ip=10.0.0.1": "GET", "/-/healthy": "GET", "/-/ready": "GET",
		"/-/reload": "POST", "/style.css": "GET", "/targets": "GET", "/subnet?subnet_id=x": "GET", "/address?ip=10.0.0.1": "GET",
	}
	f.get("/nothing")
	before := slices.Sorted(maps.Keys(metrictest.Text(t, []byte(f.get("/metrics").body))))
	for path, right := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"} {
			got := f.do(method, path)
			if method == right {
				if got.status == http.StatusMethodNotAllowed {
					t.Errorf("%s %s is refused", method, path)
				}
				continue
			}
			if got.status != http.StatusMethodNotAllowed || !strings.Contains(got.header.Get("Allow"), right) {
				t.Errorf("%s %s: status %d, Allow %q, want 405 that allows %s", method, path, got.status, got.header.Get("Allow"), right)
			}
		}
	}
	check.Equal(t, "series", before, slices.Sorted(maps.Keys(metrictest.Text(t, []byte(f.get("/metrics").body)))))
	for _, r := range slices.Concat(f.otc.Requests(), f.openstack.Requests()) {
		if r.Method != "GET" && r.Auth != "login" {
			t.Errorf("a cloud was asked to %s %s", r.Method, r.Path)
		}
	}
}

func TestReadyOnceTheFirstCollectionEnded(t *testing.T) {
	f := serve(t)
	check.Equal(t, "ready before", http.StatusServiceUnavailable, f.get("/-/ready").status)
	check.Equal(t, "healthy", http.StatusOK, f.get("/-/healthy").status)
	f.ready()
	for range 100 { // the runner is ready a moment after the last collection
		if f.get("/-/ready").status == http.StatusOK {
			return
		}
	}
	t.Error("not ready after the first collection")
}

func TestTelemetryPath(t *testing.T) {
	_, err := withMetrics((&server{}).routes(nil, newGate(1)), "/numbers/", nil)
	check.OK(t, err)
	for _, path := range []string{"", "metrics", "/probe", "/-/ready", "/a b", "/{x}", "/debug/pprof/x", "//x", "/a/../b", "/a//", "/."} {
		if _, err := withMetrics((&server{}).routes(nil, newGate(1)), path, nil); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
}

func TestServersForServiceDiscovery(t *testing.T) {
	f := serve(t).ready()
	var with, without []group
	f.json("/sd/servers?port=9100&cloud=sim-openstack", 200, &with)
	f.json("/sd/servers?cloud=sim-openstack", 200, &without)
	got, want := map[string]group{}, map[string]group{}
	for i, g := range with {
		slices.Sort(g.Targets)
		got[g.Labels["__meta_cloudip_server_id"]] = g
		for at, target := range without[i].Targets { // IPv6 in brackets, too
			without[i].Targets[at] = target + ":9100"
		}
		slices.Sort(without[i].Targets)
	}
	for _, s := range f.openstack.Truth().Servers {
		if len(s.Addresses) == 0 {
			continue // it has no group
		}
		g := group{Labels: map[string]string{
			"__meta_cloudip_cloud": "sim-openstack", "__meta_cloudip_project": "admin", "__meta_cloudip_server_id": s.ID, "__meta_cloudip_server_name": s.Name,
			"__meta_cloudip_kind": s.Kind, "__meta_cloudip_status": s.Status, "__meta_cloudip_flavor": s.Flavor,
		}}
		for _, a := range s.Addresses {
			g.Targets = append(g.Targets, net.JoinHostPort(a.Address, "9100"))
		}
		slices.Sort(g.Targets)
		want[s.ID] = g
	}
	check.Equal(t, "groups", want, got)
	check.Equal(t, "groups without the port", with, without)
	for _, port := range []string{"0", "-1", "65536", "http", "", "9100&port=9101"} {
		check.Equal(t, "port "+port, http.StatusBadRequest, f.get("/sd/servers?port="+port).status)
	}
}

func TestServiceDiscoveryIsAnErrorWhileNoServersAreKnown(t *testing.T) {
	t.Parallel()
	f := serve(t)
	check.Equal(t, "before the first collection", http.StatusServiceUnavailable, f.get("/sd/servers").status)
	f.openstack.Fault(simtest.Fault{Path: "/servers", Status: http.StatusInternalServerError})
	f.ready()
	got := f.get("/sd/servers")
	check.Equal(t, "status without the servers of one cloud", http.StatusServiceUnavailable, got.status) // a list would end their scraping
	check.Has(t, "without the servers of one cloud", got.body, "sim-openstack")
	var groups []group
	f.json("/sd/servers?cloud=sim-otc", 200, &groups)
	check.Equal(t, "the other's are hidden", false, len(groups) == 0)
}

// crawl follows the links of the pages from the start, and tells of those that lead
// nowhere; of links that differ in the values of their parameters alone, so many.
func (f *fixture) crawl(start string, alike int) (kinds map[string]int) {
	f.t.Helper()
	link := regexp.MustCompile(` href="([^"]*)"`)
	kinds = map[string]int{}
	seen, queue := map[string]bool{}, []string{start}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		got := f.get(at, "X-Prometheus-Scrape-Timeout-Seconds", "5")
		check.Equal(f.t, at+": status", http.StatusOK, got.status)
		if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			continue
		}
		base, err := url.Parse(at)
		check.OK(f.t, err)
		for _, bad := range []string{"<script", " style=", "javascript:", "http://", "https://", `="/`} {
			check.Lacks(f.t, at, got.body, bad)
		}
		for _, m := range link.FindAllStringSubmatch(got.body, -1) {
			to, err := base.Parse(html.UnescapeString(m[1]))
			if err != nil {
				f.t.Errorf("%s: link %q: %v", at, m[1], err)
				continue
			}
			if id := to.Fragment; id != "" && (to.RequestURI() == base.RequestURI() || m[1][0] == '#') && !strings.Contains(got.body, ` id="`+id+`"`) {
				f.t.Errorf("%s: nothing is at the link %q", at, m[1])
			}
			kind := to.Path + " " + strings.Join(slices.Sorted(maps.Keys(to.Query())), " ")
			if next := to.RequestURI(); !seen[next] && kinds[kind] < alike {
				seen[next] = true
				kinds[kind]++
				queue = append(queue, next)
			}
		}
	}
	return kinds
}

func TestNoLinkOfAPageIsDead(t *testing.T) {
	prefixes := map[string]int{"/below/here": 30, "": 3} // the same pages, whose links can also climb too far
	if testing.Short() {
		prefixes = map[string]int{"/below/here": 2}
	}
	for prefix, alike := range prefixes {
		kinds := serve(t, func(o *Options) { o.RoutePrefix = prefix }).ready().crawl(prefix+"/", alike)
		for _, want := range []string{"/subnet cloud project subnet_id", "/vpc cloud project vpc_id", "/address ip", "/targets ", "/vpcs ", "/metrics ", "/probe cloud project", "/api/v1/ports cloud format project subnet_id"} {
			if kinds[prefix+want] == 0 {
				t.Errorf("no link leads to %s", prefix+want)
			}
		}
	}
}

func TestEverythingIsBelowTheRoutePrefix(t *testing.T) {
	f := serve(t, func(o *Options) { o.RoutePrefix = "/ips/"; o.ExternalURL, _ = url.Parse("https://example.org/proxy/") }).ready()
	for path, want := range map[string]int{"/ips/": 200, "/ips": 404, "/": 404, "/metrics": 404, "/ips/metrics": 200, "/ipsx": 404, "/ips/api/v1/subnets": 200, "/ips/-/healthy": 200, "/-/healthy": 404, "/ips//": 404, "/ips//metrics": 404, "/ips/x/../metrics": 404} {
		check.Equal(t, path, want, f.get(path).status)
	}
	var groups []group
	f.json("/ips/sd/targets", 200, &groups)
	check.Equal(t, "host of the external URL", "example.org", groups[0].Targets[0])
	check.Equal(t, "path of the external URL", "/proxy/probe", groups[0].Labels["__metrics_path__"])
	f = serve(t, func(o *Options) { o.RoutePrefix = "/ips/" })
	f.json("/ips/sd/targets", 200, &groups)
	check.Equal(t, "path without an external URL", "/ips/probe", groups[0].Labels["__metrics_path__"])
}
