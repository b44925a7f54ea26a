package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzQuery asks every route anything: the answer is none of 5xx, what claims to
// be JSON is JSON, and no cloud is asked but by a probe of a configured name.
func FuzzQuery(f *testing.F) {
	server := serve(f).ready()
	for _, path := range []string{"/", "/subnet", "/address", "/targets", "/metrics", "/probe", "/sd/targets", "/sd/servers", "/api/v1/subnets", "/api/v1/ports", "/api/v1/lookup", "/-/reload", "/nothing"} {
		for _, query := range []string{"", "cloud=sim-otc&project=nobody", "cloud=nobody", "cloud=a&cloud=b", "ip=10.0.0.1", "ip=2001:db8::1%25eth0", "ip=10.0.0.1&ip=x", "port=9100", "port=0", "limit=2&sort=-used", "limit=1&cursor=eyJTb3J0IjoiIiwiQWZ0ZXIiOlsiYSIsIjQiLCJiIiwiYyJdfQ", "format=csv&q=10.0.0.0/8", "%zz", ";", "project=*"} {
			f.Add(path, query)
		}
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		// A collection on demand is right for these, and slow.
		if q, err := url.ParseQuery(query); path == "/metrics" || err == nil && q.Get("cloud") != "" && strings.HasPrefix(q.Get("cloud"), "sim-") {
			t.Skip()
		}
		before := len(server.otc.Requests()) + len(server.openstack.Requests())
		w := httptest.NewRecorder()
		server.handler.ServeHTTP(w, &http.Request{Method: http.MethodGet, Host: "exporter", URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1})
		if w.Code >= 500 && path != "/-/ready" {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("no JSON: %s", w.Body)
		}
		if after := len(server.otc.Requests()) + len(server.openstack.Requests()); after != before {
			t.Errorf("the clouds were asked %d times", after-before)
		}
	})
}
