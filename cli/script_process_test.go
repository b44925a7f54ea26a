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
)

// process is a program that a script has started.
type process struct {
	cmd   *exec.Cmd
	out   *buffer // stdout
	all   *buffer // stdout and stderr
	ended chan struct{}
}

// start runs the program in the script's folder until the script ends, at most.
func start(ts *testscript.TestScript, args []string) *process {
	p := &process{cmd: exec.Command(stageOf(ts).program, args[1:]...), out: newBuffer(), all: newBuffer(), ended: make(chan struct{})}
	p.cmd.Dir = ts.MkAbs(".")
	p.cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+ts.Getenv("XDG_STATE_HOME"))
	p.cmd.Stdout, p.cmd.Stderr = io.MultiWriter(p.out, p.all), p.all
	ts.Check(p.cmd.Start())
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // told by its exit code
	}()
	ts.Defer(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// stop sends a signal, waits for the end and holds the exit code against code.
func (p *process) stop(ts *testscript.TestScript, signal os.Signal, code int) {
	ts.Check(p.cmd.Process.Signal(signal))
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		ts.Fatalf("it does not end:\n%s", p.all)
	}
	ts.Logf("%s", p.all)
	if got := p.cmd.ProcessState.ExitCode(); got != code {
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
	case <-p.ended:
		ts.Fatalf("it ended by itself:\n%s", p.all)
	case <-time.After(20 * time.Second):
		ts.Fatalf("it does not meet the fault:\n%s", p.all)
	}
	p.stop(ts, os.Interrupt, code)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(p.all.String()), 0o600))
	if out := p.out.String(); out != "" {
		ts.Fatalf("stdout:\n%s", out)
	}
}

func serves(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 3, "usage: serves NAME PATTERN COMMAND...")
	p := start(ts, args[2:])
	stageOf(ts).running[args[0]] = p
	_, err := p.all.await(args[1], p.ended)
	ts.Check(err)
	address, err := p.all.await(`address"?[=:]"?(127\.0\.0\.1:[0-9]+)`, p.ended)
	ts.Check(err)
	ts.Setenv(args[0], "http://"+address)
}

func ends(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 1 && stageOf(ts).running[args[0]] != nil, "usage: ends NAME [FILE], after serves")
	p := stageOf(ts).running[args[0]]
	p.stop(ts, syscall.SIGTERM, 0)
	if len(args) > 1 {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(p.out.String()), 0o600))
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
	ts.Check(p.cmd.Process.Signal(syscall.SIGHUP))
	_, err := p.all.await(args[1], p.ended)
	ts.Check(err)
}
