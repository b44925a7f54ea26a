//go:build e2e

package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

// program finds a program: the environment variable, else the path.
func program(t *testing.T, variable, name string) string {
	t.Helper()
	if p := os.Getenv(variable); p != "" {
		name = p
	}
	p, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("find %s: %v: install it or set %s", name, err, variable)
	}
	return p
}

// freeAddress is a loopback address that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l := check.Get(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	return l.Addr().String()
}

// start runs a program until the test ends.
func start(t *testing.T, dir, name string, args ...string) *process.Process {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p := check.Get(process.Start(cmd))(t)
	t.Cleanup(func() { _, _ = p.End(syscall.SIGTERM) })
	return p
}

// await waits until the URL answers 200.
func await(t *testing.T, url string, p *process.Process) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		res, err := http.Get(url)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-p.Ended:
			t.Fatalf("it ended before %s answered:\n%s", url, tail(p))
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer:\n%s", url, tail(p))
}

func tail(p *process.Process) string {
	log := p.Log.String()
	return log[max(0, len(log)-4000):]
}

// getJSON asks a JSON API and fails on anything but 200.
func getJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("ask %s: status %d: %s", url, res.StatusCode, strings.TrimSpace(string(body)))
	}
	return json.Unmarshal(body, into)
}

// startPrometheus runs Prometheus on the rules, scraping the targets of each job,
// and returns its base URL.
func startPrometheus(t *testing.T, dir, rulesFile, alertmanager, interval, evaluation string, jobs map[string][]string) string {
	t.Helper()
	config := fmt.Sprintf("global: {scrape_interval: %s, scrape_timeout: %s, evaluation_interval: %s}\nrule_files: [%q]\nscrape_configs:\n", interval, interval, evaluation, rulesFile)
	for job, targets := range jobs {
		config += fmt.Sprintf("  - job_name: %s\n    static_configs: [{targets: ['%s']}]\n", job, strings.Join(targets, "','"))
	}
	if alertmanager != "" {
		config += fmt.Sprintf("alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}\n", alertmanager)
	}
	home := filepath.Join(dir, "prometheus")
	check.OK(t, os.MkdirAll(home, 0o700))
	file := check.Write(t, filepath.Join(home, "prometheus.yml"), config)
	address := freeAddress(t)
	if fixed := os.Getenv("PROMETHEUS_ADDRESS"); fixed != "" {
		address = fixed
	}
	p := start(t, home, program(t, "PROMETHEUS", "prometheus"), "--config.file="+file, "--storage.tsdb.path="+filepath.Join(home, "data"),
		"--web.listen-address="+address, "--query.lookback-delta=15s", "--log.level=warn")
	await(t, "http://"+address+"/-/ready", p)
	return "http://" + address
}

// startAlertmanager runs Alertmanager with one webhook that hears of everything,
// and returns its address.
func startAlertmanager(t *testing.T, dir, webhook string) string {
	t.Helper()
	file := check.Write(t, filepath.Join(dir, "alertmanager.yml"), fmt.Sprintf("route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\nreceivers:\n  - name: hook\n    webhook_configs: [{url: %q, send_resolved: true}]\n", webhook))
	address := freeAddress(t)
	p := start(t, dir, program(t, "ALERTMANAGER", "alertmanager"), "--config.file="+file, "--storage.path="+filepath.Join(dir, "am"), "--web.listen-address="+address, "--cluster.listen-address=", "--log.level=warn")
	await(t, "http://"+address+"/-/ready", p)
	return address
}
