package faults

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
)

// The data and how they are written.
func modelRows() []row {
	return []row{{
		fault:   "IPv6 pools",
		promise: "no overflow, never mixed with IPv4",
		figure:  "/64, /56, /48 and 2^127 exact to 1e-15, free never negative",
		also:    []string{"cloudapi FuzzAvailability", "inventory/space TestSizeCountsDistinctAddresses"},
		play:    hugePools,
	}, {
		fault:   "reserved addresses",
		promise: "what the API says, never a constant",
		figure:  "12 prefixes × 2 providers: reserved = size − capacity, 0 ≤ used ≤ capacity + reserved, capacity is the cloud's",
		play:    reserved,
	}, {
		fault:   "equal names, equal names and prefixes, an id twice",
		promise: "no series lost, the scrape not failed",
		figure:  "everything named alike: as many series of each family as before; an item listed twice counts once; 0 errors of the handler",
		also:    []string{"collector TestEqualLabelSetsNeverFailTheScrape", "collector TestExpositionIsTheGoldenOne"},
		play:    equalNames,
	}, {
		fault:   "label injection, invalid UTF-8, NUL, newlines, quotes, 64 KiB names",
		promise: "it stays a value, is replaced, cut to 128 bytes",
		figure:  "24 hostile names and raw bytes in the answer: all collectors succeed, both text formats parse, families and clouds are those before, no label value above 128 bytes",
		note:    "The 10⁶ random names are fuzzing's part.",
		also:    []string{"text FuzzLabel", "text TestALabelIsValidAndShort"},
		play:    hostileNames,
	}, {
		fault:   "too many series",
		promise: "whole families left out in a fixed order, counted, the most used subnets kept",
		figure:  "lines ≤ series.limit, cloudip_series_dropped exact, no subnet given up that is fuller than one kept",
		note:    "Families that are always kept, such as cloudip_ports, are not cut: a hostile cloud can make as many of them as it has networks and states.",
		also:    []string{"collector TestLimitGivesUpWholeFamiliesInOrder", "collector TestLimitKeepsTheMostUsedSubnets"},
		play:    tooMany,
	}, {
		fault:   "form of the exposition",
		promise: "valid names and types, no timestamps, no interleaving",
		figure:  "promlint: 0 findings; 0 timestamps; each family once; _total on counters only",
		play:    lint,
	}, {
		fault:   "unchanged clouds",
		promise: "the same bytes",
		figure:  "2 scrapes and 1 restart: byte-equal but for the process and times",
		play:    stable,
	}, {
		fault:   "content negotiation",
		promise: "all formats say the same",
		figure:  "4 formats × 2 encodings parse to the same samples",
		note:    "zstd is not linked in.",
		play:    negotiation,
	}}
}

func hugePools(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack})
	d := serve(t, with("", c.byToken()))
	d.good()
	for _, bits := range []float64{64, 72, 80, 127} {
		total := math.Exp2(bits)
		got := d.during(c, changing("/network-ip-availabilities$", func(answer map[string]any) {
			for _, network := range itemsOf(answer, "network_ip_availabilities") {
				for _, o := range itemsOf(network, "subnet_ip_availability") {
					if cidr, _ := o["cidr"].(string); strings.Contains(cidr, ":") {
						o["total_ips"], o["used_ips"] = json.Number(fmt.Sprintf("%.0f", total)), json.Number(fmt.Sprintf("%.0f", total/2))
					}
				}
			}
		}))
		sixes := got.of("cloudip_subnet_addresses_capacity", "ip_version", "6")
		if len(sixes) == 0 || len(got.failed()) > 0 {
			t.Fatalf("no IPv6 capacity, failed %v", got.failed())
		}
		for key, v := range sixes {
			if math.Abs(v-total)/total > 1e-15 {
				t.Errorf("2^%v: %s is %v", bits, key, v)
			}
		}
		for key, v := range got.of("cloudip_subnet_addresses_capacity", "ip_version", "4") {
			if v > math.Exp2(32) {
				t.Errorf("%s is %v", key, v)
			}
		}
		for key, v := range got.of("cloudip_subnet_addresses_free") {
			if v < 0 {
				t.Errorf("%s is %v", key, v)
			}
		}
		r.say("2^%v on %d subnets", bits, len(sixes))
	}
}

