package faults

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

// What a cloud answers.
func answerRows() []row {
	return []row{{
		fault:   "401 in the middle of a collection",
		promise: "one login shared by all, nothing lost",
		figure:  "64 requests at once, tokens revoked: 1 login, 0 series differ; refused for good: at most 2 logins a service at first, then 1 in 5 s",
		also:    []string{"cloudapi/auth TestARefusedLoginIsNotRepeatedAtOnce", "cloudapi/auth TestThirtyTwoRefusedAtOnceLogInOnce", "cloudapi/auth TestATokenIsRenewedBeforeItsEnd", "cloudapi TestALoginThatFailsIsNotRepeatedByTheRequestThatNeededIt"},
		play:    tokensRevoked,
	}, {
		fault:   "403 on one collector",
		promise: "the others go on, no retry",
		figure:  "HTTP 200, all other series equal, success 0 for that one, 1 request, 1 log line a collection",
		play:    forbiddenCollector,
	}, {
		fault:   "404 between list and get",
		promise: "the item is left out, the collector succeeds",
		figure:  "1 of 1,000 servers gone: 999 published, success 1, 0 skipped; 30 % gone, or an HTML page instead of the service's own answer: success 0 and the last answer stays",
		note:    "Gone items are not counted in a metric of their own: there is no such metric in the list of metrics.",
		play:    goneMeanwhile,
	}, {
		fault:   "429 with Retry-After",
		promise: "all requests of the credential wait that long; a wait beyond the deadline fails at once",
		figure:  "seconds and date: never early, at most 10 % + 1 s late; one hour: the throttled collector fails within 3 s, the others go on",
		also:    []string{"cloudapi TestA429PausesAllAndEndsWithoutABurst"},
		play:    retryAfterHeader,
	}, {
		fault:   "429 without Retry-After",
		promise: "reads the window from the text, else waits 60 s",
		figure:  "a window of 5 minutes: calls ≤ limit × 1.1 over 20 scrapes; the last answer stays",
		note:    "1.1 and not 1.05: gateways limit each API apart, so each operation finds out for itself that a pause beyond the deadline is meant for it.",
		also:    []string{"cloudapi TestUnderAQuotaNearlyNothingIsAskedTwiceAndNoBurstFollows", "cloudapi TestAPauseLastsAsLongAsTheCloudSays"},
		play:    throttledInWindows,
	}, {
		fault:   "bursts of 500, 502, 503",
		promise: "at most 2 retries with jitter, within a budget",
		figure:  "10 % fail: ≥ 98 % of collector runs succeed; all fail: ≤ 1.1 calls a wanted call over 60 scrapes; recovery by the next scrape",
		note:    "A retry budget of 3 tries hides 30 % of failures for 97 of 100 requests, not for 99 of 100 collections: three tries are the rule.",
		also:    []string{"cloudapi TestAThirdOfFailuresIsHiddenByRetries"},
		play:    serverErrors,
	}, {
		fault:   "slow or hung connections",
		promise: "an answer in time, everything released",
		figure:  "no answer, slow body, stop in the body, latency: 100 % answered within the scrape timeout; goroutines and descriptors back to the baseline ± 2",
		note:    "10 scrapes of each script, not 200; an answer may arrive 0.25 s late, and later where the machine is busy.",
		play:    hanging,
	}, {
		fault:   "truncated bodies, early end, reset",
		promise: "an error, the last answer stays",
		figure:  "cut at every percent of every body; connections that end or are reset in the head and later: 0 series change, 0 panics",
		also:    []string{"cloudapi/page TestACutPageIsAskedForAgainAndNeverHandedOut"},
		play:    truncated,
	}, {
		fault:   "a login page, {}, null or another list with status 200",
		promise: "an error, never 0 items",
		figure:  "6 bodies: all collectors fail, 0 series change, at most 256 bytes of a body in a log line",
		also:    []string{"cloudapi/page TestAnAnswerThatIsNoListIsAnError"},
		play:    noAnswers,
	}, {
		fault:   "enormous bodies, compression bombs, endless strings",
		promise: "capped at 64 MiB decompressed",
		figure:  "10 GiB stream, 1000:1 gzip, one string without end: errors of class body, memory grows by ≤ 96 MiB",
		also:    []string{"cloudapi/wire TestABodyThatIsTooLargeIsNamed"},
		play:    enormous,
	}, {
		fault:   "wrong or new values, null, numbers as text",
		promise: "the item is kept with what is known, or skipped and counted",
		figure:  "1 port of 600 whose id or addresses cannot be read: the others are published, skipped 1; any other value of it: the port stays; success 1; 10 % bad: success 0 and the last answer stays; unknown owners are `other`",
		note:    "Up to 5 bad items are tolerated whatever their share.",
		also:    []string{"cloudapi FuzzPorts", "cloudapi FuzzServers", "cloudapi FuzzSubnets", "collector TestBadItemsAreSkippedUntilTheyAreTooMany"},
		play:    oddValues,
	}}
}

