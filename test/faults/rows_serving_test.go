package faults

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

// Who asks the daemon.
func servingRows() []row {
	return []row{{
		fault:   "/probe aimed elsewhere",
		promise: "configured names only",
		figure:  "100,000 hostile queries: 400 each, 0 requests to any cloud, 0 to the stranger, 0 new series",
		note:    "Usual: 500 queries.",
		also:    []string{"collect TestProbeTakesConfiguredNamesOnly", "web FuzzQuery"},
		play:    probes,
	}, {
		fault:   "TLS, client certificates, basic authentication",
		promise: "as exporter-toolkit has them, good and bad",
		figure:  "3 transports × 3 credentials: 9 of 9; 4 bad web configurations: exit 2; a certificate swapped without restart",
		play:    webConfig,
	}, {
		fault:   "large headers, slow clients, floods",
		promise: "bounded",
		figure:  "32 KiB of headers: 431; 300 slow clients: legal scrapes answered, memory ≤ +64 MiB, connections ended by the header timeout; more than 200 scrapes at once: 503 with Retry-After",
		note:    "300 slow clients until they are cut off, not 1,000 for 60 s; 200 scrapes at once are let in, not 8: those that wait for one collection cost next to nothing.",
		also:    []string{"web TestTooManyScrapesAtOnceAreRefused"},
		play:    floods,
	}, {
		fault:   "profiles",
		promise: "off by default",
		figure:  "/debug/pprof/ and 6 paths below: 404; with the flag: 200",
		note:    "With the flag they are as open as the rest: protect the listener by --web.config.file.",
		play:    profiles,
	}, {
		fault:   "markup in names",
		promise: "inert",
		figure:  "24 payloads as names of projects: 0 unescaped, no script, CSP default-src 'none' and nosniff on every route",
		also:    []string{"web/pages TestHostileNamesAreInert"},
		play:    markup,
	}, {
		fault:   "changes by HTTP, odd methods",
		promise: "no route has any, no labels from them",
		figure:  "every route × 9 methods and 50 random ones: 404, 405 or 403, 0 new series; the clouds see GET and logins only",
		also:    []string{"web TestNoRouteTakesAnotherMethodOrChangesACloud"},
		play:    mutating,
	}, {
		fault:   "what a reader learns",
		promise: "no address of a port by default, no MAC address ever",
		figure:  "defaults: no cloudip_port_info; 0 MAC addresses in metrics, JSON and pages of 3 providers; the documentation says what is shown",
		note:    "Addresses of servers are shown by default; `series.server_addresses: false` leaves them out.",
		play:    disclosure,
	}}
}

func probes(t *testing.T, r *report) {
	c, d, _ := watch(t, simulator.OTC)
	series := len(d.scrape(60))
	host := strings.TrimPrefix(stranger.url, "http://")
	random := rand.New(rand.NewPCG(4, 5))
	pieces := []string{"cloud=", "project=", "target=", "module=", "url=", "host=", "endpoint=", "&", "=", ";", "%00", "%zz", "sim-otc", "SIM-OTC", "eu-de", "*", stranger.url, host, "@", "//", "127.0.0.1:1", "[::1]", "\"", "'", "<", "%0a", "..", "/", "cloud", "\u202e"}
	c.Forget()
	asked := 0
	for range full(100_000, 500) {
		var b strings.Builder
		for range 1 + random.IntN(8) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		for _, query := range []string{url.PathEscape(b.String()), strings.Map(printable, b.String())} {
			if q, err := url.ParseQuery(query); err == nil && len(q["cloud"]) == 1 && q.Get("cloud") == "sim-otc" && (len(q["project"]) == 0 || slices.Equal(q["project"], []string{"eu-de"})) {
				continue // that is a good one
			}
			asked++
			check.Equal(t, fmt.Sprintf("%q: status", query), 400, d.get("/probe?"+query, "Host", host, "X-Forwarded-Host", host).status)
		}
	}
	if n := len(c.Requests()); n > 0 {
		t.Errorf("the cloud was asked %d times", n)
	}
	if now := len(d.scrape(60)); now > series+1 {
		t.Errorf("%d series, before %d", now, series)
	}
	r.say("%d queries", asked)
}

func printable(c rune) rune {
	if c <= ' ' || c > 126 || c == '#' || c == '"' || c == '<' {
		return 'x'
	}
	return c
}