func reserved(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.HuaweiCloud} {
		c := simulate(t, simulator.Options{Provider: provider})
		for i := range 12 {
			c.AddSubnet(fmt.Sprint("prefix", i), fmt.Sprintf("10.%d.0.0/%d", 100+i, 17+i))
		}
		got := serve(t, with("", c.byToken())).good()
		checked := 0
		for key := range got.of("cloudip_subnet_info", "ip_version", "4") {
			id, cidr := label(key, "subnet_id"), netip.MustParsePrefix(label(key, "cidr"))
			at := func(name string) float64 {
				return got.sum("cloudip_subnet_addresses_"+name, "subnet_id", id, "ip_version", "4")
			}
			size := math.Exp2(float64(32 - cidr.Bits()))
			if at("reserved") != size-at("capacity") || at("used") < 0 || at("used") > at("capacity")+at("reserved") || at("free") < 0 {
				t.Errorf("%s %s: size %v, capacity %v, reserved %v, used %v, free %v", provider, cidr, size, at("capacity"), at("reserved"), at("used"), at("free"))
			}
			checked++
		}
		if checked < 12 {
			t.Errorf("%s: only %d subnets", provider, checked)
		}
		for _, s := range c.Truth().Subnets {
			if s.Capacity != nil && got.sum("cloudip_subnet_addresses_capacity", "subnet_id", s.ID, "ip_version", s.IPVersion) != *s.Capacity {
				t.Errorf("%s: capacity of %s is not the cloud's", provider, s.CIDR)
			}
		}
		r.say("%s: %d subnets", provider, checked)
	}
}

func perFamily(l ledger) map[string]int {
	n := map[string]int{}
	for key := range l.data() {
		n[family(key)]++
	}
	return n
}

func equalNames(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.OpenStack} {
		c := simulate(t, simulator.Options{Provider: provider})
		d := serve(t, with("series: {ports: all}\n", c.byToken("  servers: all")))
		control := d.good()
		c.RenameEverything("same")
		got := d.scrape(60)
		for name, n := range perFamily(control) {
			check.Equal(t, provider+": "+name, n, perFamily(got)[name])
		}
		twofold := changing("", func(answer map[string]any) {
			for key, list := range answer {
				if items, ok := list.([]any); ok && len(items) > 0 && !strings.HasSuffix(key, "_links") {
					answer[key] = append(items, items[0])
				}
			}
		})
		twofold.Match = resources
		c.Fault(twofold)
		twice := d.scrape(60)
		same(t, "an item twice", got, twice)
		if len(twice.failed()) > 0 || twice.sum("promhttp_metric_handler_errors_total") > 0 {
			t.Errorf("%s: failed %v, %v errors of the handler", provider, twice.failed(), twice.sum("promhttp_metric_handler_errors_total"))
		}
		r.say("%s: %d series", provider, len(got.data()))
	}
}

var payloads = []string{
	"\x00", "\n", "a\nb", `"`, `\`, `x"} 1` + "\n" + `fake_metric 1`, "# HELP fake x\n# TYPE fake gauge\nfake 1\n", "# EOF\n", "{", "}", `",cloud="other`,
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "javascript:alert(1)", "{{.Secret}}", "$(id)", "=cmd|' /C calc'!A0", "\u202Eevil", "\u2028", "\ufeff",
	strings.Repeat("n", 64<<10), strings.Repeat("ü", 100), strings.Repeat("\u202E", 50), "",
}

