package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

const (
	withoutLifecycle = "--no-web.enable-lifecycle"
	// weighed, in place of a flag, serves a daemon whose memory is judged: it collects
	// garbage as it does for users, not as seldom as tests.
	weighed = "GOGC="
)

// daemon is the program serving, as a process of its own.
type daemon struct {
	t      *testing.T
	url    string
	config string // file
	log    *process.Log
	run    *process.Process
	client *http.Client
}

// serve starts the program with a configuration at the level debug and waits
// until it listens.
func serve(t *testing.T, yaml string, args ...string) *daemon {
	t.Helper()
	return serveFile(t, check.Write(t, filepath.Join(t.TempDir(), "config.yml"), yaml), args...)
}

func serveFile(t *testing.T, file string, args ...string) *daemon {
	t.Helper()
	if !slices.Contains(args, withoutLifecycle) {
		args = append(args, "--web.enable-lifecycle")
	}
	env := append(os.Environ(), "NO_PROXY=", "no_proxy=", "HTTP_PROXY=", "HTTPS_PROXY=", "http_proxy=", "https_proxy=", "GOTRACEBACK=all")
	if i := slices.Index(args, weighed); i >= 0 {
		args, env = slices.Delete(args, i, i+1), append(env, weighed)
	}
	cmd := exec.Command(executable, append([]string{"serve", "--config.file=" + file, "--web.listen-address=127.0.0.1:0", "--log.level=debug"}, args...)...)
	cmd.Env = env
	d := launch(t, cmd)
	d.config = file
	return d
}

// launch starts a program that serves, and waits until it listens.
func launch(t *testing.T, cmd *exec.Cmd) *daemon {
	t.Helper()
	run := check.Get(process.Start(cmd))(t)
	// Packing takes a tenth of the time; the row of content negotiation has it, as the weighed ones.
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: !slices.Contains(cmd.Env, weighed)}}
	d := &daemon{t: t, log: &run.Log, run: run, client: client}
	t.Cleanup(d.stop)
	address := check.Get(d.log.Await(0, `msg="Listening on" address=(\S+)`, run.Ended))(t)
	d.url = "http://" + address
	return d
}

// stop ends the process and looks at what it has said.
func (d *daemon) stop() {
	d.client.CloseIdleConnections()
	select {
	case <-d.run.Ended: // the row ended it
	default:
		if _, err := d.run.End(syscall.SIGTERM); err != nil {
			d.t.Error(err)
		}
	}
	log := d.log.String()
	for _, bad := range []string{"panic: ", "DATA RACE", "fatal error: ", "goroutine 1 ["} {
		if i := strings.Index(log, bad); i >= 0 && !strings.Contains(log, "SIGQUIT") {
			d.t.Errorf("%q in the log: %.2000s", bad, log[i:])
		}
	}
	if d.t.Failed() {
		d.t.Logf("end of the log:\n%s", log[max(0, len(log)-6000):])
	}
}

// awaitLog waits until the log since mark matches: it comes through a pipe, a
// moment after the answer.
func (d *daemon) awaitLog(mark int, pattern string) {
	d.t.Helper()
	check.Get(d.log.Await(mark, pattern, nil))(d.t)
}

// answer is an answer of the daemon.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

// ask sends a request; headers are name, value, name, value.
func (d *daemon) ask(method, path string, headers ...string) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, d.url+path, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.Host = r.Header.Get("Host")
	begun := time.Now()
	resp, err := d.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body), time.Since(begun)}, err
}

func (d *daemon) get(path string, headers ...string) answer {
	d.t.Helper()
	return check.Get(d.ask(http.MethodGet, path, headers...))(d.t)
}

// scrape is GET /metrics as Prometheus does it, which must always be answered
// by 200 and valid text.
func (d *daemon) scrape(seconds float64) ledger {
	d.t.Helper()
	l, _ := d.timed(seconds)
	return l
}

func (d *daemon) timed(seconds float64) (ledger, time.Duration) {
	d.t.Helper()
	a := d.get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(seconds, 'f', -1, 64))
	if a.status != http.StatusOK {
		d.t.Fatalf("a scrape got %d: %.500s", a.status, a.body)
	}
	return parse(d.t, a.body), a.took
}

// atOnce sends so many scrapes at the same time. Their answers come as they are there, an
// empty one for none.
func (d *daemon) atOnce(n int) <-chan answer {
	answers := make(chan answer, n)
	for range n {
		go func() {
			a, _ := d.ask(http.MethodGet, "/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "60")
			answers <- a
		}()
	}
	return answers
}

// load keeps so many scrapes going until it is stopped, which tells how many there were and
// how many of them were lost.
func (d *daemon) load(n int) (stop func() (scrapes, lost int32)) {
	ctx, end := context.WithCancel(d.t.Context())
	var all sync.WaitGroup
	var scrapes, lost atomic.Int32
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				if a := <-d.atOnce(1); a.status != http.StatusOK {
					lost.Add(1)
				}
				scrapes.Add(1)
			}
		})
	}
	return func() (int32, int32) {
		end()
		all.Wait()
		return scrapes.Load(), lost.Load()
	}
}

// good scrapes until every collector has a complete answer.
func (d *daemon) good() ledger {
	d.t.Helper()
	for range 3 {
		if l := d.scrape(60); len(l.failed()) == 0 && len(l.of("cloudip_collector_success")) > 0 {
			return l
		}
	}
	l := d.scrape(60)
	if len(l.failed()) > 0 {
		d.t.Fatalf("without any fault these collectors fail: %v\n%s", l.failed(), d.log)
	}
	return l
}

// during scrapes while the cloud has a fault.
func (d *daemon) during(c *cloud, f simtest.Fault) ledger {
	d.t.Helper()
	defer c.Fault(f)()
	return d.scrape(60)
}

// allowance is how late an answer may be here: the daemon keeps half a second for
// that, and this machine may be busy with other work, so that a scrape without any
// fault takes long as well.
func (d *daemon) allowance() time.Duration {
	d.t.Helper()
	d.good() // with what is under way
	slowest := time.Duration(0)
	for range 3 {
		_, took := d.timed(60)
		slowest = max(slowest, took)
	}
	return grace + 3*slowest
}

const grace = 250 * time.Millisecond

// inTime checks, when no fault is in force any more, how late something was.
func (d *daemon) inTime(what string, late time.Duration) {
	d.t.Helper()
	if late > grace && late > d.allowance() {
		d.t.Errorf("%s was %v too late", what, late)
	}
}

func (d *daemon) reload() int {
	return check.Get(d.ask(http.MethodPost, "/-/reload"))(d.t).status
}

// memory is the highest resident memory so far, in MiB, of a daemon that is served as weighed.
func (d *daemon) memory() float64 {
	d.t.Helper()
	if !slices.Contains(d.run.Env, weighed) {
		d.t.Fatal("this daemon is not served as weighed")
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.run.Process.Pid))
	if err != nil {
		d.t.Skip("needs /proc")
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		d.t.Fatalf("no VmHWM in %s", text)
	}
	kb, _ := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024
}

// command runs the program to its end; one that waits for ever is killed, and
// its code is -1.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, executable, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // told by the code
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}
