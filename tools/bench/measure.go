//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// scenario is one thing to measure.
type scenario struct {
	Name string
	world
	Rounds int  // scrapes after the first
	Limits bool // measure the two limits as well
}

// cases are what the results are about.
func cases() []scenario {
	full := world{Shape: "neutron", Networks: 200, PageSize: 2000}
	of := func(w world, ports int) world { w.Ports = ports; return w }
	narrow := full
	narrow.Narrow = true
	vpc := world{Shape: "vpc", Networks: 200, PageSize: 2000}
	desktops := world{Shape: "workspace", Networks: 200, PageSize: 2000}
	million := world{Shape: "neutron", Networks: 500, PageSize: 2000, Ports: 1_000_000}
	slow := million
	slow.Latency, slow.Narrow = 100*time.Millisecond, true
	skewed := slow
	skewed.Skew = 0.5
	limited := million
	limited.Narrow, limited.Quota = true, 200
	return []scenario{
		{"10,000 Neutron ports in full", of(full, 10_000), 5, true},
		{"50,000 Neutron ports in full", of(full, 50_000), 5, true},
		{"50,000 Neutron ports, fields= honoured", of(narrow, 50_000), 5, true},
		{"50,000 VPC v1 ports", of(vpc, 50_000), 5, true},
		{"50,000 Workspace ports", of(desktops, 50_000), 5, true},
		{"1,000,000 Neutron ports in full", million, 3, true},
		{"1,000,000 Neutron ports, 100 ms a page", slow, 2, false},
		{"1,000,000 Neutron ports, 100 ms a page, half of them in one network", skewed, 2, false},
		{"1,000,000 Neutron ports, 200 calls in 5 s and then 429", limited, 2, false},
	}
}

// result is what was measured.
type result struct {
	scenario
	Floor      cost
	Discard    cost
	First      cost   // from the start of the process to its first answer
	FirstCalls int    // requests for ports of it
	Scrapes    []cost // further ones; RSS is the peak of that one alone
	Peak, Rest int    // MiB: of the process as a whole, and at its end
	Calls      int    // requests for ports of one scrape
	Allocs     float64
}

type bench struct {
	dir, self, exporter string
	results             []result
	published           *published
}

func splitLines(text []byte) [][]byte { return bytes.Split(text, []byte("\n")) }

// newBench builds this program and, unless it is given, the exporter into a
// directory of their own.
// root is the module that is measured, seen from this one.
const root = "../.."