func webConfig(t *testing.T, r *report) {
	ca := newAuthority(t)
	_, certFile, keyFile := ca.issue("127.0.0.1", time.Now().Add(time.Hour))
	client, _, _ := ca.issue("prometheus", time.Now().Add(time.Hour))
	c := otc(t)
	config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), with("", c.byToken()))
	// The hash of "password" at the lowest cost.
	const users = "basic_auth_users: {prometheus: \"$2a$04$IHTrK1rvIy.vRKaAgWTFRuWfXqlsOz/iqyPQqecDJEjpJQoTDdqdi\"}\n"
	server := fmt.Sprintf("tls_server_config: {cert_file: %s, key_file: %s", certFile, keyFile)
	held := 0
	for transport, text := range map[string]string{"plain": "", "TLS": server + "}\n", "mutual TLS": server + ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: " + ca.file + "}\n"} {
		d := serveFile(t, config, "--web.config.file="+check.Write(t, filepath.Join(t.TempDir(), "web.yml"), text+users))
		if transport != "plain" {
			d.url = strings.Replace(d.url, "http:", "https:", 1)
		}
		for who, want := range map[string]int{"prometheus:password": 200, "prometheus:wrong": 401, "": 401} {
			tlsConfig := &tls.Config{RootCAs: ca.pool()}
			if transport == "mutual TLS" {
				tlsConfig.Certificates = []tls.Certificate{client}
			}
			d.client = &http.Client{Transport: &http.Transport{TLSClientConfig: tlsConfig, DisableKeepAlives: true}}
			for _, path := range []string{"/metrics", "/", "/-/healthy", "/api/v1/subnets", "/sd/targets", "/-/reload"} {
				method := "GET"
				if path == "/-/reload" {
					method = "POST"
				}
				a, _ := d.ask(method, path, basic(who)...)
				check.Equal(t, fmt.Sprintf("%s, %q: %s", transport, who, path), want, a.status)
			}
			held++
		}
		if transport == "mutual TLS" {
			d.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool()}, DisableKeepAlives: true}}
			if a, err := d.ask("GET", "/metrics", basic("prometheus:password")...); err == nil {
				t.Errorf("without client certificate: %d", a.status)
			}
		}
		if transport == "TLS" {
			swapCertificate(t, d, ca, certFile, keyFile)
		}
	}
	for name, bad := range map[string]string{"no such file": "tls_server_config: {cert_file: /nowhere, key_file: /nowhere}\n", "unknown key": "tls: {}\n", "no hash": "basic_auth_users: {p: plain}\n", "old": server + ", min_version: SSL30}\n"} {
		file := check.Write(t, filepath.Join(t.TempDir(), "web.yml"), bad)
		if code, _, text := command(t, "serve", "--config.file="+config, "--web.listen-address=127.0.0.1:0", "--web.config.file="+file); code != 2 || text == "" {
			t.Errorf("%s: exit code %d: %s", name, code, text)
		}
	}
	r.say("%d of 9", held)
}

// swapCertificate changes the files of a serving process.
func swapCertificate(t *testing.T, d *daemon, ca *authority, certFile, keyFile string) {
	t.Helper()
	serial := func() string {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(d.url, "https://"), &tls.Config{RootCAs: ca.pool()})
		if err != nil {
			return ""
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	before := serial()
	_, newCert, newKey := ca.issue("127.0.0.1", time.Now().Add(time.Hour))
	for from, to := range map[string]string{newCert: certFile, newKey: keyFile} {
		check.OK(t, os.Rename(from, to))
	}
	if now := serial(); now == before || now == "" {
		t.Errorf("after the swap the certificate is %q, before %q", now, before)
	}
}

func floods(t *testing.T, r *report) {
	c := otc(t)
	d := serve(t, with("", c.byToken()), weighed)
	d.good()
	check.Equal(t, "32 KiB of headers", http.StatusRequestHeaderFieldsTooLarge, d.get("/metrics", "X-Long", strings.Repeat("x", 32<<10)).status)
	before := d.memory()
	var slow []net.Conn
	for range 300 {
		conn := check.Get(net.Dial("tcp", strings.TrimPrefix(d.url, "http://")))(t)
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nX-Slow: ")
		slow = append(slow, conn)
	}
	begun := time.Now()
	late := time.Duration(0)
	for range 20 {
		_, took := d.timed(5)
		late = max(late, took-5*time.Second)
	}
	cut, until := 0, begun.Add(30*time.Second)
	if least := time.Now().Add(10 * time.Second); until.Before(least) { // the scrapes took long: all should be cut off by now
		until = least
	}
	for _, conn := range slow {
		_ = conn.SetReadDeadline(until)
		if _, err := io.ReadAll(conn); err == nil || !strings.Contains(err.Error(), "timeout") {
			cut++
		}
		_ = conn.Close()
	}
	d.inTime("beside slow clients an answer", late)
	if cut != len(slow) || d.memory() > before+64 && len(buildFlags) == 0 {
		t.Errorf("%d of %d slow clients were cut off; memory %.0f → %.0f MiB", cut, len(slow), before, d.memory())
	}
	r.say("%d slow clients cut off after %s, memory +%.0f MiB", cut, time.Since(begun).Round(100*time.Millisecond), d.memory()-before)

	letGo := c.hold(t, "/quotas$")
	d.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answers, status := d.atOnce(260), map[int]int{}
	for i := range 260 {
		if i == 60 { // 200 are let in
			letGo()
		}
		a := <-answers
		if a.status == 503 && a.header.Get("Retry-After") == "" {
			a.status = 0
		}
		status[a.status]++
	}
	good, refused := status[200], status[503]
	if good+refused < 260 || refused == 0 || good < 200 {
		t.Errorf("260 at once, by status: %v", status)
	}
	r.say("260 at once: %d answered, %d refused", good, refused)
}

func profiles(t *testing.T, r *report) {
	c := otc(t)
	d := serve(t, with("", c.byToken()))
	paths := []string{"", "heap", "goroutine?debug=2", "cmdline", "profile?seconds=1", "trace", "symbol"}
	for _, path := range paths {
		check.Equal(t, "/debug/pprof/"+path, http.StatusNotFound, d.get("/debug/pprof/"+path).status)
	}
	for _, path := range []string{"/debug/vars", "/debug/requests", "/debug"} {
		check.Equal(t, path, http.StatusNotFound, d.get(path).status)
	}
	check.Equal(t, "with the flag", 200, serve(t, with("", c.byToken()), "--web.enable-pprof").get("/debug/pprof/heap").status)
	r.say("%d paths", len(paths)+3)
}

func markup(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OTC})
	c.Fault(changing("/projects$", func(answer map[string]any) {
		list, _ := answer["projects"].([]any)
		for i, payload := range payloads { // equal names would be told by their ids
			list = append(list, map[string]any{"id": fmt.Sprintf("%032x", i+1), "name": payload + fmt.Sprint("named", i), "enabled": true})
		}
		answer["projects"] = list
	}))
	d := serve(t, with("", c.byToken(`  projects: ["*"]`)))
	d.scrape(60)
	body := d.get("/").body
	for i, payload := range payloads {
		if name := fmt.Sprint("named", i); len(payload) < 100 && !strings.Contains(body, name) { // long ones are cut
			t.Errorf("the project %q is not on the page", payload+name)
		}
	}
	check.Has(t, "the page", body, "&lt;script&gt;")
	pages := []string{"/", "/targets", "/vpcs", "/address?ip=10.20.0.4"}
	for _, path := range append(pages, "/metrics", "/api/v1/subnets", "/sd/targets", "/nothing", "/probe?cloud=%3Cscript%3E") {
		a := d.get(path)
		if !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, a.header)
		}
		check.Equal(t, path+" is a page", slices.Contains(pages, path), strings.HasPrefix(a.header.Get("Content-Type"), "text/html"))
		for _, bad := range []string{"<script", "<img", "onerror=alert(1)>", "\x00"} {
			if slices.Contains(pages, path) && strings.Contains(a.body, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/sd/") {
			if !json.Valid([]byte(a.body)) {
				t.Errorf("%s is no JSON", path)
			}
		}
	}
	r.say("%d payloads", len(payloads))
}

