// Package truth compares every number that the exporter publishes of a simulated
// cloud with what the simulated cloud knows.
package truth

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.uber.org/goleak"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/daemon"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
	"cloudip_exporter/test/metrictest"
	"cloudip_exporter/web"
)

var (
	long  = flag.Bool("long", false, "compare clouds of 20,000 ports rather than 2,000")
	seeds = flag.Uint64("seeds", 2, "how many random clouds of each provider to compare")
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// simulated is a cloud on a loopback port.
type simulated struct {
	*simtest.Cloud
	base string
}

func simulateCloud(t *testing.T, o simulator.Options) simulated {
	t.Helper()
	c := simtest.New(o)
	return simulated{c, loopback.Serve(t, c)}
}

// large is the estate that 0 differences are promised for.
func large(provider string) simulator.Options {
	ports := 2000
	switch {
	case *long:
		ports = 20_000
	case testing.Short():
		ports = 250
	}
	return simulator.Options{Provider: provider, Seed: 7, Subnets: 20, Ports: ports, Servers: 40, AddressGroups: 25}
}

// watch serves as the exporter does, by a configuration, until the test ends.
func watch(t *testing.T, yaml string) *scraper {
	t.Helper()
	file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), yaml)
	logger := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	read := func() (*config.Config, error) {
		return config.Load(file, config.Options{Collectors: collector.Catalogue(), Check: cloudapi.CheckAuth})
	}
	listen := &toolkit.FlagConfig{WebListenAddresses: &[]string{"127.0.0.1:0"}, WebConfigFile: new(string), WebSystemdSocket: new(bool)}
	bases, ended := make(chan string, 1), make(chan error, 1)
	listening := func(l net.Listener) { bases <- "http://" + l.Addr().String() }
	d, err := daemon.New(daemon.Options{Read: read, Logger: logger, Listen: listen, Listening: listening, Settings: web.Settings{TelemetryPath: "/metrics"}})
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	ctx, end := context.WithCancel(context.Background())
	go func() { ended <- d.Serve(ctx) }()
	t.Cleanup(func() {
		end()
		check.OK(t, <-ended)
		d.Close()
	})
	return &scraper{t, <-bases}
}

// scraper asks an exporter as Prometheus does.
type scraper struct {
	t    *testing.T
	base string
}

func (s *scraper) get(path, accept string) (body []byte, contentType string) {
	s.t.Helper()
	r := check.Get(http.NewRequest(http.MethodGet, s.base+path, nil))(s.t)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "60")
	r.Header.Set("Accept-Encoding", "identity") // packing took an eighth of the time
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	resp := check.Get(http.DefaultClient.Do(r))(s.t)
	defer resp.Body.Close()
	if body = check.Get(io.ReadAll(resp.Body))(s.t); resp.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: status %d: %.300s", path, resp.StatusCode, body)
	}
	return body, resp.Header.Get("Content-Type")
}

func (s *scraper) metrics(path string) metrictest.Series {
	s.t.Helper()
	body, _ := s.get(path, "")
	return metrictest.Text(s.t, body)
}

// ofCollectors are the series that follow from what the clouds hold alone, of the
// collectors of which the truth is worked out here. The others publish what these
// fetch, in another way; their own tests hold them.
func ofCollectors(all metrictest.Series) metrictest.Series {
	owners := map[string]string{"cloudip_series_dropped": "the limit"}
	for _, c := range collector.All() {
		for _, m := range c.Metrics {
			owners[m.Name] = c.Name
		}
	}
	judged := append(allCollectors(simulator.HuaweiCloud), "")
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(key string, _ float64) bool {
		owner := cmp.Or(owners[metrictest.Family(key)], metrictest.Label(key, "collector"))
		return metrictest.OfProcess(key) || !slices.Contains(judged, owner)
	})
	return out
}

// compare holds what was published of the collectors against what must be.
func compare(t *testing.T, want, got metrictest.Series) {
	t.Helper()
	metrictest.Compare(t, "the exporter", want, ofCollectors(got))
}

// watching is one way to watch one cloud.
type watching struct {
	name     string
	provider string // default that of the simulated cloud
	user     string // default Exporter
	auth     string
	extra    []string // lines of the cloud's configuration
	top      string   // further configuration
	view     simtest.View
	watched
}

