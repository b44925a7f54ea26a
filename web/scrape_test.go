package web

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
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
		check.Equal(t, fmt.Sprintf("header %q", header), want, patience(h))
	}
}

func TestMetricsComeAsTheyAreAskedFor(t *testing.T) {
	f := serve(t).ready()
	plain := f.get("/metrics")
	check.Equal(t, "status", http.StatusOK, plain.status)
	metrictest.Families(t, []byte(plain.body)) // each of them once, and valid
	wantHarmless(t, "/metrics", plain.header)
	check.Equal(t, "findings of promlint", nil, check.Get(promlint.New(strings.NewReader(plain.body)).Lint())(t))
	openMetrics := f.get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0").body
	check.Equal(t, "OpenMetrics is complete", true, strings.HasSuffix(openMetrics, "# EOF\n"))
	check.Equal(t, "encoding", "gzip", f.get("/metrics", "Accept-Encoding", "gzip").header.Get("Content-Encoding"))
	head := f.do(http.MethodHead, "/metrics")
	check.Equal(t, "HEAD", "200", fmt.Sprint(head.status, head.body))
}

// test/faults has /metrics.
func TestAProbeIsAnsweredInTimeWhateverTheCloudDoes(t *testing.T) {
	t.Parallel()
	f := serve(t).ready()
	defer f.otc.Fault(simtest.Fault{Hang: true})()
	if got := f.get("/probe?cloud=sim-otc", "X-Prometheus-Scrape-Timeout-Seconds", "0.9"); got.status != http.StatusOK || got.took > 900*time.Millisecond {
		t.Errorf("status %d after %s of 0.9 s", got.status, got.took)
	}
}

// test/truth compares all probes with /metrics.
func TestProbeShowsTheOnlyProjectAndItsRequests(t *testing.T) {
	found := metrictest.Families(t, []byte(serve(t).ready().get("/probe?cloud=sim-otc").body))
	for _, name := range []string{"cloudip_subnet_info", "cloudip_api_requests_total", "cloudip_auth_logins_total"} {
		check.Equal(t, name+" is there", true, found[name] != nil)
	}
}

func TestTooManyScrapesAtOnceAreRefused(t *testing.T) {
	g := newGate(1)
	inside, leave := make(chan struct{}), make(chan struct{})
	h := g.limit(func(http.ResponseWriter, *http.Request) { close(inside); <-leave })
	var first sync.WaitGroup
	first.Go(func() { h.ServeHTTP(httptest.NewRecorder(), &http.Request{}) })
	<-inside
	w := httptest.NewRecorder()
	h.ServeHTTP(w, &http.Request{})
	check.Equal(t, "status", http.StatusServiceUnavailable, w.Code)
	check.Equal(t, "Retry-After is there", true, w.Header().Get("Retry-After") != "")
	close(leave)
	first.Wait()
}

func TestClientsThatGoAwayDoNotFillTheLog(t *testing.T) {
	var out bytes.Buffer
	log := errorLog{slog.New(slog.NewTextHandler(&out, nil))}
	gone := &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
	for range 100 {
		log.Println("error encoding and sending metric family:", gone)
		log.Println("error encoding and sending metric family:", fmt.Errorf("compress: %w", syscall.ECONNRESET))
	}
	check.Equal(t, "the log of clients that are gone", "", out.String())
	log.Println("error gathering metrics:", errors.New("two series with the same labels"))
	check.Has(t, "the log", out.String(), "two series with the same labels")
}