func mutating(t *testing.T, r *report) {
	c, o := otc(t), simulate(t, simulator.Options{Provider: simulator.OpenStack})
	file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), with("", c.byToken(), o.byToken()))
	d := serveFile(t, file, withoutLifecycle)
	d.good()
	_ = d.get("/nothing")
	before, n, random := d.scrape(60), 0, rand.New(rand.NewPCG(5, 1))
	methods := []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK", "PURGE", "BREW"}
	for range full(50, 10) {
		method := make([]byte, 3+random.IntN(8))
		for i := range method {
			method[i] = 'A' + byte(random.IntN(26))
		}
		methods = append(methods, string(method))
	}
	for _, path := range []string{"/", "/metrics", "/probe?cloud=sim-otc", "/sd/targets", "/sd/servers", "/api/v1/subnets", "/api/v1/ports", "/api/v1/servers", "/api/v1/address-groups",
		"/api/v1/private-ips", "/api/v1/lookup?ip=10.0.0.1", "/-/healthy", "/-/ready", "/-/reload", "/-/quit", "/style.css", "/nothing", "/api/v1/private-ips/x", "/debug/pprof/"} {
		for _, method := range methods {
			n++
			a, err := d.ask(method, path)
			if err != nil || a.status != 404 && a.status != 405 && !(path == "/-/reload" && a.status == 403) {
				t.Errorf("%s %s: %d %v", method, path, a.status, err)
			}
		}
	}
	for _, q := range slices.Concat(c.Requests(), o.Requests()) {
		if q.Method != "GET" && q.Auth != "login" {
			t.Errorf("a cloud was asked to %s %s", q.Method, q.Path)
		}
	}
	after := d.scrape(60)
	for key := range after {
		if _, there := before[key]; !there && !strings.HasPrefix(key, "go_") {
			t.Errorf("%s is new", key)
		}
	}
	r.say("%d requests, %d series before and after", n, len(after))
}

func disclosure(t *testing.T, r *report) {
	mac := regexp.MustCompile(`(?i)\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b`)
	docs := 0
	for _, provider := range []string{simulator.OTC, simulator.HuaweiCloud, simulator.OpenStack} {
		d := serve(t, with("", simulate(t, simulator.Options{Provider: provider}).byToken()))
		if got := d.good(); len(got.of("cloudip_port_info")) > 0 {
			t.Errorf("%s: cloudip_port_info is there by default", provider)
		}
		for _, path := range []string{"/metrics", "/", "/api/v1/ports", "/api/v1/servers", "/api/v1/private-ips", "/sd/servers"} {
			body := d.get(path).body
			docs += len(body)
			check.Equal(t, provider+": "+path+" shows the MAC address", "", mac.FindString(body))
		}
	}
	r.say("%d kB searched", docs/1024)
}
