package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

// Scrapes and what they cost.
func scrapeRows() []row {
	return []row{{
		fault:   "many scrapes at once, two Prometheis",
		promise: "the cloud is asked as by one",
		figure:  "50 scrapes at once: exactly one collection; two scrapers in step for 20 rounds: 20 collections",
		note:    "Two replicas of the exporter do ask twice; background collections of many targets are spread at random.",
		also:    []string{"collect TestScrapesAtOnceShareOneCollection"},
		play:    herd,
	}, {
		fault:   "slower than the scrape timeout",
		promise: "answered in time from the last answer",
		figure:  "cloud 0.1, 1, 2 s × timeout 1, 2, 3 s and 5 odd headers: 100 % in time, and the next scrape has the result",
		note:    "18 scrapes, not 1,000; an answer may arrive 0.25 s late, and later where the machine is busy.",
		also:    []string{"web TestPatienceIsTheScrapeTimeoutLessTheTimeToAnswer"},
		play:    slowCloud,
	}, {
		fault:   "partial results",
		promise: "complete, or the last answer with its own time, or after max_stale nothing",
		figure:  "outage beyond max_stale: every scrape is 200 and shows the last answer or nothing, times never go back, then all returns",
		note:    "max_stale 2 s here. 10,000 random sequences: `make model`.",
		also:    []string{"collect TestModel", "collect TestAnOutageKeepsTheLastAnswerUntilMaxStale"},
		play:    outage,
	}, {
		fault:   "short outages, deleted things",
		promise: "no gap; what is deleted vanishes at once",
		figure:  "60 scrapes over 3 outages: 0 gaps; a deleted subnet is gone at the next scrape",
		note:    "Told by the expositions, not by a Prometheus.",
		play:    gaps,
	}, {
		fault:   "very many ports",
		promise: "memory is bounded",
		figure:  "300,000 ports: peak memory ≤ 256 MiB; usual: 30,000 ports, ≤ 96 MiB",
		note:    "A million ports: docs/performance.md.",
		also:    []string{"cloudapi TestAPortCostsNoAllocation"},
		play:    manyPorts,
	}, {
		fault:   "leaks",
		promise: "goroutines, descriptors and heap stay flat",
		figure:  "100 scrapes with random faults: goroutines within 2 of the baseline beside those of kept connections, descriptors within `limits.concurrency`",
		note:    "10,000 scrapes and 20 minutes: `make soak`.",
		also:    []string{"test/faults TestSoak"},
		play:    leaks,
	}, {
		fault:   "a panic in a collector or a worker",
		promise: "that collector fails, the process lives",
		figure:  "in a listing and in each kind of worker: success 0 for the collectors that need it, all others as before",
		note:    "Not played: no fault from outside makes the program panic. Not counted in a metric of its own: there is no such metric in the list of metrics; the log has the stack.",
		also:    []string{"collector TestAPanicCostsItsCollectorAlone", "collect TestAPanicFailsItsCollectorAloneAndIsLogged", "cloudapi/auth TestAPanicInSharedWorkIsAnError"},
	}, {
		fault:   "SIGTERM under load",
		promise: "no answer is lost, exit 0 within 15 s",
		figure:  "5 times 20 scrapes in flight: 100 whole answers, exit 0; a second signal ends at once",
		note:    "5 restarts, not 100; /-/ready does not turn 503 first: it stays on once it was.",
		play:    termination,
	}}
}

func herd(t *testing.T, r *report) {
	c, d, _ := watch(t, simulator.OTC)
	c.Forget()
	letGo := c.hold(t, "/quotas$")
	answers := d.atOnce(50)
	awaitInFlight(d, 50)
	letGo()
	for range 50 {
		check.Equal(t, "status of one of 50 scrapes at once", http.StatusOK, (<-answers).status)
	}
	check.Equal(t, "collections of 50 scrapes at once", 1, c.Calls("GET", "/quotas$"))
	c.Forget()
	rounds := full(20, 5)
	for range rounds {
		letGo := c.hold(t, "/quotas$")
		answers := d.atOnce(2)
		awaitInFlight(d, 2)
		letGo()
		<-answers
		<-answers
	}
	if n := c.Calls("GET", "/quotas$"); n > rounds+1 {
		t.Errorf("two scrapers in %d rounds: %d collections", rounds, n)
	}
	r.say("50 scrapes: 1 collection; 2 × %d: %d", rounds, c.Calls("GET", "/quotas$"))
}

