//go:build e2e

package openstack

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
	"cloudip_exporter/test/process"
)

// TestPublishesWhatTheCloudSays runs the exporter as its own process against
// OS_CLOUD, and against OS_CLOUD_MEMBER (a user without the admin role) where
// that is set, with default pages and with pages of 50.
func TestPublishesWhatTheCloudSays(t *testing.T) {
	binary := check.Get(process.Build(t.TempDir()))(t)
	file := cloudsFile(t)
	s := login(t, file, os.Getenv("OS_CLOUD"))
	pool := s.make("subnetpool", `"name": "compared", "prefixes": ["10.200.0.0/22", "10.200.8.0/24"]`)
	network := s.make("network", `"name": "compared"`)
	s.make("subnet", `"network_id": %q, "ip_version": 4, "subnetpool_id": %q, "prefixlen": 26`, network, pool)
	for _, cloud := range []string{os.Getenv("OS_CLOUD"), os.Getenv("OS_CLOUD_MEMBER")} {
		if cloud == "" {
			continue
		}
		for _, pageSize := range []int{1000, 50} {
			t.Run(fmt.Sprintf("%s/pages of %d", cloud, pageSize), func(t *testing.T) {
				exporter := start(t, binary, file, cloud, pageSize)
				s := login(t, file, cloud)
				compare(t, readTruth(s), exporter.scrape())
			})
		}
	}
}

// TestSurvivesAnExpiringToken scrapes before and after the token's end. It
// needs a cloud whose tokens are short-lived (OS_CLOUD_TOKEN_TTL at most 2m).
func TestSurvivesAnExpiringToken(t *testing.T) {
	file := cloudsFile(t)
	s := login(t, file, os.Getenv("OS_CLOUD"))
	life := time.Until(s.expires)
	if life > 2*time.Minute {
		t.Skipf("a token lives %s here: let the cloud give tokens of at most 2m to run this", life.Round(time.Second))
	}
	exporter := start(t, check.Get(process.Build(t.TempDir()))(t), file, os.Getenv("OS_CLOUD"), 50)
	before := exporter.scrape()
	s = login(t, file, os.Getenv("OS_CLOUD")) // ends after the exporter's, however long the build took
	end := time.NewTimer(time.Until(s.expires) + 3*time.Second)
	defer end.Stop()
	<-end.C
	after := exporter.scrape()
	compare(t, readTruth(login(t, file, os.Getenv("OS_CLOUD"))), after)
	logins := func(m map[string]float64) float64 { return m[key("cloudip_auth_logins_total")] }
	t.Logf("logins before %v, after the token's end %v; failures %v", logins(before), logins(after), after[key("cloudip_auth_failures_total")])
	if logins(after) <= logins(before) {
		t.Errorf("no new login after the token's end")
	}
}

type exporter struct {
	t            *testing.T
	base, config string
	stop         func() // as often as you like
}

// start runs the exporter with a part of a configuration more.
func start(t *testing.T, binary, cloudsYAML, cloud string, pageSize int, more ...string) *exporter {
	text := fmt.Sprintf("clouds:\n  - name: real\n    provider: openstack\n    auth: {type: clouds_yaml, cloud: %q, file: %q}\n    limits: {page_size: %d, requests_per_second: 100}\n",
		cloud, cloudsYAML, pageSize) + strings.Join(more, "")
	config := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), text)
	p := check.Get(process.Start(exec.Command(binary, "serve", "--config.file="+config, "--web.listen-address=127.0.0.1:0")))(t)
	stop := sync.OnceFunc(func() {
		if code, err := p.End(syscall.SIGTERM); code != 0 || err != nil {
			t.Errorf("the exporter ended with %d, %v", code, err)
		}
		t.Log(&p.Log)
	})
	t.Cleanup(stop)
	address := check.Get(p.Log.Await(0, `Listening on" address=(\S+)`, p.Ended))(t)
	return &exporter{t: t, base: "http://" + address, config: config, stop: stop}
}

// scrape returns every series without its cloud and project labels.
func (e *exporter) scrape() map[string]float64 {
	e.t.Helper()
	req := check.Get(http.NewRequest(http.MethodGet, e.base+"/metrics", nil))(e.t)
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "250")
	resp := check.Get(http.DefaultClient.Do(req))(e.t)
	defer resp.Body.Close()
	series := map[string]float64{}
	for k, v := range metrictest.Text(e.t, check.Get(io.ReadAll(resp.Body))(e.t)) {
		series[strings.Replace(ofTarget.ReplaceAllString(k, ""), ",}", "}", 1)] = v
	}
	return series
}

// ofTarget are the labels that tell the target.
var ofTarget = regexp.MustCompile(`\b(?:cloud|project)="(?:[^"\\]|\\.)*",?`)

// compare holds every series of the truth against what was published, and
// every published series of the compared families against the truth.
func compare(t *testing.T, tr *truth, got map[string]float64) {
	t.Helper()
	families := map[string]int{}
	for k := range tr.series {
		families[metrictest.Family(k)]++
	}
	got = maps.Clone(got)
	maps.DeleteFunc(got, func(k string, _ float64) bool { return families[metrictest.Family(k)] == 0 })
	metrictest.Compare(t, "the exporter", tr.series, got)
	for _, name := range slices.Sorted(maps.Keys(families)) {
		t.Logf("%6d series of %s compared", families[name], name)
	}
	t.Logf("read by REST: %v", tr.counts)
}
