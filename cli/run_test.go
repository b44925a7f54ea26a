package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/metrictest"
	"cloudip_exporter/test/process"
)

// runCommand runs the program to its end.
func runCommand(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Run(t.Context(), Process{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err}, args)
	return code, out.String(), err.String()
}

// daemonUnderTest is the program serving.
type daemonUnderTest struct {
	t       *testing.T
	url     string
	log     process.Log
	reloads chan os.Signal
	stop    context.CancelFunc
	code    chan int
}

// startServing runs the program with the arguments on a port of its own.
func startServing(t *testing.T, args ...string) *daemonUnderTest {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &daemonUnderTest{t: t, reloads: make(chan os.Signal), stop: cancel, code: make(chan int, 1)}
	go func() {
		p := Process{
			Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &d.log,
			Reloads: func(context.Context) <-chan os.Signal { return d.reloads },
		}
		d.code <- Run(ctx, p, append(args, "--web.listen-address=127.0.0.1:0"))
	}()
	d.url = "http://" + d.says(`msg="Listening on" address=(\S+)`)
	t.Cleanup(func() { d.end() })
	return d
}

// says waits until the log matches and returns the last group.
func (d *daemonUnderTest) says(pattern string) string {
	d.t.Helper()
	return check.Get(d.log.Await(0, pattern, nil))(d.t)
}

// end stops the program and returns its exit code; it may be called twice.
func (d *daemonUnderTest) end() int {
	d.stop()
	select {
	case code := <-d.code:
		d.code <- code
		return code
	case <-time.After(15 * time.Second):
		d.t.Fatalf("the program did not end within 15 s:\n%s", &d.log)
		return -1
	}
}

func (d *daemonUnderTest) get(path string) (int, string) {
	d.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp := check.Get(client.Get(d.url + path))(d.t)
	defer resp.Body.Close()
	body := check.Get(io.ReadAll(resp.Body))(d.t)
	return resp.StatusCode, string(body)
}

func TestTheDemoPublishesTheContract(t *testing.T) {
	d := startServing(t, "serve", "--demo")
	status, body := d.get("/metrics")
	check.Equal(t, "/metrics", http.StatusOK, status)
	families := metrictest.Families(t, []byte(body))
	d.says(`msg="watching simulated clouds.*" url=(` + d.url + `/)`)
	for listen, want := range map[string]string{":9877": "localhost:9877", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80", "[::1]:80": "[::1]:80", "demo:80": "demo:80"} {
		check.Equal(t, fmt.Sprintf("URL of %s", listen), "http://"+want, local(listen))
	}
	documented := map[string]string{"go_goroutines": "", "process_start_time_seconds": "", "promhttp_metric_handler_requests_total": ""}
	for _, m := range regexp.MustCompile("(?m)^- `(cloudip_\\w+).*$").FindAllStringSubmatch(check.Read(t, "../docs/metrics.md"), -1) {
		documented[m[1]] = m[0]
	}
	byDefault := func(name string) bool { return name != "cloudip_port_info" && name != "cloudip_public_ip_info" }
	for name := range documented {
		if name != "cloudip_api_retries_total" { // where a request failed
			check.Equal(t, name+" is there", byDefault(name), families[name] != nil)
		}
	}
	for name, family := range families {
		if strings.HasPrefix(name, "cloudip_") && !strings.HasSuffix(documented[name], ": "+family.GetHelp()) {
			t.Errorf("docs/metrics.md says of %s something else than its help %q", name, family.GetHelp())
		}
	}
	check.Equal(t, "not successful", "", regexp.MustCompile(`(?m)^cloudip_collector_success.* 0$`).FindString(body))
	check.Equal(t, "the first command of a newcomer warns", "", regexp.MustCompile(`(?m)^.*level=(WARN|ERROR).*$`).FindString(d.log.String()))
	status, _ = d.get("/-/healthy")
	check.Equal(t, "/-/healthy", http.StatusOK, status)
	check.Equal(t, "exit code", 0, d.end())
}

const goodConfig = `clouds:
  - name: lab
    provider: openstack
    auth: {type: password, url: "http://127.0.0.1:1/v3", username: u, password: hunter2-canary}
    projects: [%s]
`

func TestABadReloadChangesNothingAndAGoodOneCounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	check.Write(t, file, fmt.Sprintf(goodConfig, "alpha"))
	d := startServing(t, "serve", "--config.file="+file, "--web.enable-lifecycle")
	targets := func() string { _, body := d.get("/sd/targets"); return body }
	reload := func() int {
		resp := check.Get(http.Post(d.url+"/-/reload", "", nil))(t)
		resp.Body.Close()
		return resp.StatusCode
	}
	defer http.DefaultClient.CloseIdleConnections()

	check.Write(t, file, "clouds: [{name: lab, oops: 1}]")
	check.Equal(t, "a bad configuration: status", http.StatusInternalServerError, reload())
	check.Has(t, "a bad configuration: targets", targets(), "alpha")
	_, body := d.get("/metrics")
	check.Has(t, "after the failed reload", body, "cloudip_config_last_reload_successful 0")
	check.Write(t, file, fmt.Sprintf(goodConfig, "beta"))
	check.Equal(t, "a good configuration: status", http.StatusOK, reload())
	check.Has(t, "a good configuration: targets", targets(), "beta")
	check.Lacks(t, "a good configuration: targets", targets(), "alpha")
	check.Write(t, file, fmt.Sprintf(goodConfig, "gamma"))
	d.reloads <- syscall.SIGHUP
	d.says(`(?s)reloaded the configuration.*reloaded the configuration`)
	check.Has(t, "after SIGHUP: targets", targets(), "gamma")
	check.Write(t, file, fmt.Sprintf(goodConfig, `"*"`))
	reload()
	status, _ := d.get("/sd/targets")
	check.Equal(t, "targets while no project is known: an empty list ends all scraping", http.StatusServiceUnavailable, status)
	check.Lacks(t, "the log", d.log.String(), "hunter2-canary")
}

func TestSystemdIsToldWhenTheDaemonIsReadyReloadsAndEnds(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	c := check.Get(net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"}))(t)
	defer c.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	check.OK(t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
	told := func(want string) {
		t.Helper()
		message := make([]byte, 1024)
		n, err := c.Read(message)
		if err != nil || !strings.HasPrefix(string(message[:n]), want) {
			t.Errorf("told %q, %v, want %s", message[:n], err, want)
		}
	}
	d := startServing(t, "serve", "--demo")
	told("READY=1")
	d.reloads <- syscall.SIGHUP
	told("RELOADING=1\nMONOTONIC_USEC=")
	told("READY=1")
	d.end()
	told("STOPPING=1")
}

func TestCommandFirst(t *testing.T) {
	model := newApp().Model()
	for _, c := range [][2]string{
		{"--cloud=x lookup 10.0.0.1", "lookup --cloud=x -- 10.0.0.1"},
		{"--cloud lookup lookup 10.0.0.1", "lookup --cloud lookup -- 10.0.0.1"},
		{"--yes private-ip --subnet serve assign", "private-ip assign --yes --subnet serve"},
		{"--demo", "--demo"},
		{"lookup serve", "lookup -- serve"},
		{"lookup - --full", "lookup --full -- -"},
		{"inventory -- serve", "inventory -- serve"},
		{"-o json inventory ports", "inventory -o json -- ports"},
	} {
		check.Equal(t, fmt.Sprintf("%q becomes", c[0]), c[1], strings.Join(commandFirst(model, strings.Fields(c[0])), " "))
	}
}
