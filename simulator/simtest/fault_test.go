package simtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

const portsPath = "/network/v2.0/ports"

func TestAFaultHitsTheRequestsItIsMeantFor(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault Fault
		path  string
		want  string // statuses of four requests, 5 for 503
	}{
		{"all", Fault{Path: "ports"}, portsPath, "5555"},
		{"nth", Fault{Path: "ports", Nth: 2}, portsPath, "2522"},
		{"from", Fault{Path: "ports", From: 3}, portsPath, "2255"},
		{"count", Fault{Path: "ports", Count: 2}, portsPath, "5522"},
		{"from and count", Fault{From: 2, Count: 1}, portsPath, "2522"},
		{"other path", Fault{Path: "subnets$"}, portsPath, "2222"},
		{"whole path", Fault{Path: "^/network/v2.0/ports$"}, portsPath, "5555"},
		{"query", Fault{Query: "marker="}, portsPath, "2222"},
		{"method", Fault{Method: "POST"}, portsPath, "2222"},
		{"func", Fault{Match: func(r *http.Request) bool { return r.URL.RawQuery != "" }}, portsPath + "?limit=1", "5555"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, simulator.Options{}).login(simulator.Exporter)
			c.fault.Status = 503
			remove := r.cloud.Fault(c.fault)
			got := ""
			for range 4 {
				code, _ := r.status("GET", c.path, "")
				got += string(rune('0' + code/100))
			}
			check.Equal(t, "statuses", c.want, got)
			remove()
			r.wants(200, "", "GET", c.path, "")
		})
	}
}

func TestAnswersAreLostCutAndChangedAsScripted(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	_, whole := r.do("GET", portsPath, "")
	for _, c := range []struct {
		name  string
		fault Fault
		check func(resp *http.Response, b []byte, err error) bool
	}{
		{"status", Fault{Status: 502, Body: "<html>bad</html>"}, func(resp *http.Response, b []byte, err error) bool {
			return resp.StatusCode == 502 && resp.Header.Get("Content-Type") == "text/html" && string(b) == "<html>bad</html>"
		}},
		{"header", Fault{Header: http.Header{"Retry-After": {"7"}}, Status: 429}, func(resp *http.Response, _ []byte, _ error) bool {
			return resp.StatusCode == 429 && resp.Header.Get("Retry-After") == "7"
		}},
		{"redirect", Fault{Redirect: "http://127.0.0.2/"}, func(resp *http.Response, _ []byte, _ error) bool {
			return resp.StatusCode == 302 && resp.Header.Get("Location") == "http://127.0.0.2/"
		}},
		{"redirect 308", Fault{Redirect: "http://127.0.0.2/", Status: 308}, func(resp *http.Response, _ []byte, _ error) bool { return resp.StatusCode == 308 }},
		{"cut", Fault{CutAfter: 100}, func(_ *http.Response, b []byte, err error) bool {
			return len(b) == 100 && errors.Is(err, io.ErrUnexpectedEOF)
		}},
		{"cut percent", Fault{CutAtPercent: 50}, func(_ *http.Response, b []byte, err error) bool {
			return len(b) == len(whole)/2 && errors.Is(err, io.ErrUnexpectedEOF)
		}},
		{"reset", Fault{Reset: true}, func(_ *http.Response, _ []byte, err error) bool {
			return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
		}},
		{"body", Fault{ReplaceBody: func([]byte) []byte { return []byte("{}") }}, func(resp *http.Response, b []byte, err error) bool {
			return resp.StatusCode == 200 && err == nil && string(b) == "{}"
		}},
		{"json", Fault{MutateJSON: func(v any) any {
			v.(map[string]any)["ports"].([]any)[0].(map[string]any)["status"] = 7
			return v
		}}, func(_ *http.Response, b []byte, _ error) bool { return strings.Contains(string(b), `"status":7`) }},
		{"empty", Fault{EmptyPage: true}, func(_ *http.Response, b []byte, _ error) bool { return string(b) == `{"ports":[]}` }},
		{"padding", Fault{Padding: 1 << 20}, func(resp *http.Response, b []byte, err error) bool {
			return err == nil && len(b) == len(whole)+1<<20 && resp.ContentLength == -1
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer r.cloud.Fault(c.fault)()
			resp, b, err := r.raw(t.Context(), "GET", portsPath, "")
			if !c.check(resp, b, err) {
				t.Errorf("%v %d bytes %v", resp, len(b), err)
			}
		})
	}
}