// as fills in what is the default.
func (w watching) as(c simulated) watched {
	out := w.watched
	out.cloud = "sim-" + c.Provider()
	if out.project == "" {
		out.project = c.Credentials(w.who()).DefaultProject
	}
	if out.servers == "" {
		out.servers = "baremetal"
		if c.Provider() == simulator.OpenStack {
			out.servers = "all"
		}
	}
	out.narrowed = c.Provider() == simulator.OpenStack && w.view.Project != ""
	if w.top == "" {
		out.series, out.publicSeries, out.tags = "all", "all", map[string]string{"team": "tag_team", "cost-centre": "tag_cost_centre", "managed": "tag_managed"}
	}
	return out
}

func (w watching) who() string { return cmp.Or(w.user, simulator.Exporter) }

// everySeries publishes all that is optional.
const everySeries = "series: {ports: all, public_ips: all, tags: [team, cost-centre, managed]}\n"

func (w watching) yaml(c simulated) string {
	top, extra := cmp.Or(w.top, everySeries), w.extra
	if !strings.Contains(strings.Join(extra, ""), "limits:") {
		extra = append(slices.Clone(extra), "  limits: {requests_per_second: 5000}")
	}
	text := c.ConfigYAMLAs(w.who(), c.base, w.auth, extra...)
	return top + "clouds:\n" + strings.Replace(text, "provider: "+c.Provider(), "provider: "+cmp.Or(w.provider, c.Provider()), 1)
}

// judge runs an exporter and compares what it publishes with the truth.
func (w watching) judge(t *testing.T, c simulated) metrictest.Series {
	t.Helper()
	got := watch(t, w.yaml(c)).metrics("/metrics")
	compare(t, expect(c.Truth(w.view), w.as(c)), got)
	return got
}

// refuse takes the right to see availabilities away; put back at the end.
func refuse(t *testing.T, c simulated) {
	t.Helper()
	if c.Provider() != simulator.OpenStack {
		c.Deny(simulator.Exporter, "vpc:networks:get")
		t.Cleanup(func() { c.Allow(simulator.Exporter) })
		return
	}
	t.Cleanup(c.Fault(simtest.Fault{Path: "/network-ip-availabilities", Status: http.StatusForbidden,
		Body: `{"NeutronError":{"type":"PolicyNotAuthorized","message":"disallowed by policy","detail":""}}`}))
}

func providers() []string {
	return []string{simulator.HuaweiCloud, simulator.OTC, simulator.OpenStack}
}

// authTypes of a provider that work anywhere. The others are tested apart.
func authTypes(provider string) []string {
	if provider == simulator.OpenStack {
		return []string{"password", "application_credential"}
	}
	return []string{"password", "access_key"}
}

func forEachProvider(t *testing.T, run func(t *testing.T, provider string)) {
	for _, provider := range providers() {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			run(t, provider)
		})
	}
}

func TestPublishesTheTruthOfALargeCloud(t *testing.T) {
	forEachProvider(t, func(t *testing.T, provider string) {
		c := simulateCloud(t, large(provider))
		auths, apis := authTypes(provider), []string{"neutron"}
		if testing.Short() { // TestConformanceOfEachProviderByEachLogin has the others
			auths = auths[:1]
		}
		if provider == simulator.HuaweiCloud {
			apis = []string{"vpc", "neutron", "workspace"}
		}
		for _, refused := range []bool{false, true} {
			for i, auth := range auths {
				for _, api := range apis {
					t.Run(fmt.Sprintf("%s/%s/refused=%v", auth, api, refused), func(t *testing.T) {
						if refused {
							refuse(t, c)
						}
						w := watching{auth: auth, extra: []string{"  apis: {ports: " + api + "}"}, view: simtest.View{Refused: refused}, watched: watched{ports: api}}
						if i > 0 { // else pages are as large as the API allows, which the ports just fill
							w.extra = append(w.extra, "  limits: {requests_per_second: 5000, page_size: 333}")
						}
						w.judge(t, c)
					})
				}
			}
		}
	})
}