func hostileNames(t *testing.T, r *report) {
	for _, provider := range []string{simulator.OTC, simulator.OpenStack} {
		renamed, e, control := watch(t, provider, "  servers: all")
		for _, payload := range payloads { // as the name of everything
			renamed.RenameEverything(payload)
			got := e.scrape(60)
			got.noneFailed(t, fmt.Sprintf("%.20q", payload))
			for name := range perFamily(got) {
				if perFamily(control)[name] == 0 {
					t.Errorf("%.30q: %s is new", payload, name)
				}
			}
			for key := range got {
				if of := label(key, "cloud"); family(key) != "cloudip_series_dropped" && of != "" && of != "sim-"+provider {
					t.Errorf("%.30q: %s has another cloud", payload, key)
				}
				for _, name := range []string{"subnet_name", "vpc_name", "server_name", "address_group_name"} {
					if v := label(key, name); len(v) > 128 {
						t.Errorf("%.20q: %s has %d bytes", payload, name, len(v))
					}
				}
			}
			openMetrics(t, e.get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0").body)
		}
		c := simulate(t, simulator.Options{Provider: provider})
		c.RenameEverything("RAWBYTES")
		d := serve(t, with("", c.byToken()))
		d.good() // with the collection at the start
		for _, raw := range []string{"a\xffb", "\xc0\xaf", "\xed\xa0\x80", `\ud800`, `\udfff\ud800`, "\xf8\x88\x80\x80\x80"} {
			got := d.during(c, simtest.Fault{Match: resources, ReplaceBody: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("RAWBYTES"), []byte(raw)) }})
			got.noneFailed(t, fmt.Sprintf("%s: raw %q", provider, raw))
			for key := range got.of("cloudip_subnet_info") {
				check.Has(t, fmt.Sprintf("%s: raw %q: %s", provider, raw, key), label(key, "subnet_name"), "\ufffd")
			}
		}
	}
	r.say("%d names, 6 kinds of invalid bytes, 2 providers", len(payloads))
}

// openMetrics reads what OpenMetrics has in common with the older text. It must end
// once, hold no empty line and each of our families once.
func openMetrics(t *testing.T, body string) ledger {
	t.Helper()
	rest, ok := strings.CutSuffix(body, "# EOF\n")
	if !ok || strings.Contains(rest, "\n# EOF") || strings.Contains(rest, "\n\n") {
		t.Fatalf("OpenMetrics does not end once, or has empty lines: %.60q", body[max(0, len(body)-60):])
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (cloudip_\S+) `).FindAllStringSubmatch(rest, -1) {
		if seen[m[1]] {
			t.Errorf("%s is there twice", m[1])
		}
		seen[m[1]] = true
	}
	types := regexp.MustCompile(`(?m)^# (HELP .*|TYPE \S+ (counter|unknown)|UNIT .*)\n`)
	return parse(t, types.ReplaceAllString(rest, ""))
}

// threeClouds is the configuration of a cloud of each provider.
func threeClouds(t *testing.T) string {
	t.Helper()
	var items []string
	for _, provider := range []string{simulator.HuaweiCloud, simulator.OTC, simulator.OpenStack} {
		items = append(items, simulate(t, simulator.Options{Provider: provider}).byToken())
	}
	return with("series: {ports: all}\n", items...)
}

func tooMany(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OpenStack, Subnets: 60, Ports: 800, Servers: full(200, 60)})
	all := serve(t, with("series: {limit: 1000000, ports: all}\n", c.byToken()))
	control := all.good()
	body := all.get("/metrics").body
	total, items := strings.Count(body, "\ncloudip_"), 0
	for _, name := range []string{"port_info", "server_address_info", "server_status", "server_addresses", "server_info"} {
		items += len(control.of("cloudip_" + name))
	}
	ofSubnets := strings.Count(body, "\ncloudip_subnet_")
	for _, limit := range []int{total - 1, total - items/2, total - items - ofSubnets/2} {
		d := serve(t, with(fmt.Sprintf("series: {limit: %d, ports: all}\n", limit), c.byToken()))
		got := d.good()
		if n := strings.Count(d.get("/metrics").body, "\ncloudip_"); n > limit {
			t.Errorf("%d lines at a limit of %d", n, limit)
		}
		missing := 0
		for key := range control.data() {
			if _, there := got[key]; !there {
				missing++
			}
		}
		if dropped := got.sum("cloudip_series_dropped"); int(dropped) != missing || missing == 0 {
			t.Errorf("limit %d: %v counted as dropped, %d are missing", limit, dropped, missing)
		}
		fullestGone, emptiestKept := 0.0, 1.0
		for key, capacity := range control.of("cloudip_subnet_addresses_capacity", "ip_version", "4") {
			id := label(key, "subnet_id")
			ratio := control.sum("cloudip_subnet_addresses_used", "subnet_id", id, "ip_version", "4") / capacity
			if len(got.of("cloudip_subnet_addresses_capacity", "subnet_id", id, "ip_version", "4")) == 0 {
				fullestGone = max(fullestGone, ratio)
			} else {
				emptiestKept = min(emptiestKept, ratio)
			}
		}
		if fullestGone > emptiestKept {
			t.Errorf("limit %d: a subnet that is %.2f full is given up, one that is %.2f full is kept", limit, fullestGone, emptiestKept)
		}
		r.say("limit %d: %d dropped", limit, missing)
	}
}