func TestLinksCanBeForgedAndMarkersRepeated(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	remove := r.cloud.Fault(Fault{Path: "ports", NextLink: "http://attacker.example/?marker=x"})
	for _, l := range items(r.get(portsPath+"?limit=2"), "ports_links") {
		check.Equal(t, "link", "http://attacker.example/?marker=x", l["href"])
	}
	remove()
	first := items(r.get(portsPath+"?limit=2&fields=id"), "ports")
	defer r.cloud.Fault(Fault{Path: "ports", RepeatMarker: true})()
	again := items(r.get(portsPath+"?limit=2&fields=id&marker="+first[1]["id"].(string)), "ports")
	check.Equal(t, "the last id of the repeated page", first[1]["id"], again[1]["id"])
	keep := r.cloud.Fault(Fault{Path: "ports", EmptyPage: true, KeepLinks: true})
	defer keep()
	if v := r.get(portsPath + "?limit=2"); len(items(v, "ports")) != 0 || len(items(v, "ports_links")) == 0 {
		t.Errorf("an empty page with links: %v", v)
	}
}

func TestHangingEndsWithTheClient(t *testing.T) {
	r := newRig(t, simulator.Options{}).login(simulator.Exporter)
	for name, f := range map[string]Fault{"no header": {Hang: true}, "in the body": {Hang: true, CutAfter: 10}, "a byte now and then": {SlowBytes: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			defer r.cloud.Fault(f)()
			ctx := check.Within(t, 50*time.Millisecond)
			if _, _, err := r.raw(ctx, "GET", portsPath, ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestACommittedRequestCanLoseItsAnswer(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OTC}).login(simulator.Exporter)
	subnet := items(r.get("/vpc/v1/{pid}/subnets"), "subnets")[0]["id"].(string)
	before := len(r.cloud.Truth().PrivateIPs)
	remove := r.cloud.Fault(Fault{Method: "POST", Path: "/privateips$", Commit: true, Status: 502, Body: "<html>"})
	r.wants(502, "", "POST", "/vpc/v1/{pid}/privateips", `{"privateips":[{"subnet_id":"`+subnet+`"}]}`)
	remove()
	check.Equal(t, "private IPs", before+1, len(r.cloud.Truth().PrivateIPs))
	defer r.cloud.Fault(Fault{Method: "POST", Path: "/privateips$", Status: 502})()
	r.status("POST", "/vpc/v1/{pid}/privateips", `{"privateips":[{"subnet_id":"`+subnet+`"}]}`)
	check.Equal(t, "private IPs", before+1, len(r.cloud.Truth().PrivateIPs))
}

func TestThrottlingCountsInWindows(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Now: clk.Now}).login(simulator.Exporter)
	r.cloud.Fault(Fault{Path: "/vpc/", Throttle: &Throttle{Limit: 2, Window: 5 * time.Second}})
	got := ""
	for i := range 7 {
		if i == 4 {
			clk.now = clk.now.Add(5 * time.Second)
		}
		code, body := r.status("GET", "/vpc/v1/{pid}/subnets", "")
		got += map[bool]string{true: "x", false: "."}[code == 429]
		if code == 429 && !strings.Contains(body, "APIGW.0308") {
			t.Errorf("body %s", body)
		}
	}
	check.Equal(t, "throttled", "..xx..x", got)
}

func TestEveryRequestIsRecorded(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Prefix: "/otc"}).login(simulator.Exporter)
	r.cloud.Forget()
	r.get("/vpc/v2.0/ports?limit=1", "X-Odd", "1")
	r.status("GET", "/vpc/nothing", "")
	all := r.cloud.Requests()
	if len(all) != 2 {
		t.Fatalf("%d requests", len(all))
	}
	one := all[0]
	if one.Method != "GET" || one.Path != "/otc/vpc/v2.0/ports" || one.Query != "limit=1" || one.Auth != "token" || one.User != simulator.Exporter || one.Project != "eu-de" || one.Status != 200 {
		t.Errorf("%+v", one)
	}
	if !strings.Contains(strings.Join(one.Headers, " "), "X-Odd") || all[1].Status != 404 || r.cloud.Calls("GET", "ports$") != 1 {
		t.Errorf("%+v", all)
	}
}