func tokensRevoked(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OTC, Servers: 150})
	d := serve(t, with("", c.byToken("  servers: all", "  limits: {requests_per_second: 0, concurrency: 64}")))
	control := d.good()
	logins, asked := c.logins(), atomic.Int32{}
	got := d.during(c, simtest.Fault{Match: func(r *http.Request) bool {
		if resources(r) && asked.Add(1) == 80 {
			c.RevokeTokens()
		}
		return false
	}})
	same(t, "after the tokens were revoked", control, got)
	if failed := got.failed(); len(failed) > 0 || c.logins() != logins+1 {
		t.Errorf("%d logins, failed %v; want 1 and none", c.logins()-logins, failed)
	}
	r.say("%d requests, %d login", asked.Load(), c.logins()-logins)

	logins = c.logins()
	c.Fault(simtest.Fault{Match: resources, Status: 401, Body: `{"error_code":"APIGW.0307","error_msg":"the token expires"}`})
	got = d.scrape(60)
	same(t, "refused for good", control, got)
	first, begun := c.logins()-logins, time.Now()
	for range 10 {
		d.scrape(60)
	}
	const services = 2
	later := c.logins() - logins - first
	if len(got.failed()) != collectorCount() || first > 2*services || later > services*(1+int(time.Since(begun)/(5*time.Second))) {
		t.Errorf("refused for good: failed %v, %d logins at first and %d later", got.failed(), first, later)
	}
	r.say("refused for good: %d logins in 11 collections", first+later)
}

func forbiddenCollector(t *testing.T, r *report) {
	c, d, control := watch(t, simulator.OTC)
	const path = "/vpc/address-groups$"
	c.Fault(simtest.Fault{Path: path, Status: 403, Body: `{"error_code":"VPC.0002","error_msg":"Forbidden"}`})
	for range 3 {
		c.Forget()
		mark := d.log.Mark()
		got := d.scrape(60)
		same(t, "with 403", control, got)
		if f := got.failed(); len(f) != 1 || !strings.HasSuffix(f[0], "/address_groups") || c.Calls("GET", path) != 1 {
			t.Errorf("failed %v after %d requests, want address_groups after 1", f, c.Calls("GET", path))
		}
		d.awaitLog(mark, "collection failed")
		check.Equal(t, "log lines", 1, strings.Count(d.log.Since(mark), "collection failed"))
	}
	fresh := serve(t, with("", c.byToken())).scrape(60)
	for key := range control.data() {
		_, there := fresh[key]
		mine := owned("address_groups", family(key)) || label(key, "collector") == "address_groups"
		if there == mine {
			t.Errorf("from the start: %s is there: %v", key, there)
		}
	}
	r.say("0 of %d series differ", len(control.data()))
}

func goneMeanwhile(t *testing.T, r *report) {
	servers := full(1000, 200)
	c := simulate(t, simulator.Options{Provider: simulator.OTC, Plain: true, Subnets: 4, Servers: servers})
	d := serve(t, with("", c.byToken("  servers: all", "  collectors: [servers]", "  limits: {requests_per_second: 0, concurrency: 32}")))
	before := d.good().sum("cloudip_collector_items", "collector", "servers")
	gone := simtest.Fault{Path: "/servers/[^/]+/ips$", Nth: servers / 2, Status: 404, Body: `{"itemNotFound":{"message":"Instance could not be found.","code":404}}`}
	got := d.during(c, gone)
	if n := got.sum("cloudip_collector_items", "collector", "servers"); before != float64(servers) || n != before-1 || len(got.failed()) > 0 || got.sum("cloudip_collector_skipped_items") != 0 {
		t.Errorf("%v servers of %v, failed %v, skipped %v", n, before, got.failed(), got.sum("cloudip_collector_skipped_items"))
	}
	gone.Nth, gone.Probability, gone.Seed = 0, 0.3, 1
	c.Fault(gone)
	many := d.scrape(60)
	same(t, "30 % gone", got, many)
	many.allFailed(t, "30 % of the servers gone")
	few := simulate(t, simulator.Options{Provider: simulator.OTC, Plain: true, Subnets: 4, Servers: 3})
	e := serve(t, with("", few.byToken("  servers: all", "  collectors: [servers]")))
	all := e.good()
	few.Fault(simtest.Fault{Path: "/servers/[^/]+/ips$", Status: 404, Body: "<html><title>404 Not Found</title></html>"})
	page := e.scrape(60)
	same(t, "an error page", all, page)
	page.allFailed(t, "an error page for each of 3 servers")
	r.say("%d of %d; 30 %% gone is a failure, and so is an error page of one", servers-1, servers)
}

