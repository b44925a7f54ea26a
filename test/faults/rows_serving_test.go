package faults

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
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
		figure:  "any query but one of configured names: 400, 0 requests to any cloud",
		also:    []string{"collect TestProbeTakesConfiguredNamesOnly", "web FuzzQuery"},
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
		figure:  "/debug/pprof/ is 404; with the flag: 200",
		note:    "With the flag they are as open as the rest: protect the listener by --web.config.file.",
		also:    []string{"cli TestScript"},
	}, {
		fault:   "markup in names",
		promise: "inert",
		figure:  "8 payloads as names of everything: 0 unescaped, no script; CSP default-src 'none' and nosniff on every answer",
		also:    []string{"web/pages TestHostileNamesAreInert", "web FuzzQuery"},
	}, {
		fault:   "changes by HTTP, odd methods",
		promise: "no route has any, no labels from them",
		figure:  "every route × 9 methods: 405, 0 new series; the clouds see GET and logins only",
		also:    []string{"web TestNoRouteTakesAnotherMethodOrChangesACloud"},
	}, {
		fault:   "what a reader learns",
		promise: "no address of a port by default, no MAC address ever",
		figure:  "defaults: no cloudip_port_info; 0 MAC addresses in metrics, JSON and pages of 3 providers; the documentation says what is shown",
		note:    "Addresses of servers are shown by default; `series.server_addresses: false` leaves them out.",
		play:    disclosure,
	}}
}

// raw sends bytes and returns the status of the answer, 0 for none.
func (d *daemon) raw(request string) int {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(d.url, "http://"), 5*time.Second)
	if err != nil {
		return 0
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	_, _ = io.WriteString(conn, request)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
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
				status := d.with(method, path, who)
				check.Equal(t, fmt.Sprintf("%s, %q: %s", transport, who, path), want, status)
			}
			held++
		}
		if transport == "mutual TLS" {
			d.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool()}, DisableKeepAlives: true}}
			check.Equal(t, "without client certificate", 0, d.with("GET", "/metrics", "prometheus:password"))
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

// with asks with a user and password and returns the status, 0 for no answer.
func (d *daemon) with(method, path, who string) int {
	req := check.Get(http.NewRequest(method, d.url+path, nil))(d.t)
	if user, password, ok := strings.Cut(who, ":"); ok {
		req.SetBasicAuth(user, password)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
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
		rename(t, from, to)
	}
	if now := serial(); now == before || now == "" {
		t.Errorf("after the swap the certificate is %q, before %q", now, before)
	}
}

func floods(t *testing.T, r *report) {
	c := otc(t)
	d := serve(t, with("", c.byToken()), weighed)
	d.good()
	check.Equal(t, "32 KiB of headers", http.StatusRequestHeaderFieldsTooLarge, d.raw("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 32<<10)+"\r\n\r\n"))
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
	var all sync.WaitGroup
	var good, refused, odd atomic.Int32
	for range 260 {
		all.Go(func() {
			switch a, err := d.ask("GET", "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "60"); {
			case err == nil && a.status == 200:
				good.Add(1)
			case err == nil && a.status == 503 && a.header.Get("Retry-After") != "":
				refused.Add(1)
			default:
				odd.Add(1)
			}
		})
	}
	eventually(t, time.Minute, "all have come", func() bool { return refused.Load()+odd.Load() >= 60 }) // 200 are let in
	letGo()
	all.Wait()
	if odd.Load() > 0 || refused.Load() == 0 || good.Load() < 200 {
		t.Errorf("260 at once: %d answered, %d refused, %d otherwise", good.Load(), refused.Load(), odd.Load())
	}
	r.say("260 at once: %d answered, %d refused", good.Load(), refused.Load())
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