func lint(t *testing.T, r *report) {
	d := serve(t, threeClouds(t))
	d.good() // no sample has a timestamp, or is there twice
	body := d.get("/metrics").body
	ended, last := map[string]bool{}, ""
	name := regexp.MustCompile(`^(?:# (?:HELP|TYPE) )?(cloudip_\w+)`)
	for line := range strings.Lines(body) {
		m := name.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		base := m[1]
		if !strings.HasPrefix(line, "#") {
			base = regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(base, "")
		}
		if base != last && ended[base] {
			t.Errorf("%s is interleaved", base)
		}
		if base != last {
			ended[last], last = true, base
		}
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (cloudip_\w+) (\w+)$`).FindAllStringSubmatch(body, -1) {
		check.Equal(t, m[1]+" is a counter", strings.HasSuffix(m[1], "_total"), m[2] == "counter")
	}
	r.say("%d families, 0 findings", len(ended))
}

func stable(t *testing.T, r *report) {
	take := func(d *daemon) string {
		d.good()
		var b strings.Builder
		for line := range strings.Lines(d.get("/metrics").body) {
			if !metrictest.OfProcess(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")) {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	yaml := threeClouds(t)
	d := serve(t, yaml)
	first, second := take(d), take(d)
	third := take(serve(t, yaml))
	if diff := cmp.Diff(first, second) + cmp.Diff(first, third); diff != "" || strings.Count(first, "\n") < 1000 {
		t.Errorf("of %d bytes differ:\n%s", len(first), diff)
	}
	r.say("%d bytes, three times the same", len(first))
}

func negotiation(t *testing.T, r *report) {
	d := serve(t, threeClouds(t))
	control := d.good()
	n := 0
	for _, accept := range []string{"text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=0.0.1",
		"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"} {
		for _, encoding := range []string{"identity", "gzip"} {
			a := d.get("/metrics", "Accept", accept, "Accept-Encoding", encoding)
			body := a.body
			if encoding == "gzip" {
				body = string(check.Get(io.ReadAll(check.Get(gzip.NewReader(strings.NewReader(body)))(t)))(t))
			}
			want, _, _ := strings.Cut(accept, ";")
			if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), want) {
				t.Errorf("%s: %d %s", accept, a.status, a.header.Get("Content-Type"))
			}
			switch {
			case strings.Contains(accept, "openmetrics"):
				same(t, accept, control, openMetrics(t, body))
			case strings.Contains(accept, "protobuf"):
				same(t, accept, control, ledger(metrictest.Protobuf(t, []byte(body))))
			default:
				same(t, accept, control, parse(t, body))
			}
			n++
		}
	}
	r.say("%d combinations", n)
}