func newBench(built string) (*bench, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, self: filepath.Join(dir, "bench"), exporter: filepath.Join(dir, "cloudip_exporter")}
	builds := [][2]string{{b.exporter, root}, {b.self, "."}}
	if built != "" {
		b.exporter, builds = built, builds[1:]
	}
	for _, build := range builds {
		cmd := exec.Command("go", "build", "-C", build[1], "-trimpath", "-o", build[0], ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.close()
			return nil, fmt.Errorf("build %s: %w\n%s", build[1], err, out)
		}
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// cloud starts the simulated cloud.
func (b *bench) cloud(w world) (*process, served, error) {
	cmd := exec.Command(b.self, w.args()...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, served{}, err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, served{}, err
	}
	var s served
	if err := json.NewDecoder(out).Decode(&s); err != nil {
		p.stop()
		return nil, served{}, fmt.Errorf("start the cloud: %w", err)
	}
	return p, s, nil
}

func (b *bench) measure(c scenario) error {
	fmt.Fprintln(os.Stderr, "measuring", c.Name)
	cloud, s, err := b.cloud(c.world)
	if err != nil {
		return err
	}
	defer cloud.stop()
	r := result{scenario: c}
	if c.Limits {
		if err := b.limits(&r, s); err != nil {
			return err
		}
	}
	if err := b.warmUp(c.world, s); err != nil {
		return err
	}
	if err := b.scrape(&r, s); err != nil {
		return err
	}
	b.results = append(b.results, r)
	fmt.Fprintln(os.Stderr, r.text())
	return nil
}

// limits measures what the exporter is compared with: each twice, since the
// first round also lets the cloud encode its pages, and the cheaper counts.
func (b *bench) limits(r *result, s served) error {
	var pages []byte
	for round := range 3 {
		out, c, err := run(nil, b.self, "-role=floor", "-first="+s.Ports, "-token="+s.Token)
		if err != nil {
			return err
		}
		if pages = out; round == 1 || c.CPU < r.Floor.CPU {
			r.Floor = c
		}
	}
	for round := range 3 {
		_, c, err := run(pages, b.self, "-role=discard", "-token="+s.Token)
		if err != nil {
			return err
		}
		if round == 0 || c.Wall < r.Discard.Wall {
			r.Discard = c
		}
	}
	return nil
}

// serve starts the exporter.
func (b *bench) serve(s served) (p *process, address string, err error) {
	config := filepath.Join(b.dir, "config.yml")
	if err := os.WriteFile(config, []byte(s.Config), 0o600); err != nil {
		return nil, "", err
	}
	if address, err = freeAddress(); err != nil {
		return nil, "", err
	}
	p, err = start(exec.Command(b.exporter, "serve", "--config.file="+config, "--web.listen-address="+address, "--log.level=warn"))
	return p, address, err
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// firstAnswer waits for an answer that has all ports.
func (p *process) firstAnswer(address string, ports int) (text []byte, err error) {
	for range 12_000 {
		text, err = get("http://" + address + "/metrics")
		if err == nil && number(text, "cloudip_collector_items", `collector="ports"`) > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	if n := number(text, "cloudip_collector_items", `collector="ports"`); int(n) != ports {
		return nil, fmt.Errorf("%v ports, want %d", n, ports)
	}
	return text, nil
}

// warmUp lets the cloud encode the pages that a first collection asks for.
func (b *bench) warmUp(w world, s served) error {
	p, address, err := b.serve(s)
	if err != nil {
		return err
	}
	defer p.stop()
	_, err = p.firstAnswer(address, w.Ports)
	return err
}

// scrape starts the exporter and asks it as Prometheus would.
func (b *bench) scrape(r *result, s served) error {
	begun := time.Now()
	p, address, err := b.serve(s)
	if err != nil {
		return err
	}
	defer p.stop()
	last, err := p.firstAnswer(address, r.Ports)
	if err != nil {
		return err
	}
	r.First = cost{CPU: p.cpu(), Wall: time.Since(begun), RSS: p.peak()}
	r.Peak, r.FirstCalls = r.First.RSS, portCalls(last)
	for range r.Rounds {
		before, calls, allocs := p.cpu(), portCalls(last), number(last, "go_memstats_mallocs_total", "")
		p.forgetPeak()
		begun := time.Now()
		if last, err = get("http://" + address + "/metrics"); err != nil {
			return err
		}
		c := cost{CPU: p.cpu() - before, Wall: time.Since(begun), RSS: p.peak()}
		r.Scrapes = append(r.Scrapes, c)
		r.Peak = max(r.Peak, c.RSS)
		r.Calls = portCalls(last) - calls
		r.Allocs = (number(last, "go_memstats_mallocs_total", "") - allocs) / float64(r.Ports)
		if number(last, "cloudip_collector_success", `collector="ports"`) != 1 {
			return fmt.Errorf("a collection of ports failed")
		}
	}
	r.Rest = p.rest()
	return nil
}

func get(url string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "300")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// portCalls is how many requests for ports the exporter counted.
func portCalls(text []byte) int {
	return int(number(text, "cloudip_api_requests_total", `operation="list_ports"`))
}

// number adds up the samples of a metric that have the label.
func number(text []byte, metric, label string) float64 {
	sum := 0.0
	line := regexp.MustCompile(`(?m)^` + metric + `(?:\{[^\n]*` + regexp.QuoteMeta(label) + `[^\n]*\})? (\S+)$`)
	for _, m := range line.FindAllSubmatch(text, -1) {
		v, _ := strconv.ParseFloat(string(m[1]), 64)
		sum += v
	}
	return sum
}
