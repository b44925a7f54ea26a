package web

import (
	"encoding/json"
	"errors"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator/simtest"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func (f *fixture) json(path string, status int, to any) {
	f.t.Helper()
	got := f.get(path)
	if got.status != status {
		f.t.Fatalf("%s: status %d, want %d: %s", path, got.status, status, got.body)
	}
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		f.t.Errorf("%s: content type %q", path, kind)
	}
	if err := json.Unmarshal([]byte(got.body), to); err != nil {
		f.t.Fatalf("%s: %v in %s", path, err, got.body)
	}
}

func TestNoRouteTakesAnotherMethodOrChangesACloud(t *testing.T) {
	f := serve(t, lifecycle).ready()
	paths := map[string]string{
		"/": "GET", "/metrics": "GET", "/probe?cloud=sim-otc": "GET", "/sd/targets": "GET", "/sd/servers": "GET",
		"/api/v1/subnets": "GET", "/api/v1/ports": "GET", "/api/v1/servers": "GET", "/api/v1/address-groups": "GET",
		"/api/v1/private-ips": "GET", "/api/v1/lookup?ip=10.0.0.1": "GET", "/-/healthy": "GET", "/-/ready": "GET",
		"/-/reload": "POST", "/style.css": "GET", "/targets": "GET", "/subnet?subnet_id=x": "GET", "/address?ip=10.0.0.1": "GET",
	}
	for path, right := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
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
	for _, r := range slices.Concat(f.otc.Requests(), f.openstack.Requests()) {
		if r.Method != "GET" && r.Auth != "login" {
			t.Errorf("a cloud was asked to %s %s", r.Method, r.Path)
		}
	}
}

func TestEveryAnswerKeepsABrowserHarmless(t *testing.T) {
	f := serve(t)
	for _, path := range []string{"/", "/metrics", "/probe", "/nothing", "/api/v1/ports", "/-/healthy"} {
		header := f.get(path, "X-Prometheus-Scrape-Timeout-Seconds", "0.1").header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if !strings.Contains(header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, header.Get(name))
			}
		}
	}
}

func TestReadyOnceTheFirstCollectionEnded(t *testing.T) {
	f := serve(t)
	if got := f.get("/-/ready"); got.status != http.StatusServiceUnavailable {
		t.Errorf("before: status %d, want 503", got.status)
	}
	if got := f.get("/-/healthy"); got.status != http.StatusOK {
		t.Errorf("healthy: status %d", got.status)
	}
	f.ready()
	for range 100 { // the runner is ready a moment after the last collection
		if f.get("/-/ready").status == http.StatusOK {
			return
		}
	}
	t.Error("not ready after the first collection")
}

func TestReloadAnswersAsItWent(t *testing.T) {
	f := serve(t)
	if got := f.do("POST", "/-/reload"); got.status != http.StatusForbidden || f.reloads.Load() != 0 {
		t.Errorf("without the flag: status %d, %d reloads", got.status, f.reloads.Load())
	}
	f = serve(t, lifecycle)
	if got := f.do("POST", "/-/reload"); got.status != http.StatusOK || f.reloads.Load() != 1 {
		t.Errorf("status %d, %d reloads", got.status, f.reloads.Load())
	}
	f.reloadErr = errors.New("test.yml:3: clouds[0].name: missing")
	if got := f.do("POST", "/-/reload"); got.status != http.StatusInternalServerError || !strings.Contains(got.body, "clouds[0].name") {
		t.Errorf("a bad configuration: status %d, %s", got.status, got.body)
	}
}

func TestProfilesAreServedOnlyWhenAskedFor(t *testing.T) {
	if got := serve(t).get("/debug/pprof/"); got.status != http.StatusNotFound {
		t.Errorf("without the flag: status %d", got.status)
	}
	f := serve(t, func(o *Options) { o.EnablePprof = true })
	if got := f.get("/debug/pprof/goroutine?debug=1"); got.status != http.StatusOK {
		t.Errorf("with the flag: status %d", got.status)
	}
}

func TestTelemetryPath(t *testing.T) {
	f := serve(t, func(o *Options) { o.TelemetryPath = "/numbers" })
	if got := f.get("/numbers", "X-Prometheus-Scrape-Timeout-Seconds", "0.1"); got.status != 200 || !strings.Contains(got.body, "go_goroutines") {
		t.Errorf("/numbers: status %d", got.status)
	}
	if got := f.get("/metrics"); got.status != http.StatusNotFound {
		t.Errorf("/metrics: status %d", got.status)
	}
	if _, err := withMetrics((&server{}).routes(nil, newGate(1)), "/numbers/", nil); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"metrics", "/probe", "/-/ready", "/a b", "/{x}", "/debug/pprof/x", "//x", "/a/../b", "/a//", "/."} {
		if _, err := withMetrics((&server{}).routes(nil, newGate(1)), path, nil); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
}