func slowCloud(t *testing.T, r *report) {
	c, d, control := watch(t, simulator.OTC)
	n, worst := 0, 0.0
	delays, timeouts := []time.Duration{100 * time.Millisecond, time.Second, 2 * time.Second}, []float64{1, 2, 3}
	for _, delay := range delays[:full(3, 2)] {
		for _, timeout := range timeouts[:full(3, 2)] {
			end, late := c.Fault(simtest.Fault{Path: "/quotas$", Delay: delay}), time.Duration(0)
			for range 2 {
				got, took := d.timed(timeout)
				same(t, "a slow cloud", control, got)
				worst, n = max(worst, took.Seconds()/timeout), n+1
				late = max(late, took-time.Duration(timeout*float64(time.Second)))
			}
			end()
			d.scrape(30).noneFailed(t, fmt.Sprintf("cloud %s, timeout %v s: the next scrape", delay, timeout))
			d.inTime(fmt.Sprintf("with a cloud that takes %s and a timeout of %v s the answer", delay, timeout), late)
		}
	}
	end := c.Fault(simtest.Fault{Path: "/quotas$", Delay: 700 * time.Millisecond})
	for _, header := range []string{"", "-1", "NaN", "1e9", "many"} {
		if a := d.get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds", header); a.status != 200 || a.took > 10*time.Second {
			t.Errorf("header %q: %d after %s", header, a.status, a.took)
		}
	}
	end()
	r.say("%d scrapes, the slowest took %.0f %% of its timeout", n, 100*worst)
}

func outage(t *testing.T, r *report) {
	c := otc(t)
	d := serve(t, with("collection: {max_stale: 2s}\n", c.byToken()))
	control := d.good()
	stamp := func(l ledger) float64 {
		return l.sum("cloudip_collector_last_success_timestamp_seconds", "collector", "subnets")
	}
	last, answers, empty := stamp(control), 0, false
	end := c.Fault(simtest.Fault{Match: resources, Status: 500})
	eventually(t, 30*time.Second, "the data are given up", func() bool {
		got := d.scrape(10)
		answers++
		check.Equal(t, fmt.Sprintf("a success in an outage: %v", got.of("cloudip_collector_success")), 0, got.sum("cloudip_collector_success"))
		if empty = len(got.of("cloudip_subnet_addresses_used")) == 0; !empty {
			for key, v := range control.of("cloudip_subnet_addresses_used") {
				check.Equal(t, key, v, got[key])
			}
			check.Equal(t, "the time of the data went from", last, stamp(got))
		} else if stamp(got) != 0 {
			t.Error("a time without data")
		}
		return empty
	})
	end()
	d.good() // opens the way back
	if got := d.scrape(10); stamp(got) < last {
		t.Error("the time went back")
	}
	same(t, "after the outage", control, d.scrape(10))
	r.say("%d scrapes in the outage", answers)
}

func gaps(t *testing.T, r *report) {
	c, d, control := watch(t, simulator.OpenStack)
	period := full(20, 6)
	for i := range 3 * period {
		var end func()
		if i%period >= period/2 {
			end = c.Fault(simtest.Fault{Match: resources, Status: []int{500, 502, 503}[i/period]})
		}
		same(t, fmt.Sprint("scrape ", i), control, d.scrape(10))
		if end != nil {
			end()
		}
	}
	id := c.AddSubnet("short-lived", "10.98.0.0/24")
	there := func() bool {
		return len(d.scrape(10).of("cloudip_subnet_info", "network_id", id)) > 0
	}
	if !there() {
		t.Error("a new subnet is not there at once")
	}
	c.RemoveSubnet(id)
	if there() {
		t.Error("a deleted subnet is still there")
	}
	r.say("%d scrapes, 0 gaps", 3*period)
}

func manyPorts(t *testing.T, r *report) {
	ports, limit := full(300_000, 30_000), full(256.0, 96.0)
	c := simulate(t, simulator.Options{Provider: simulator.OTC, Plain: true, Subnets: 200, Ports: ports, CachePages: true})
	d := serve(t, with("", c.byToken("  limits: {requests_per_second: 0, page_size: 2000}", "  collectors: [subnets, ports]")), weighed)
	for range 3 {
		check.Equal(t, "ports", float64(ports), d.good().sum("cloudip_collector_items", "collector", "ports"))
	}
	if m := d.memory(); m > limit && len(buildFlags) == 0 {
		t.Errorf("%.0f MiB", m)
	}
	r.say("%d ports: %.0f MiB", ports, d.memory())
}

// troubles are faults to draw from.
func troubles(random *rand.Rand) simtest.Fault {
	f := []simtest.Fault{
		{Status: 500}, {Status: 503, Body: "<html>"}, {Status: 403}, {Status: 404}, {Reset: true}, {CutAtPercent: 50}, {EmptyPage: true},
		{Redirect: stranger.url}, {NextLink: stranger.url}, {ReplaceBody: func([]byte) []byte { return []byte("{}") }}, {Status: 401}, {RepeatMarker: true},
	}[random.IntN(12)]
	f.Match, f.Probability, f.Seed = resources, 0.2+0.8*random.Float64(), random.Uint64()
	return f
}

func leaks(t *testing.T, r *report) {
	c := otc(t)
	d := serve(t, with("collection: {timeout: 2s}\n", c.byToken("  http: {timeout: 1s}")), weighed)
	first := churn(t, d, c, full(20, 10), 1)
	last := churn(t, d, c, full(80, 15), 2)
	flat(t, first, last)
	r.say("%v → %v goroutines, %v → %v descriptors, %.1f → %.1f MiB of heap", first.goroutines, last.goroutines, first.files, last.files, first.heap, last.heap)
}

