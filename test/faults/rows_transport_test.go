package faults

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// Transport, identity, time.
func transportRows() []row {
	return []row{{
		fault:   "bad certificates",
		promise: "an error, no fallback, no retry",
		figure:  "expired, wrong name, unknown CA, TLS 1.1, client certificate missing: 5 distinct messages, 0 retries, 0 connections in the clear; private CA, client certificate and a proxy with authentication work; insecure_skip_verify warns",
		note:    "No gauge tells of unchecked certificates: there is no such metric in the list of metrics; a warning does.",
		play:    badCertificates,
	}, {
		fault:   "names that do not resolve, or change",
		promise: "an error, the last answer stays, a change is followed",
		figure:  "NXDOMAIN, SERVFAIL, no answer: class dns, answered in time; after a flip the first scrape uses the new address",
		note:    "The name server is played to a process of the same parts as the program: its own cannot be told another one without rights on the host. A connection that works is kept, so a flip counts once the old address ends.",
		play:    names,
	}, {
		fault:   "a clock that is wrong",
		promise: "detected and named",
		figure:  "±14 minutes work with access keys; at ±20 minutes the error says clock, the last answer stays",
		note:    "No gauge of the skew: there is no such metric in the list of metrics.",
		also:    []string{"cloudapi/auth TestTheClockIsNamedWhereItIsToBlame"},
		play:    skew,
	}, {
		fault:   "odd characters in what is signed",
		promise: "signatures are those of the vendor",
		figure:  "every request of two providers is checked by the simulated cloud's own code: 0 of all refused",
		note:    "The random comparison with the vendor's signer is a module of its own (cloudapi/auth/signcheck).",
		also:    []string{"test/truth TestConformanceOfEachProviderByEachLogin", "cloudapi/auth TestPublishedSignatures", "cloudapi/auth TestQueriesAreEscapedAsTheVendorDoes", "cloudapi/auth TestBodiesAreSignedAndSentWhole"},
		play:    signatures,
	}, {
		fault:   "the wrong project or region",
		promise: "nothing is published under a wrong id",
		figure:  "a credential of another project, an id that it does not see: 0 series of data, the error names the key to correct",
		also:    []string{"cloudapi/auth TestATokenOfAnotherProjectIsRefusedWhateverTheLogin", "cloudapi/auth TestATokenCountsAsAskedForUnlessItNamesAnotherProject", "simulator/simtest TestTheWrongOneOfThreeIDsFindsNothing"},
		play:    wrongScope,
	}}
}

// secure serves a cloud by TLS; hellos counts the connections that began so.
func secure(t *testing.T, c http.Handler, cfg *tls.Config) (base string, conns, hellos *atomic.Int32) {
	t.Helper()
	conns, hellos = new(atomic.Int32), new(atomic.Int32)
	server := httptest.NewUnstartedServer(c)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	cfg.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { hellos.Add(1); return nil, nil }
	server.TLS = cfg
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, conns, hellos
}

