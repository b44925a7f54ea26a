package faults

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

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
		figure:  "pools of 2^64 and more are exact, free never negative",
		also:    []string{"test/truth TestPublishesTheTruthOfOddCases", "cloudapi FuzzAvailability", "collector TestSubnetUsage", "inventory/space TestSizeCountsDistinctAddresses"},
	}, {
		fault:   "reserved addresses",
		promise: "what the API says, never a constant",
		figure:  "of every subnet of 2 providers: reserved = size − capacity, capacity is the cloud's",
		also:    []string{"test/truth TestPublishesTheTruthOfALargeCloud", "test/truth TestPublishesTheTruthOfOddCases"},
	}, {
		fault:   "equal names, equal names and prefixes, an id twice",
		promise: "no series lost, the scrape not failed",
		figure:  "everything named alike, or there twice: as many series of each family as before; an item listed twice counts once",
		also:    []string{"collector TestEqualLabelSetsNeverFailTheScrape", "collector TestExpositionIsTheGoldenOne", "collector TestAnItemListedTwiceCountsOnce"},
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
		also:    []string{"collector TestLimitGivesUpWholeFamiliesInOrder", "collector TestLimitKeepsTheMostUsedSubnets", "collector TestLimitCountsTheSeriesFromElsewhere"},
	}, {
		fault:   "form of the exposition",
		promise: "valid names and types, no timestamps, no interleaving",
		figure:  "promlint: 0 findings; 0 timestamps; each family once; _total on counters only",
		also:    []string{"web TestMetricsComeAsTheyAreAskedFor", "collector TestExpositionIsTheGoldenOne"},
	}, {
		fault:   "unchanged clouds",
		promise: "the same bytes",
		figure:  "whatever the order in which targets and items come: byte-equal, today and at the last change of the golden files",
		also:    []string{"collector TestExpositionIsTheGoldenOne", "collector TestOrderOfTargetsAndRowsDoesNotShow"},
	}, {
		fault:   "content negotiation",
		promise: "all formats say the same",
		figure:  "4 formats × 2 encodings parse to the same samples",
		note:    "zstd is not linked in.",
		play:    negotiation,
	}}
}

func perFamily(l ledger) map[string]int {
	n := map[string]int{}
	for key := range l.data() {
		n[family(key)]++
	}
	return n
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
				z := check.Get(gzip.NewReader(strings.NewReader(body)))(t)
				all := check.Get(io.ReadAll(z))(t)
				body = string(all)
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
