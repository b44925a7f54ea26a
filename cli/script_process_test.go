package cli

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cloudip_exporter/test/process"
)

// start runs the program in the script's folder until the script ends, at most.
func start(ts *testscript.TestScript, args []string) *process.Process {
	cmd := exec.Command(stageOf(ts).program, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+ts.Getenv("XDG_STATE_HOME"))
	p, err := process.Start(cmd)
	ts.Check(err)
	ts.Defer(func() { _, _ = p.End(os.Kill) })
	return p
}

// stop sends a signal, waits for the end and holds the exit code against code.
func stop(ts *testscript.TestScript, p *process.Process, signal os.Signal, code int) {
	got, err := p.End(signal)
	ts.Check(err)
	ts.Logf("%s", &p.Log)
	if got != code {
		ts.Fatalf("exit code %d, want %d", got, code)
	}
}

func interrupted(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 3, "usage: interrupted CODE FILE COMMAND...")
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	p := start(ts, args[2:])
	select {
	case <-stageOf(ts).met:
	case <-p.Ended:
		ts.Fatalf("it ended by itself:\n%s", &p.Log)
	case <-time.After(20 * time.Second):
		ts.Fatalf("it does not meet the fault:\n%s", &p.Log)
	}
	stop(ts, p, os.Interrupt, code)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(p.Log.String()), 0o600))
	if out := p.Out.String(); out != "" {
		ts.Fatalf("stdout:\n%s", out)
	}
}

func serves(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 3, "usage: serves NAME PATTERN COMMAND...")
	p := start(ts, args[2:])
	stageOf(ts).running[args[0]] = p
	_, err := p.Log.Await(0, args[1], p.Ended)
	ts.Check(err)
	address, err := p.Log.Await(0, `address"?[=:]"?(127\.0\.0\.1:[0-9]+)`, p.Ended)
	ts.Check(err)
	ts.Setenv(args[0], "http://"+address)
}

func ends(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 1 && stageOf(ts).running[args[0]] != nil, "usage: ends NAME [FILE], after serves")
	p := stageOf(ts).running[args[0]]
	stop(ts, p, syscall.SIGTERM, 0)
	if len(args) > 1 {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(p.Out.String()), 0o600))
	}
}

// request keeps an answer of a daemon, once it matches PATTERN.
func request(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 3, "usage: request METHOD STATUS URL [FILE [PATTERN]]")
	pattern := regexp.MustCompile(strings.Join(args[min(4, len(args)):], ""))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequest(args[0], args[2], nil)
		ts.Check(err)
		resp, err := client.Do(req)
		ts.Check(err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		switch {
		case strconv.Itoa(resp.StatusCode) != args[1]:
			ts.Fatalf("status %d, want %s: %s", resp.StatusCode, args[1], body)
		case !pattern.Match(body):
			if time.Now().After(end) {
				ts.Fatalf("never %s: %s", pattern, body)
			}
			continue
		case len(args) > 3:
			ts.Check(os.WriteFile(ts.MkAbs(args[3]), body, 0o600))
		}
		return
	}
}

// hangup sends SIGHUP to what is served and waits until it says PATTERN.
func hangup(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 2 && stageOf(ts).running[args[0]] != nil, "usage: hangup NAME PATTERN, after serves")
	p := stageOf(ts).running[args[0]]
	ts.Check(p.Process.Signal(syscall.SIGHUP))
	_, err := p.Log.Await(0, args[1], p.Ended)
	ts.Check(err)
}
