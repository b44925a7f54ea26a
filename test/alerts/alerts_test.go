//go:build e2e

// Package alerts runs the recording rules, alerts and dashboards on a real
// Prometheus and Alertmanager against the demo world, sped up: each alert goes
// from inactive to firing to resolved and reaches a webhook, and every query of
// every dashboard returns data. Run it with `make e2e-alerts`; PROMETHEUS and
// ALERTMANAGER name the programs where they are not in the path.
package alerts

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

// longest is how long the slowest alert of the world takes: CloudIPSubnetExhaustionPredicted.
const longest = 16 * time.Minute

// TestEveryAlertFiresIsToldAndResolves runs until each alert was inactive,
// firing and resolved, and the webhook heard of both.
func TestEveryAlertFiresIsToldAndResolves(t *testing.T) {
	dir, binary := t.TempDir(), check.Get(process.Build(t.TempDir()))(t)
	rules := check.Read(t, "../../rules/cloudip.rules.yml")
	watch := newWatch()
	hook := httptest.NewServer(watch)
	defer hook.Close()

	demo := freeAddress(t)
	args := []string{"serve", "--demo", "--demo.troubles", "--demo.speed=" + strconv.Itoa(factor), "--web.listen-address=" + demo}
	exporter := start(t, dir, binary, args...)
	await(t, "http://"+demo+"/-/ready", exporter)
	second := startSecond(t, dir, binary)
	began := time.Now()
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		idleForMonths(w, time.Since(began) < 2*time.Minute)
	}))
	defer old.Close()
	prometheus := startPrometheus(t, dir, check.Write(t, filepath.Join(dir, "rules.yml"), shorten(t, rules)), startAlertmanager(t, dir, hook.URL), "2s", "1s",
		map[string][]string{"cloudip": {demo, second.address}, "old": {old.Listener.Addr().String()}})
	watch.started = time.Now()

	names, down := alertNames(rules), "CloudIPExporterDown"
	deadline := time.Now().Add(longest)
	look := func() {
		if err := watch.look(t.Context(), prometheus); err != nil {
			t.Errorf("look at the alerts: %v", err)
		}
		second.act(t, time.Since(watch.started))
		pause(t.Context(), 500*time.Millisecond)
	}
	for time.Since(watch.started) < 15*time.Second {
		look()
	}
	watch.mu.Lock()
	delete(watch.lives, down) // it was down until the first scrape
	watch.mu.Unlock()
	for left := names; len(left) > 0 && !slices.Equal(left, []string{down}) && time.Now().Before(deadline); left = watch.missing(names) {
		look()
	}
	checkDashboards(t, prometheus)
	check.Get(exporter.End(syscall.SIGTERM))(t)
	check.Get(second.process.End(syscall.SIGTERM))(t)
	for began := time.Now(); time.Since(began) < 12*time.Second; {
		look()
	}
	start(t, dir, binary, args...)
	for began := time.Now(); len(watch.missing([]string{down})) > 0 && time.Since(began) < time.Minute; {
		look()
	}
	t.Logf("1 s here is %d s in the world\n%s", factor, watch.table())
	for _, name := range watch.missing(names) {
		t.Errorf("%s did not go from inactive to firing to resolved with a notification of both", name)
	}
	if hold := os.Getenv("HOLD"); hold != "" {
		d := check.Get(time.ParseDuration(hold))(t)
		t.Logf("holding %s for %s", prometheus, d)
		pause(t.Context(), d)
	}
}

// alertNames are the alerts of the rules, each once.
func alertNames(rules string) (names []string) {
	for _, m := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(rules, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