func badCertificates(t *testing.T, r *report) {
	ca, other := newAuthority(t), newAuthority(t)
	valid := time.Now().Add(time.Hour)
	good, _, _ := ca.issue("127.0.0.1", valid)
	expired, _, _ := ca.issue("127.0.0.1", time.Now().Add(-time.Minute))
	wrongName, _, _ := ca.issue("elsewhere.example", valid)
	unknown, _, _ := other.issue("127.0.0.1", valid)
	_, clientCert, clientKey := ca.issue("exporter", valid)
	one := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	mutual := one(good)
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, ca.pool()
	old := one(good)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	trust := fmt.Sprintf("  http: {tls_config: {ca_file: %s}}", ca.file)

	causes := map[string]string{}
	text := regexp.MustCompile(`collector=subnets .*\(tls\): (.*?)" ?`)
	for name, cfg := range map[string]*tls.Config{"expired": one(expired), "wrong name": one(wrongName), "unknown CA": one(unknown), "TLS 1.1": old, "no client certificate": mutual.Clone()} {
		c := simtest.New(simulator.Options{Provider: simulator.OTC})
		base, conns, hellos := secure(t, c, cfg)
		d := serve(t, with("", c.ConfigYAML(base, "password", unlimited, trust)))
		got := d.scrape(60)
		if len(got.failed()) != collectorCount() || got.sum("cloudip_api_requests_total", "code", "tls") == 0 || got.sum("cloudip_api_retries_total") != 0 {
			t.Errorf("%s: failed %v, %v requests of class tls, %v retries", name, got.failed(), got.sum("cloudip_api_requests_total", "code", "tls"), got.sum("cloudip_api_retries_total"))
		}
		if hellos.Load() != conns.Load() || len(c.Requests()) > 0 {
			t.Errorf("%s: %d connections, %d of them TLS, %d requests", name, conns.Load(), hellos.Load(), len(c.Requests()))
		}
		d.awaitLog(0, "collector=subnets")
		m := text.FindStringSubmatch(d.log.String())
		if m == nil {
			t.Errorf("%s: no cause in the log:\n%s", name, d.log)
			continue
		}
		if before, twice := causes[m[1]]; twice {
			t.Errorf("%s and %s are told alike: %s", name, before, m[1])
		}
		causes[m[1]] = name
	}
	for name, watched := range map[string]struct {
		at   *tls.Config
		keys string
	}{
		"private CA":         {one(good), trust},
		"client certificate": {mutual.Clone(), fmt.Sprintf("  http: {tls_config: {ca_file: %s, cert_file: %s, key_file: %s}}", ca.file, clientCert, clientKey)},
		"not checked":        {one(unknown), "  http: {tls_config: {insecure_skip_verify: true}}"},
		"a name of its own":  {one(wrongName), fmt.Sprintf("  http: {tls_config: {ca_file: %s, server_name: elsewhere.example}}", ca.file)},
	} {
		c := simtest.New(simulator.Options{Provider: simulator.OTC})
		base, _, _ := secure(t, c, watched.at)
		d := serve(t, with("", c.ConfigYAML(base, "password", unlimited, watched.keys)))
		d.good()
		check.Equal(t, name+": warned", name == "not checked", strings.Contains(d.log.String(), "certificates are not checked"))
	}
	c := simtest.New(simulator.Options{Provider: simulator.OTC})
	base, _, _ := secure(t, c, one(good))
	proxied(t, c, base, ca)
	r.say("%d distinct messages", len(causes))
}

// proxied watches a cloud through a proxy that wants a password, by http: and
// by https:.
func proxied(t *testing.T, c *simtest.Cloud, base string, ca *authority) {
	want := basic("exporter:proxy-canary")[1]
	var through atomic.Int32
	proxy := loopback.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != want {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		through.Add(1)
		if r.Method == http.MethodConnect {
			tunnel(w, r)
			return
		}
		r.Header.Del("Proxy-Authorization")
		c.ServeHTTP(w, r)
	}))
	address := strings.TrimPrefix(proxy, "http://")
	for _, to := range []string{base, loopback.Serve(t, c)} {
		through.Store(0)
		keys := fmt.Sprintf("  http: {proxy_url: \"http://exporter:proxy-canary@%s\", tls_config: {ca_file: %s}}", address, ca.file)
		d := serve(t, with("", c.ConfigYAML(to, "password", unlimited, keys)))
		d.good()
		if through.Load() == 0 {
			t.Error("nothing went through the proxy")
		}
		wrong := serve(t, with("", c.ConfigYAML(to, "password", unlimited, strings.Replace(keys, "proxy-canary", "proxy-canary-wrong", 1))))
		wrong.scrape(60).allFailed(t, "a wrong password for the proxy")
		check.Lacks(t, "the log", d.log.String()+wrong.log.String(), "proxy-canary")
	}
}

// basic is the header of a user and a password, none where both are missing.
func basic(who string) []string {
	if who == "" {
		return nil
	}
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(who))}
}

func tunnel(w http.ResponseWriter, r *http.Request) {
	up, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer up.Close()
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer down.Close()
	_, _ = io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(up, buffered)
		_ = up.Close()
	}()
	_, _ = io.Copy(down, up)
}

