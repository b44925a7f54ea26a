//go:build e2e

package alerts

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

// estate is an exposition of about 200,000 series: what one exporter publishes
// for 4 clouds, 40 projects, 8,000 subnets, 9,000 servers and 4,000 address groups.
type estate struct {
	still   []byte // what does not move
	series  int
	scrapes atomic.Int64
}

const (
	subnets = 8000
	servers = 9000
	groups  = 4000
)

// target is the cloud and project that item i belongs to.
func target(i int) string {
	return fmt.Sprintf(`cloud="cloud-%d",project="project-%02d"`, i%4, i%40)
}

func newEstate() *estate {
	e := &estate{}
	var b bytes.Buffer
	add := func(format string, args ...any) {
		fmt.Fprintf(&b, format+"\n", args...)
		e.series++
	}
	for i := range subnets {
		id := fmt.Sprintf(`%s,subnet_id="subnet-%05d",ip_version="4"`, target(i), i)
		add(`cloudip_subnet_info{%s,subnet_name="name-%d",cidr="10.%d.%d.0/24",vpc_id="v",vpc_name="vpc-%d",network_id="subnet-%05d",capacity_source="availability"} 1`, id, i, i/256, i%256, i%40, i)
		add(`cloudip_subnet_addresses_capacity{%s} 251`, id)
		add(`cloudip_subnet_addresses_reserved{%s} 5`, id)
		add(`cloudip_subnet_addresses_idle{%s} %d`, id, i%30)
		for _, holder := range []string{"server", "gateway", "dhcp", "none"} {
			add(`cloudip_subnet_addresses_held{%s,holder="%s"} %d`, id, holder, i%50)
			add(`cloudip_ports{%s,network_id="subnet-%05d",status="ACTIVE",holder="%s"} %d`, target(i), i, holder, i%50)
		}
	}
	for i := range servers {
		id := fmt.Sprintf(`%s,server_id="server-%05d"`, target(i), i)
		add(`cloudip_server_info{%s,server_name="server-%d",kind="baremetal",flavor="physical.o2",availability_zone="az"} 1`, id, i)
		add(`cloudip_server_address_info{%s,address="10.%d.%d.7",ip_version="4",network="v"} 1`, id, i/256, i%256)
		for _, status := range []string{"ACTIVE", "BUILD", "ERROR", "SHUTOFF"} {
			add(`cloudip_server_status{%s,status="%s"} %d`, id, status, map[bool]int{true: 1}[status == "ACTIVE"])
		}
		add(`cloudip_server_addresses{%s,ip_version="4"} 1`, id)
	}
	for i := range groups {
		id := fmt.Sprintf(`%s,address_group_id="group-%05d"`, target(i), i)
		add(`cloudip_address_group_info{%s,address_group_name="group-%d",ip_version="4"} 1`, id, i)
		add(`cloudip_address_group_entries{%s} %d`, id, i%21)
		add(`cloudip_address_group_entries_max{%s} 20`, id)
		add(`cloudip_address_group_entries_redundant{%s} 0`, id)
		for _, status := range []string{"NORMAL", "UPDATING", "UPDATE_FAILED"} {
			add(`cloudip_address_group_status{%s,status="%s"} %d`, id, status, map[bool]int{true: 1}[status == "NORMAL"])
		}
	}
	e.still, e.series = b.Bytes(), e.series+2*subnets
	return e
}

// ServeHTTP is one scrape: in every tenth subnet one more address is used than before.
func (e *estate) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	n := int(e.scrapes.Add(1))
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write(e.still) // Prometheus went away
	for i := range subnets {
		used := i % 200
		if i%10 == 0 {
			used += min(n, 51)
		}
		id := fmt.Sprintf(`%s,subnet_id="subnet-%05d",ip_version="4"`, target(i), i)
		fmt.Fprintf(w, "cloudip_subnet_addresses_used{%s} %d\ncloudip_subnet_addresses_free{%s} %d\n", id, used, id, 251-used)
	}
	for i := range 40 {
		for _, c := range []string{"subnets", "ports", "servers", "address_groups"} {
			fmt.Fprintf(w, "cloudip_collector_success{%s,collector=%q} 1\ncloudip_collector_last_success_timestamp_seconds{%s,collector=%q} %d\n", target(i), c, target(i), c, time.Now().Unix())
		}
	}
}

// TestDashboardsAreFastOnALargeEstate asks every dashboard query of 200,000
// series, over time in as many steps as the panel asks for.
func TestDashboardsAreFastOnALargeEstate(t *testing.T) {
	e := newEstate()
	server := httptest.NewServer(e)
	defer server.Close()
	dir := t.TempDir()
	rules := check.Read(t, "../../rules/cloudip.rules.yml")
	prometheus := startPrometheus(t, dir, check.Write(t, filepath.Join(dir, "rules.yml"), rules), "", "5s", "10s",
		map[string][]string{"cloudip": {strings.TrimPrefix(server.URL, "http://")}})
	pause(t.Context(), 3*time.Minute)
	if n := e.scrapes.Load(); n < 20 {
		t.Fatalf("only %d scrapes of %d series in three minutes", n, e.series)
	}
	var slowest time.Duration
	var which string
	all := queries(t)
	for _, q := range all {
		took, err := q.cost(t, prometheus)
		if err != nil {
			t.Errorf("%s / %s / %s: %v", q.board, q.panel, q.ref, err)
		}
		if took > slowest {
			slowest, which = took, q.board+" / "+q.panel
		}
		if took > 2*time.Second {
			t.Errorf("%s / %s / %s took %s, want 2 s at most", q.board, q.panel, q.ref, took)
		}
	}
	t.Logf("%d series, %d queries, the slowest: %s, %s", e.series, len(all), which, slowest.Round(time.Millisecond))
}

// cost is what the query takes as its panel asks it; the best of two runs.
func (q query) cost(t *testing.T, prometheus string) (time.Duration, error) {
	now := time.Now()
	address := q.at(prometheus)
	if q.steps > 0 {
		address = fmt.Sprintf("%s/api/v1/query_range?start=%d&end=%d&step=%f&query=%s", prometheus, now.Add(-3*time.Minute).Unix(), now.Unix(), 180/float64(q.steps), url.QueryEscape(q.expr))
	}
	best := time.Hour
	for range 2 {
		_, took, err := ask(t.Context(), address)
		if err != nil {
			return 0, err
		}
		best = min(best, took)
	}
	return best, nil
}
