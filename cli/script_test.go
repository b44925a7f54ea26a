package cli

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

// TestMain fails tests that leave goroutines behind.
func TestMain(m *testing.M) {
	flag.Parse()
	// What may run at the same time waits more than it works.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "10")
	}
	dir, err := os.MkdirTemp("", "cloudip")
	if err != nil {
		panic(err)
	}
	built = sync.OnceValues(func() (string, error) { return process.Build(dir) })
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// built returns the file of the program, which the first test that runs it builds.
var built func() (file string, err error)

// TestScript runs testdata/script/*.txtar, each against simulated clouds of its
// own: config.yml knows all three, otc.yml, huaweicloud.yml and openstack.yml
// one each. Commands beyond the usual ones:
//
//	exits CODE COMMAND... [>FILE]    run it; it must exit with CODE. This process does it where it can: that saves seconds
//	capture NAME PATTERN [FILE]      NAME becomes the first group found in the last stdout, or in a file
//	fault CLOUD METHOD PATH STATUS [BODY]   the cloud answers so: once, or always for GET
//	intent FILE ACTION CLOUD PROJECT SUBNET ADDRESS ID AGE  leave an open intent in a journal
//	interrupted CODE FILE COMMAND... run it, interrupt it once the last fault was met; it must exit with CODE; stderr goes to FILE
//	serves NAME PATTERN COMMAND...   start it and wait until it says PATTERN; NAME becomes its URL
//	request METHOD STATUS URL [FILE] ask what is served; the body goes to FILE
//	hangup NAME PATTERN              send SIGHUP to what is served and wait until it says PATTERN
//	ends NAME [FILE]                 end what is served; it must exit with 0; stdout goes to FILE
func TestScript(t *testing.T) {
	file := check.Get(built())(t)
	scripts := check.Get(filepath.Abs("testdata/script"))(t)
	t.Chdir(".") // at the end
	t.Setenv("HOME", "/no-home")
	t.Setenv("XDG_STATE_HOME", "")
	testscript.RunT(oneByOne{t}, testscript.Params{
		Dir:                 scripts,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setupScript(env, file) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "capture": capture, "fault": fault, "intent": intent,
			"interrupted": interrupted, "serves": serves, "request": request, "hangup": hangup, "ends": ends,
		},
	})
}

// oneByOne runs scripts one after another: they change the directory of this process.
type oneByOne struct{ *testing.T }

func (oneByOne) Parallel()     {}
func (oneByOne) Verbose() bool { return testing.Verbose() }

func (t oneByOne) Run(name string, run func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { run(oneByOne{t}) })
}

// unlimited lets tests not wait for their own pace.
const unlimited = "  limits: {requests_per_second: 0}"

type stageKey struct{}

// stage is what a script plays on.
type stage struct {
	program string // its file
	clouds  *simtest.All
	met     chan struct{} // closed when the last fault was met
	running map[string]*process.Process
}

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

func setupScript(env *testscript.Env, program string) error {
	clouds := simtest.NewAll(simulator.Options{})
	server := httptest.NewServer(clouds)
	env.Defer(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	env.Values[stageKey{}] = &stage{program: program, clouds: clouds, running: map[string]*process.Process{}}
	env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
	env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("TERM", "dumb")
	write := func(name, text string) error { return os.WriteFile(env.WorkDir+"/"+name, []byte(text), 0o600) }
	all, faults := "clouds:\n", []error(nil)
	for _, c := range clouds.Clouds() {
		item := c.ConfigYAML(server.URL, "password", unlimited)
		all, faults = all+item, append(faults, write(c.Provider()+".yml", "clouds:\n"+item))
	}
	return errors.Join(append(faults, write("config.yml", all))...)
}

func need(ts *testscript.TestScript, used bool, usage string) {
	if !used {
		ts.Fatalf("%s", usage)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 2, "usage: exits CODE COMMAND...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if args[1] == "cloudip_exporter" && !slices.Contains(args, "-") {
		ts.Check(os.Chdir(ts.MkAbs(".")))
		ts.Check(os.Setenv("XDG_STATE_HOME", ts.Getenv("XDG_STATE_HOME")))
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		p := Process{Stdin: strings.NewReader(""), Stdout: ts.Stdout(), Stderr: ts.Stderr()}
		if file, ok := strings.CutPrefix(args[len(args)-1], ">"); ok {
			out, err := os.OpenFile(file, os.O_WRONLY, 0)
			ts.Check(err)
			defer out.Close()
			p.Stdout, args = out, args[:len(args)-1]
		}
		got = Run(ctx, p, args[2:])
	} else if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("run: %v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 2, "usage: capture NAME PATTERN [FILE]")
	file := "stdout"
	if len(args) > 2 {
		file = args[2]
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	m := re.FindStringSubmatch(ts.ReadFile(file))
	if m == nil {
		ts.Fatalf("%s is not found in %s", args[1], file)
	}
	ts.Setenv(args[0], m[1])
}

func fault(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 4, "usage: fault CLOUD METHOD PATH STATUS [BODY]")
	s := stageOf(ts)
	status, err := strconv.Atoi(args[3])
	ts.Check(err)
	met := make(chan struct{})
	s.met = met
	once := sync.OnceFunc(func() { close(met) })
	f := simtest.Fault{Method: args[1], Path: args[2], Status: status, Header: http.Header{"Content-Type": {"application/json"}}}
	f.Match = func(*http.Request) bool { once(); return true }
	if f.Method != http.MethodGet {
		f.Count = 1
	}
	if len(args) > 4 {
		f.Body = args[4]
	}
	for _, c := range s.clouds.Clouds() {
		if c.Provider() == args[0] {
			c.Fault(f)
		}
	}
}

func intent(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 8, "usage: intent FILE ACTION CLOUD PROJECT SUBNET ADDRESS ID AGE")
	age, err := time.ParseDuration(args[7])
	ts.Check(err)
	ctx := context.Background()
	j, err := journal.Open(ctx, ts.MkAbs(args[0]), func() time.Time { return time.Now().Add(-age) })
	ts.Check(err)
	defer j.Close()
	ts.Check(j.Append(ctx, journal.Entry{
		State: journal.Intent, Action: args[1], IntentID: journal.NewIntentID(), Cloud: args[2], Project: args[3],
		Target: journal.Target{SubnetID: args[4], Address: args[5], PrivateIPID: args[6]},
	}, nil))
}
