package web

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudip_exporter/simulator/simtest"
)

func TestPatienceIsTheScrapeTimeoutLessTheTimeToAnswer(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"":        29500 * time.Millisecond,
		"soon":    29500 * time.Millisecond,
		"NaN":     29500 * time.Millisecond,
		"-1":      29500 * time.Millisecond,
		"0":       29500 * time.Millisecond,
		"10":      9500 * time.Millisecond,
		"2.5":     2 * time.Second,
		"1":       500 * time.Millisecond,
		"0.8":     400 * time.Millisecond,
		"0.01":    5 * time.Millisecond,
		"1e9":     299500 * time.Millisecond,
		"+Inf":    29500 * time.Millisecond,
		"1e-300":  0,
		"10; 20s": 29500 * time.Millisecond,
	} {
		h := http.Header{}
		if header != "" {
			h.Set("X-Prometheus-Scrape-Timeout-Seconds", header)
		}
		if got := patience(h); got != want {
			t.Errorf("header %q: %s, want %s", header, got, want)
		}
	}
}

func TestMetricsHoldsEverythingOnceAndValid(t *testing.T) {
	f := serve(t).ready()
	found := families(t, f.get("/metrics"))
	for _, name := range []string{
		"cloudip_subnet_addresses_used", "cloudip_ports", "cloudip_server_info", "cloudip_address_group_entries", "cloudip_quota_used",
		"cloudip_collector_success", "cloudip_api_requests_total", "cloudip_auth_logins_total",
		"go_goroutines", "promhttp_metric_handler_requests_total",
	} {
		if found[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for _, m := range found["cloudip_collector_success"].GetMetric() {
		if m.GetGauge().GetValue() != 1 {
			t.Errorf("not successful: %v", m)
		}
	}
	openMetrics := f.get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0")
	if !strings.HasSuffix(openMetrics.body, "# EOF\n") {
		t.Error("OpenMetrics is not complete")
	}
	if zipped := f.get("/metrics", "Accept-Encoding", "gzip"); zipped.header.Get("Content-Encoding") != "gzip" {
		t.Error("not compressed although asked for")
	}
	if head := f.do(http.MethodHead, "/metrics"); head.status != 200 || head.body != "" {
		t.Errorf("HEAD: %d with %d bytes", head.status, len(head.body))
	}
}

func TestScrapesAtOnceAreAllAnsweredFromOneCollection(t *testing.T) {
	f := serve(t).ready()
	f.otc.Forget()
	remove := f.otc.Fault(simtest.Fault{Path: "/quotas", Delay: 500 * time.Millisecond})
	defer remove()
	var scrapes sync.WaitGroup
	for i := range 50 {
		scrapes.Go(func() {
			path := "/metrics"
			if i%2 == 1 {
				path = "/probe?cloud=sim-otc&project=eu-de"
			}
			if got := f.get(path); got.status != 200 {
				t.Errorf("%s: %d", path, got.status)
			}
		})
	}
	scrapes.Wait()
	if got := f.otc.Calls(http.MethodGet, "/quotas$"); got != 1 {
		t.Errorf("50 scrapes at once cost %d collections, want 1", got)
	}
}

func TestAScrapeIsAnsweredInTimeWhateverTheCloudDoes(t *testing.T) {
	f := serve(t).ready()
	before := families(t, f.get("/metrics"))["cloudip_subnet_addresses_used"]
	defer f.otc.Fault(simtest.Fault{Hang: true})()
	defer f.openstack.Fault(simtest.Fault{Status: 500, Body: "<html>"})()
	for _, path := range []string{"/metrics", "/probe?cloud=sim-otc"} {
		got := f.get(path, "X-Prometheus-Scrape-Timeout-Seconds", "1.2")
		if got.took > 1200*time.Millisecond {
			t.Errorf("%s took %s of 1.2 s", path, got.took)
		}
		after := families(t, got)["cloudip_subnet_addresses_used"]
		if path == "/metrics" && len(after.GetMetric()) != len(before.GetMetric()) {
			t.Errorf("%s: %d subnets, want the %d of the last answer", path, len(after.GetMetric()), len(before.GetMetric()))
		}
	}
}

func TestProbeShowsOneTargetAndNothingOfTheProcess(t *testing.T) {
	f := serve(t).ready()
	for _, path := range []string{"/probe?cloud=sim-otc&project=eu-de", "/probe?cloud=sim-otc"} {
		found := families(t, f.get(path))
		if found["cloudip_subnet_info"] == nil || found["cloudip_api_requests_total"] == nil || found["cloudip_auth_logins_total"] == nil {
			t.Errorf("%s lacks series of its target", path)
		}
		for name, family := range found {
			if !strings.HasPrefix(name, "cloudip_") {
				t.Errorf("%s shows %s", path, name)
			}
			for _, m := range family.GetMetric() {
				labels := map[string]string{}
				for _, l := range m.GetLabel() {
					labels[l.GetName()] = l.GetValue()
				}
				if name != "cloudip_series_dropped" && (labels["cloud"] != "sim-otc" || labels["project"] != "eu-de") {
					t.Errorf("%s shows %s of %v", path, name, labels)
				}
			}
		}
	}
}

func TestProbeTakesConfiguredNamesOnly(t *testing.T) {
	f := serve(t).ready()
	f.otc.Forget()
	f.openstack.Forget()
	for _, query := range []string{
		"", "?cloud=", "?project=eu-de", "?cloud=nobody", "?cloud=sim-otc&project=nobody", "?cloud=sim-otc&project=",
		"?cloud=sim-otc&cloud=sim-otc", "?cloud=sim-otc&project=eu-de&project=eu-de", "?cloud=sim-otc&project=*",
		"?cloud=http://evil.example/", "?cloud=sim-otc;project=eu-de", "?cloud=%zz", "?target=evil.example", "?cloud=%00", "?cloud=SIM-OTC",
	} {
		if got := f.get("/probe" + query); got.status != http.StatusBadRequest {
			t.Errorf("%q: status %d, want 400", query, got.status)
		}
	}
	if n := len(f.otc.Requests()) + len(f.openstack.Requests()); n != 0 {
		t.Errorf("the clouds were asked %d times", n)
	}
}

func TestTooManyScrapesAtOnceAreRefused(t *testing.T) {
	g := newGate(1)
	inside, leave := make(chan struct{}), make(chan struct{})
	h := g.limit(func(http.ResponseWriter, *http.Request) { close(inside); <-leave })
	done := make(chan struct{})
	go func() { defer close(done); h.ServeHTTP(newRecorder(), &http.Request{}) }()
	<-inside
	w := newRecorder()
	h.ServeHTTP(w, &http.Request{})
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q, want 503 with one", w.Code, w.Header().Get("Retry-After"))
	}
	close(leave)
	<-done
}