func retryAfterHeader(t *testing.T, r *report) {
	c := otc(t)
	d := serve(t, with("collection: {timeout: 20s}\n", c.byToken("  limits: {requests_per_second: 0, concurrency: 1}")))
	control := d.good()
	for _, name := range []string{"seconds", "date"} {
		told, value := time.Second, "1"
		if name == "date" {
			at := time.Now().Add(3 * time.Second).Truncate(time.Second)
			value = at.UTC().Format(http.TimeFormat)
		}
		c.Forget()
		remove := c.Fault(simtest.Fault{Path: "/ports$", Nth: 1, Status: 429, Header: http.Header{"Retry-After": {value}}})
		same(t, name, control, d.scrape(60))
		remove()
		all := c.Requests()
		at := slices.IndexFunc(all, func(q simtest.Request) bool { return q.Status == 429 })
		if at < 0 || at+1 >= len(all) {
			t.Fatalf("%s: no 429, or nothing after it: %v", name, all)
		}
		waited := all[at+1].Time.Sub(all[at].Time)
		if name == "date" {
			when, _ := http.ParseTime(value)
			told = when.Sub(all[at].Time)
		}
		if waited < told {
			t.Errorf("%s: told to wait %v, waited %v", name, told, waited)
		}
		d.inTime("what was to wait "+told.String(), waited-told*11/10-time.Second)
		r.say("%s: told %v, waited %v", name, told.Round(time.Millisecond), waited.Round(time.Millisecond))
	}
	bound := 3 + d.allowance().Seconds()
	c.Fault(simtest.Fault{Path: "/ports$", Status: 429, Header: http.Header{"Retry-After": {"3600"}}})
	got, took := d.timed(30)
	same(t, "one hour", control, got)
	failure := got.sum("cloudip_collector_duration_seconds", "collector", "ports")
	if f := strings.Join(got.failed(), " "); failure > bound || took > 20*time.Second || !strings.Contains(f, "/ports") || strings.Contains(f, "servers") {
		t.Errorf("a wait of an hour: ports failed after %v s, answered after %v, failed %v", failure, took, got.failed())
	}
	r.say("one hour: failed after %.2f s", failure)
}

func throttledInWindows(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OTC, Servers: 300})
	d := serve(t, with("collection: {timeout: 20s}\n", c.byToken("  servers: all")))
	control := d.good()
	const limit = 200
	var begun atomic.Int32
	c.Fault(simtest.Fault{Match: func(r *http.Request) bool {
		if resources(r) {
			begun.Add(1)
			return true
		}
		return false
	}, Throttle: &simtest.Throttle{Limit: limit, Window: 5 * time.Minute,
		Body: fmt.Sprintf(`{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:%d,time:5 minute","error_code":"APIGW.0308"}`, limit)}})
	var got ledger
	for range full(20, 6) {
		got = d.scrape(30)
		same(t, "throttled", control, got)
	}
	if n := begun.Load(); float64(n) > limit*1.1 || n <= limit {
		t.Errorf("%d calls at a limit of %d", n, limit)
	}
	if got.sum("cloudip_api_throttled_total") == 0 || len(got.failed()) == 0 {
		t.Errorf("throttled %v, failed %v", got.sum("cloudip_api_throttled_total"), got.failed())
	}
	r.say("%d calls at a limit of %d", begun.Load(), limit)
}

func serverErrors(t *testing.T, r *report) {
	c, d, control := watch(t, simulator.OTC)
	remove := c.Fault(simtest.Fault{Match: resources, Status: 503, Probability: 0.1, Seed: 3})
	runs, good := 0, 0
	for range full(40, 10) {
		got := d.scrape(60)
		runs += collectorCount()
		good += collectorCount() - len(got.failed())
		same(t, "10 % fail", control, got)
	}
	remove()
	if float64(good) < 0.98*float64(runs) {
		t.Errorf("%d of %d collector runs succeeded", good, runs)
	}
	r.say("10 %%: %d of %d runs succeeded", good, runs)

	before := d.good()
	c.Forget()
	remove = c.Fault(simtest.Fault{Match: resources, Status: 502, Body: "<html>"})
	var got ledger
	for range 60 {
		got = d.scrape(60)
		same(t, "all fail", control, got)
	}
	remove()
	calls := float64(len(c.Requests()))
	retries := got.sum("cloudip_api_retries_total") - before.sum("cloudip_api_retries_total")
	if amplification := calls / (calls - retries); amplification > 1.1 || calls-retries < 60 {
		t.Errorf("%v calls, %v of them retries", calls, retries)
	} else {
		r.say("all fail: %.3f calls a wanted call", amplification)
	}
	d.scrape(60).noneFailed(t, "after the end")
}