func TestProbeTargetsForServiceDiscovery(t *testing.T) {
	f := serve(t)
	var groups []group
	f.json("/sd/targets", 200, &groups)
	if len(groups) != 2 {
		t.Fatalf("%d groups, want 2: %v", len(groups), groups)
	}
	want := map[string]string{
		"__metrics_path__": "/probe", "__param_cloud": "sim-otc", "__param_project": "eu-de", "cloud": "sim-otc", "project": "eu-de",
	}
	host := strings.TrimPrefix(f.url, "http://")
	if !slices.Equal(groups[0].Targets, []string{host}) {
		t.Errorf("targets %v, want the host of the request %s", groups[0].Targets, host)
	}
	for name, value := range want {
		if groups[0].Labels[name] != value || len(groups[0].Labels) != len(want) {
			t.Errorf("labels %v, want %v", groups[0].Labels, want)
			break
		}
	}
}

func TestServersForServiceDiscovery(t *testing.T) {
	f := serve(t).ready()
	byID := map[string]group{}
	var groups []group
	f.json("/sd/servers?port=9100", 200, &groups)
	for _, g := range groups {
		byID[g.Labels["__meta_cloudip_server_id"]] = g
	}
	addressed := 0
	for _, s := range f.openstack.Truth().Servers {
		g, found := byID[s.ID]
		if len(s.Addresses) == 0 {
			if found {
				t.Errorf("server %s without address has a group", s.ID)
			}
			continue
		}
		addressed++
		if !found || g.Labels["__meta_cloudip_kind"] != s.Kind || g.Labels["__meta_cloudip_status"] != s.Status ||
			g.Labels["__meta_cloudip_flavor"] != s.Flavor || g.Labels["__meta_cloudip_cloud"] != "sim-openstack" || g.Labels["__meta_cloudip_project"] != "admin" {
			t.Errorf("server %s: %+v", s.ID, g)
		}
		for _, a := range s.Addresses {
			want := a.Address + ":9100"
			if a.IPVersion == "6" {
				want = "[" + a.Address + "]:9100"
			}
			if !slices.Contains(g.Targets, want) {
				t.Errorf("server %s: targets %v, want %s among them", s.ID, g.Targets, want)
			}
		}
	}
	if addressed == 0 {
		t.Error("no server has an address")
	}
	groups = nil
	f.json("/sd/servers", 200, &groups)
	for _, g := range groups {
		with := byID[g.Labels["__meta_cloudip_server_id"]].Targets
		for i, target := range g.Targets { // IPv6 in brackets, too
			if target+":9100" != with[i] {
				t.Errorf("%s without the port, %s with it", target, with[i])
			}
		}
	}
	for _, port := range []string{"0", "-1", "65536", "http", "", "9100&port=9101"} {
		if got := f.get("/sd/servers?port=" + port); got.status != http.StatusBadRequest {
			t.Errorf("port %q: status %d, want 400", port, got.status)
		}
	}
}

func TestLookupIsAnErrorWhileNoPortsAreKnown(t *testing.T) {
	f := serve(t)
	if got := f.get("/api/v1/lookup?ip=192.0.2.1"); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"items":[]`) {
		t.Errorf("before the first collection: %d %s, want 503: nobody knows that it is free", got.status, got.body)
	}
	f.ready()
	if got := f.get("/api/v1/lookup?ip=192.0.2.1"); got.status != http.StatusNotFound {
		t.Errorf("after it: %d, want 404", got.status)
	}
}

func TestServiceDiscoveryIsAnErrorWhileNoServersAreKnown(t *testing.T) {
	f := serve(t)
	if got := f.get("/sd/servers"); got.status != http.StatusServiceUnavailable {
		t.Errorf("before the first collection: %d %s, want 503: an empty list ends the scraping of all", got.status, got.body)
	}
	f.openstack.Fault(simtest.Fault{Path: "/servers", Status: http.StatusInternalServerError})
	f.ready()
	if got := f.get("/sd/servers"); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "sim-openstack") {
		t.Errorf("without the servers of one cloud: %d %s, want 503: a list without them ends their scraping", got.status, got.body)
	}
	var groups []group
	f.json("/sd/servers?cloud=sim-otc", 200, &groups)
	if len(groups) == 0 {
		t.Error("one cloud's failure hides the servers of the other")
	}
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
		if got.status != http.StatusOK {
			f.t.Errorf("%s: status %d", at, got.status)
		}
		if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			continue
		}
		base, err := url.Parse(at)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, bad := range []string{"<script", " style=", "javascript:", "http://", "https://", `="/`} {
			if strings.Contains(got.body, bad) {
				f.t.Errorf("%s holds %q", at, bad)
			}
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
	prefixes, alike := []string{"/below/here", ""}, 30
	if testing.Short() {
		prefixes, alike = prefixes[:1], 2
	}
	for _, prefix := range prefixes {
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
		if got := f.get(path); got.status != want {
			t.Errorf("%s: status %d, want %d", path, got.status, want)
		}
	}
	var groups []group
	f.json("/ips/sd/targets", 200, &groups)
	if g := groups[0]; g.Targets[0] != "example.org" || g.Labels["__metrics_path__"] != "/proxy/probe" {
		t.Errorf("%+v, want the host and path of the external URL", g)
	}
}