// smallWatchings are the ways to watch the small estate, which has every odd
// case that clouds are known for.
func smallWatchings(c simulated) []watching {
	all := []watching{
		{name: "pages of 3", auth: "password", extra: []string{"  limits: {page_size: 3, requests_per_second: 5000}"}},
		{name: "no port series", auth: "password", top: "series: {ports: none, server_addresses: false}\n", watched: watched{series: "none", noAddresses: true}},
		{name: "ports that are down", auth: "password", top: "series: {ports: down}\n", watched: watched{series: "down"}},
		{name: "ports that are idle", auth: "password", top: "series: {ports: idle}\n", watched: watched{series: "idle"}},
		{name: "all servers", auth: "password", extra: []string{"  servers: all", "  apis: {server_addresses: list}"}, watched: watched{servers: "all"}},
		{name: "bare metal alone", auth: "password", extra: []string{"  servers: baremetal"}, watched: watched{servers: "baremetal"}},
		{name: "ports alone", auth: "password", extra: []string{"  collectors: [ports]"}, watched: watched{collectors: []string{"ports"}}},
		{name: "subnets alone", auth: "password", extra: []string{"  collectors: [subnets]"}, watched: watched{collectors: []string{"subnets"}}},
		{name: "servers alone", auth: "password", extra: []string{"  collectors: [servers]"}, watched: watched{collectors: []string{"servers"}}},
	}
	if c.Provider() == simulator.OpenStack {
		return append(all,
			watching{name: "a member", user: simulator.Member, auth: "password", view: simtest.View{Project: "alpha", Member: true}, watched: watched{project: "alpha"}},
			watching{name: "an admin of one project", auth: "password", extra: []string{"  projects: [beta]"}, view: simtest.View{Project: "beta"}, watched: watched{project: "beta"}},
		)
	}
	second := c.Credentials(simulator.Exporter).DefaultProject + "_research"
	return append(all,
		watching{name: "the other project", auth: "access_key", extra: []string{"  projects: [" + second + "]"}, view: simtest.View{Project: second}, watched: watched{project: second}},
		watching{name: "bms", auth: "access_key", extra: []string{"  apis: {servers: bms}"}},
		watching{name: "bms and its addresses", auth: "access_key", extra: []string{"  apis: {servers: bms, server_addresses: list}"}},
		watching{name: "private ips alone", auth: "access_key", extra: []string{"  collectors: [private_ips]"}, watched: watched{collectors: []string{"private_ips"}}},
	)
}

func TestPublishesTheTruthOfOddCases(t *testing.T) {
	forEachProvider(t, func(t *testing.T, provider string) {
		c := simulateCloud(t, simulator.Options{Provider: provider})
		for _, w := range smallWatchings(c) {
			t.Run(w.name, func(t *testing.T) { w.judge(t, c) })
		}
	})
}

// The seed decides how many of everything there are, who holds the addresses, which
// public IPs are attached, and what no listing shows.
func TestPublishesTheTruthOfRandomClouds(t *testing.T) {
	forEachProvider(t, func(t *testing.T, provider string) {
		for seed := range *seeds {
			if seed > 0 && testing.Short() {
				break
			}
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 13))
				c := simulateCloud(t, simulator.Options{Provider: provider, Seed: seed, Subnets: 15 + r.IntN(20), Ports: 150 + r.IntN(200), Servers: 20 + r.IntN(30), PublicIPs: 20 + r.IntN(60)})
				c.Change(func(e *estate.State) { shuffle(e, r) })
				watching{auth: authTypes(provider)[seed%2]}.judge(t, c)
			})
		}
	})
}

func shuffle(e *estate.State, r *rand.Rand) {
	owners := []string{"", "compute:" + e.Zone, "network:dhcp", "network:router_interface", "network:router_interface_distributed", "neutron:VIP_PORT", "neutron:LOADBALANCERV3", "network:floatingip", "of nobody"}
	for _, n := range e.Networks {
		for range r.IntN(5) {
			e.AddPort(n, owners[r.IntN(len(owners))], []string{"", e.ID("device")}[r.IntN(2)], []string{"ACTIVE", "DOWN"}[r.IntN(2)], n.Subnets...)
		}
		if n.VPC == nil || n.Unlisted {
			continue
		}
		for _, s := range e.Servers {
			if _, free := n.V4().Free(); free && s.Project == n.Project && len(s.Ports) > 0 && r.IntN(8) == 0 {
				e.AddSubInterface(s.Ports[0], n, n.Subnets...)
			}
		}
		n.Hide(r.IntN(4))
	}
	for _, ip := range e.PublicIPs {
		if ip.Port != nil && r.IntN(3) == 0 {
			ip.Port, ip.Private, ip.Instance, ip.Status = nil, netip.Addr{}, "", "DOWN"
		}
	}
	e.Sort()
}