func names(t *testing.T, r *report) {
	dns := newNameServer(t)
	c := simtest.New(simulator.Options{Provider: simulator.OTC})
	first, second, port := twoAddresses(t, c)
	dns.names.Store("cloud.test.", "127.0.0.1")
	d := serveBy(t, with("collection: {timeout: 4s}\n", c.ConfigYAML("http://cloud.test:"+port, "password", unlimited)), dns.address)
	control := d.good()
	_ = first.Close() // with its connections
	dns.names.Store("cloud.test.", "127.0.0.2")
	got := d.scrape(60)
	same(t, "after the flip", control, got)
	got.noneFailed(t, "after the flip")
	allowance := d.allowance()
	_ = second.Close()
	for _, what := range []string{"NXDOMAIN", "SERVFAIL", "no answer"} {
		dns.names.Store("cloud.test.", what)
		before := d.scrape(2).sum("cloudip_api_requests_total", "code", "dns")
		got, took := d.timed(2)
		same(t, what, control, got)
		if took > 2*time.Second+allowance {
			t.Errorf("%s: answered after %v", what, took)
		}
		eventually(t, 30*time.Second, what+" counts as class dns", func() bool {
			got = d.scrape(2)
			return len(got.failed()) == collectorCount() && got.sum("cloudip_api_requests_total", "code", "dns") > before
		})
	}
	r.say("flip followed by the first scrape")
}

func skew(t *testing.T, r *report) {
	for _, minutes := range []int{-20, -14, 14, 20} {
		c := simulate(t, simulator.Options{Provider: simulator.OTC, Now: func() time.Time { return time.Now().Add(time.Duration(minutes) * time.Minute) }})
		d := serve(t, with("", c.item("access_key", "  projects: ["+c.Credentials(simulator.Exporter).DefaultProjectID+"]")))
		got := d.scrape(60)
		refused := minutes*minutes > 15*15
		check.Equal(t, fmt.Sprint(minutes, " minutes: refused"), refused, len(got.failed()) > 0)
		d.awaitLog(0, "collector=subnets")
		check.Equal(t, fmt.Sprintf("%d minutes: the clock is named", minutes), refused, strings.Contains(d.log.String(), "clock"))
	}
	r.say("named at ±20 minutes")
}

func signatures(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.HuaweiCloud} {
		c := simulate(t, simulator.Options{Provider: provider, Subnets: 10, Ports: 100, Servers: 50})
		d := serve(t, with("", c.item("access_key", smallPages, "  servers: all")))
		d.good()
		signed, refused := 0, 0
		for _, q := range c.Requests() {
			if q.Auth == "signature" {
				signed++
			}
			if q.Status == 401 || q.Auth == "" {
				refused++
			}
		}
		if signed == 0 || refused > 0 {
			t.Errorf("%s: %d requests refused, %d signed", provider, refused, signed)
		}
		r.say("%s: %d signed requests, %d refused", provider, signed, refused)
	}
}

func wrongScope(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	for name, item := range map[string]string{
		"another project":  c.item("application_credential", "  projects: [somebody-elses]"),
		"an unseen id":     c.ConfigYAMLAs(simulator.Member, c.base, "password", unlimited, "  projects: [0123456789abcdef0123456789abcdef]"),
		"another region":   strings.Replace(c.byToken(), `region: "RegionOne"`, `region: "RegionNowhere"`, 1),
		"another password": strings.Replace(c.byToken(), `password: "`, `password: "x`, 1),
	} {
		d := serve(t, with("", item))
		got := d.scrape(60)
		got.allFailed(t, name)
		for key := range got.data() {
			check.Equal(t, name+": "+key+" is published", "cloudip_series_dropped", family(key))
		}
		d.awaitLog(0, `(?i)collection failed.*(projects|region|credential)`)
	}
	r.say("4 wrong scopes, 0 series")
}

// twoAddresses serve a cloud on 127.0.0.1 and 127.0.0.2 at the same port.
func twoAddresses(t *testing.T, c http.Handler) (first, second *http.Server, port string) {
	t.Helper()
	for range 20 {
		one := check.Get(net.Listen("tcp", "127.0.0.1:0"))(t)
		_, port, _ = net.SplitHostPort(one.Addr().String())
		two, err := net.Listen("tcp", "127.0.0.2:"+port)
		if err != nil {
			_ = one.Close()
			continue
		}
		first, second = &http.Server{Handler: c}, &http.Server{Handler: c}
		go func() { _ = first.Serve(one) }()
		go func() { _ = second.Serve(two) }()
		t.Cleanup(func() { _, _ = first.Close(), second.Close() })
		return first, second, port
	}
	t.Skip("this host has no second loopback address")
	return nil, nil, ""
}
