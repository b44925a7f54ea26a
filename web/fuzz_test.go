package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

// FuzzQuery asks every route anything: the answer is none of 5xx and keeps a browser
// harmless, what claims to be JSON is JSON, and no cloud is asked: a probe of a name that
// is not configured is 400.
func FuzzQuery(f *testing.F) {
	server := serve(f).ready()
	for _, path := range []string{"/", "/subnet", "/address", "/targets", "/probe", "/sd/targets", "/sd/servers", "/api/v1/subnets", "/api/v1/ports", "/api/v1/lookup", "/-/reload", "/nothing"} {
		for _, query := range []string{"", "cloud=sim-otc&project=nobody", "cloud=nobody", "cloud=a&cloud=b", "ip=10.0.0.1", "ip=2001:db8::1%25eth0", "ip=10.0.0.1&ip=x", "port=9100", "port=0", "limit=2&sort=-used", "limit=1&cursor=eyJTb3J0IjoiIiwiQWZ0ZXIiOlsiYSIsIjQiLCJiIiwiYyJdfQ", "format=csv&q=10.0.0.0/8", "%zz", ";", "project=*",
			"cloud=", "project=eu-de", "cloud=sim-otc&project=", "cloud=sim-otc&cloud=sim-otc", "cloud=sim-otc&project=eu-de&project=eu-de", "cloud=sim-otc&project=*",
			"cloud=http://evil.example/", "cloud=sim-otc;project=eu-de", "cloud=%zz", "target=evil.example", "cloud=%00", "cloud=SIM-OTC"} {
			f.Add(path, query)
		}
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		if path == "/metrics" || path == "/probe" && probes(query) {
			t.Skip("a collection on demand is right for these, and slow; no seed is one")
		}
		before := len(server.otc.Requests()) + len(server.openstack.Requests())
		w := httptest.NewRecorder()
		server.handler.ServeHTTP(w, &http.Request{Method: http.MethodGet, Host: "exporter", URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1})
		if w.Code >= 500 && path != "/-/ready" {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if path == "/probe" && w.Code != http.StatusBadRequest {
			t.Errorf("a probe of %q: status %d, want 400", query, w.Code)
		}
		wantHarmless(t, path, w.Header())
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("no JSON: %s", w.Body)
		}
		if after := len(server.otc.Requests()) + len(server.openstack.Requests()); after != before {
			t.Errorf("the clouds were asked %d times", after-before)
		}
	})
}

// probes reports whether a query names a configured target once.
func probes(query string) bool {
	q, err := url.ParseQuery(query)
	if _, named := q["project"]; !named {
		q.Set("project", map[string]string{"sim-otc": "eu-de", "sim-openstack": "admin"}[q.Get("cloud")])
	}
	target := strings.Join(q["cloud"], " ") + "/" + strings.Join(q["project"], " ")
	return err == nil && slices.Contains([]string{"sim-otc/eu-de", "sim-openstack/admin"}, target)
}

// wantHarmless checks that an answer keeps a browser harmless.
func wantHarmless(t *testing.T, path string, header http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
	} {
		check.Has(t, path+": "+name, header.Get(name), want)
	}
}