// burden is what a process holds at rest.
type burden struct{ goroutines, files, heap float64 }

// flat allows for connections kept for later, at most limits.concurrency of
// them: a descriptor and two goroutines each.
func flat(t *testing.T, first, last burden) {
	t.Helper()
	const kept = 8
	if last.goroutines-2*last.files > first.goroutines-2*first.files+2 || last.files > first.files+kept {
		t.Errorf("goroutines %v → %v, descriptors %v → %v", first.goroutines, last.goroutines, first.files, last.files)
	}
}

// churn scrapes with random faults and tells what is held afterwards.
func churn(t *testing.T, d *daemon, c *cloud, scrapes int, seed uint64) (b burden) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	for range scrapes {
		end := c.Fault(troubles(random))
		d.scrape(1)
		end()
	}
	eventually(t, 90*time.Second, "all collectors work again", func() bool { return len(d.scrape(60).failed()) == 0 })
	b = burden{1e9, 1e9, 1e9}
	for range full(10, 5) { // the least of some: a scrape itself holds something
		got := d.scrape(60)
		b.goroutines, b.files = min(b.goroutines, got.sum("go_goroutines")), min(b.files, got.sum("process_open_fds"))
		b.heap = min(b.heap, got.sum("go_memstats_heap_alloc_bytes")/(1<<20))
	}
	return b
}

// TestSoak runs for the time of -soak, at least 10,000 scrapes, with random
// faults; what the process holds must stay flat.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("with -soak=20m only")
	}
	c, o := otc(t), simulate(t, simulator.Options{Provider: simulator.OpenStack, Name: "second"})
	d := serve(t, with("collection: {timeout: 2s}\n", c.byToken("  http: {timeout: 1s}"), o.byToken("  http: {timeout: 1s}")), weighed)
	first := churn(t, d, c, 200, 1)
	begun, scrapes := time.Now(), 0
	last := first
	for time.Since(begun) < *soak || scrapes < 10_000 {
		last = churn(t, d, c, 500, uint64(scrapes)+10)
		scrapes += 510
		check.Equal(t, "a reload failed", http.StatusOK, d.reload())
		c.Forget()
		o.Forget()
		t.Logf("%6s %6d scrapes: %v goroutines, %v descriptors, %.1f MiB of heap, %.0f MiB at most", time.Since(begun).Round(time.Second), scrapes, last.goroutines, last.files, last.heap, d.memory())
	}
	flat(t, first, last)
	if last.heap > first.heap+8 {
		t.Errorf("heap %.1f → %.1f MiB", first.heap, last.heap)
	}
}

func termination(t *testing.T, r *report) {
	c := otc(t)
	answers, restarts := 0, full(5, 2)
	for range restarts {
		d := serve(t, with("", c.byToken()))
		d.good()
		letGo := c.hold(t, "/quotas$")
		scrapes, whole := d.atOnce(20), 0
		awaitInFlight(d, 20)
		begun := time.Now()
		_ = d.run.Process.Signal(syscall.SIGTERM)
		eventually(t, time.Minute, "the signal is seen", func() bool { return strings.Contains(d.log.String(), "ending") })
		letGo()
		for range 20 {
			if a := <-scrapes; a.status == 200 && strings.Contains(a.body, "promhttp_metric_handler_requests_total") {
				whole++
			}
		}
		<-d.run.Ended
		if code := d.run.ProcessState.ExitCode(); code != 0 || whole != 20 || time.Since(begun) > 15*time.Second {
			t.Errorf("%d of 20 answers, exit code %d after %s", whole, code, time.Since(begun))
		}
		answers += whole
	}
	d := serve(t, with("", c.byToken()))
	bound := 3*time.Second + d.allowance()
	c.Fault(simtest.Fault{Match: resources, Hang: true})
	d.atOnce(1)
	awaitInFlight(d, 1)
	begun := time.Now()
	_ = d.run.Process.Signal(syscall.SIGTERM)
	eventually(t, time.Minute, "the first signal is seen", func() bool { return strings.Contains(d.log.String(), "ending") })
	_ = d.run.Process.Signal(syscall.SIGTERM)
	<-d.run.Ended
	if took := time.Since(begun); took > bound {
		t.Errorf("after a second signal it took %s", took)
	}
	r.say("%d whole answers of %d", answers, 20*restarts)
}

// awaitInFlight waits until so many scrapes wait, beside the one that asks.
func awaitInFlight(d *daemon, n float64) {
	d.t.Helper()
	eventually(d.t, time.Minute, fmt.Sprint(n, " scrapes in flight"), func() bool {
		a, err := d.ask("GET", "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "0.05")
		return err == nil && parse(d.t, a.body).sum("promhttp_metric_handler_requests_in_flight")-1 >= n
	})
}