func hanging(t *testing.T, r *report) {
	worst, scrapes := time.Duration(0), 0
	for name, f := range map[string]simtest.Fault{
		"no answer": {Hang: true}, "a slow body": {SlowBytes: 64 * time.Millisecond}, "stop in the body": {CutAfter: 20, Hang: true}, "latency": {Delay: 700 * time.Millisecond},
	} {
		c := otc(t)
		d := serve(t, with("collection: {timeout: 3s}\n", c.byToken("  http: {timeout: 2s}")))
		control, base := d.good(), d.good()
		slowest := time.Duration(0)
		f.Match = resources
		end := c.Fault(f)
		for range full(10, 3) {
			got, took := d.timed(1)
			same(t, name, control, got)
			slowest, scrapes = max(slowest, took), scrapes+1
		}
		end()
		worst = max(worst, slowest)
		d.inTime("the answer to a scrape with a timeout of 1 s", slowest-time.Second)
		eventually(t, time.Minute, "all is released", func() bool {
			now := d.scrape(60)
			return len(now.failed()) == 0 && now.sum("go_goroutines") <= base.sum("go_goroutines")+2 && now.sum("process_open_fds") <= base.sum("process_open_fds")+2
		})
	}
	r.say("%d scrapes, the slowest took %v of 1 s", scrapes, worst.Round(time.Millisecond))
}

func truncated(t *testing.T, r *report) {
	truncatedByTheCloud(t, r)
	truncatedOnTheWire(t)
}

func truncatedByTheCloud(t *testing.T, r *report) {
	clouds := full(10, 4)
	var all []*cloud
	var items []string
	for i := range clouds {
		c := simulate(t, simulator.Options{Provider: []string{simulator.OTC, simulator.OpenStack, simulator.HuaweiCloud}[i%3], Name: fmt.Sprint("cut", i)})
		all, items = append(all, c), append(items, c.byToken())
	}
	d := serve(t, with("", items...))
	control := d.good()
	scripts := 0
	for from := 0; from < 100; from += clouds * full(1, 8) {
		var ends []func()
		for i, c := range all {
			percent := max(0.01, float64(from+i))
			ends = append(ends, c.Fault(simtest.Fault{Match: resources, CutAtPercent: percent}))
			scripts++
		}
		got := d.scrape(60)
		same(t, fmt.Sprintf("cut at %d to %d %%", from, from+clouds-1), control, got)
		got.allFailed(t, fmt.Sprintf("cut from %d %%", from))
		for _, end := range ends {
			end()
		}
	}
	r.say("%d cuts of every answer of three providers", scripts)
}

// brokenAnswer is how a connection breaks: after so many percent of an answer, head
// included, by its end or by a reset.
type brokenAnswer struct {
	percent int
	reset   bool
}

func truncatedOnTheWire(t *testing.T) {
	c, now := otc(t), atomic.Pointer[brokenAnswer]{}
	now.Store(&brokenAnswer{percent: 100})
	base := hijacked(t, c, func(conn net.Conn, whole []byte) {
		b := now.Load()
		_, _ = conn.Write(whole[:len(whole)*b.percent/100])
		if b.reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
	})
	d := serve(t, with("", c.at(base)))
	control := d.good()
	for _, b := range []brokenAnswer{{0, false}, {1, false}, {50, false}, {99, false}, {0, true}, {50, true}} {
		now.Store(&b)
		got := d.scrape(60)
		same(t, fmt.Sprintf("%+v", b), control, got)
		got.allFailed(t, fmt.Sprintf("%+v", b))
	}
	now.Store(&brokenAnswer{percent: 100})
	d.scrape(60).noneFailed(t, "after the resets")
}

func noAnswers(t *testing.T, r *report) {
	page := "<!DOCTYPE html><html><head><title>Sign in</title></head><body>" + strings.Repeat("canary-of-the-page ", 200) + "</body></html>"
	for _, provider := range []string{simulator.OTC, simulator.OpenStack} {
		c, d, control := watch(t, provider)
		for _, body := range []string{page, "", "{}", "null", `{"other":[]}`, "[]"} {
			mark := d.log.Mark()
			got := d.during(c, simtest.Fault{Match: resources, ReplaceBody: func([]byte) []byte { return []byte(body) }})
			same(t, fmt.Sprintf("%s: %.20q", provider, body), control, got)
			got.allFailed(t, fmt.Sprintf("%s: %.20q", provider, body))
			for line := range strings.Lines(d.log.Since(mark)) {
				if strings.Count(line, "canary-of-the-page")*19 > 256 {
					t.Errorf("%d bytes of the page in the log: %.600s", strings.Count(line, "canary-of-the-page")*19, line)
				}
				if strings.Contains(line, "collection failed") && !strings.Contains(line, "list ") && !strings.Contains(line, "get ") {
					t.Errorf("the operation is not named: %s", line)
				}
			}
		}
	}
	r.say("6 bodies × 2 providers: all failed, 0 series changed")
}

func enormous(t *testing.T, r *report) {
	var bomb bytes.Buffer
	member := func(text []byte, times int) { // what follows each other in gzip is one text
		var packed bytes.Buffer
		z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		_, _ = z.Write(text)
		_ = z.Close()
		bomb.Write(bytes.Repeat(packed.Bytes(), times))
	}
	member([]byte(`{"ports":[`), 1)
	member(bytes.Repeat([]byte{' '}, 1<<20), 256)
	member([]byte(`]}`), 1)
	endless := bytes.Repeat([]byte("a"), 80<<20)
	copy(endless, `{"ports":[{"id":"`)

	scripts := map[string]simtest.Fault{
		"10 GiB": {Path: "/ports$", Padding: 10 << 30},
		"gzip": {Path: "/ports$", Header: http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"application/json"}},
			ReplaceBody: func([]byte) []byte { return bomb.Bytes() }},
		"one string": {Path: "/ports$", ReplaceBody: func([]byte) []byte { return endless }},
	}
	for name, f := range scripts {
		c := otc(t)
		d := serve(t, with("", c.byToken()), weighed)
		control, before := d.good(), d.memory()
		c.Fault(f)
		got := d.scrape(60)
		grown := d.memory() - before
		same(t, name, control, got)
		if len(got.failed()) == 0 || grown > 96 && len(buildFlags) == 0 {
			t.Errorf("%s: memory grew by %.0f MiB, failed %v", name, grown, got.failed())
		}
		d.awaitLog(0, " MiB")
		r.say("%s: %.0f MiB", name, grown)
	}
}

func oddValues(t *testing.T, r *report) {
	c := simulate(t, simulator.Options{Provider: simulator.OTC, Subnets: 20, Ports: 600})
	d := serve(t, with("", c.byToken("  apis: {ports: neutron}", "  limits: {requests_per_second: 0, page_size: 2000}")))
	control := d.good()
	items := control.sum("cloudip_collector_items", "collector", "ports")
	changed := func(n int32, key string, value any) ledger { // of the first n ports
		var left atomic.Int32
		left.Store(n)
		return d.during(c, changing("/ports$", func(answer map[string]any) {
			for _, p := range itemsOf(answer, "ports") {
				if left.Add(-1) >= 0 {
					p[key] = value
				}
			}
		}))
	}
	for key, tt := range map[string]struct {
		value   any
		skipped float64
	}{"status": {5, 0}, "device_id": {[]any{}, 0}, "network_id": {true, 0}, "fixed_ips": {"none", 1}, "id": {map[string]any{}, 1}} {
		got := changed(1, key, tt.value)
		got.noneFailed(t, key)
		check.Equal(t, key+": items", items-tt.skipped, got.sum("cloudip_collector_items", "collector", "ports"))
		check.Equal(t, key+": skipped", tt.skipped, got.sum("cloudip_collector_skipped_items", "collector", "ports"))
		if tt.skipped == 0 {
			continue
		}
		last := d.good()
		got = changed(int32(math.Ceil(items/10)), key, tt.value)
		same(t, "10 % bad", last, got)
		if len(got.failed()) == 0 {
			t.Errorf("10 %% with %s %v: a success", key, tt.value)
		}
	}
	got := changed(60, "device_owner", "alien:thing")
	got.noneFailed(t, "unknown owners")
	if n := got.sum("cloudip_ports", "holder", "other"); n < control.sum("cloudip_ports", "holder", "other")+30 {
		t.Errorf("unknown owners: %v are other", n)
	}
	check.Equal(t, "ports of an unknown status", 3, changed(3, "status", "QUANTUM").sum("cloudip_ports", "status", "QUANTUM"))
	r.say("%v ports, 4 kinds of bad values", items)
}
