package cli

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

// slow answers a question after a while.
type slow struct {
	after  time.Duration
	answer *strings.Reader
}

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(s.after)
	return s.answer.Read(p)
}

const forReading = 20 * time.Second

func patient(t *testing.T) (*fakeProject, *fakeEnv) {
	p, w := faked(t, config.OTC)
	w.ReadTimeout = forReading
	return p, w
}

func TestEveryReadingBeforeAChangeHasTheTimeOfACollection(t *testing.T) {
	for name, tt := range map[string]struct {
		run   func(t *testing.T, p *fakeProject, w *fakeEnv) error
		reads string
		hung  int // the exit code while one of them hangs
	}{
		"assign": {func(t *testing.T, _ *fakeProject, w *fakeEnv) error {
			return w.assign(t, "10.20.0.9")
		}, "projects subnets private_ips availability", exit.Failure},
		"release": {func(t *testing.T, p *fakeProject, w *fakeEnv) error {
			return w.release(t, p.ips[2].ID)
		}, "projects private_ip", exit.Failure},
		"reconcile": {func(t *testing.T, _ *fakeProject, w *fakeEnv) error {
			w.leave(t, toAssign(subnetA, "10.20.0.9"))
			return w.reconcile(t)
		}, "projects private_ips", exit.Unknown},
		"console": {func(t *testing.T, _ *fakeProject, w *fakeEnv) error {
			return runServerConsole(t.Context(), w.Env, serverOptions{Server: serverDB})
		}, "projects console", exit.Failure},
		"check-config": {func(t *testing.T, p *fakeProject, w *fakeEnv) error {
			w.Clouds[0].Requests = func() int64 { return 0 }
			p.cfg.Collectors = []string{"subnets"}
			return runCheckConfig(t.Context(), w.Env, checkConfigOptions{Online: true})
		}, "projects availability", exit.Failure},
	} {
		for read := range strings.FieldsSeq(tt.reads) {
			t.Run(name+"/"+read, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p, w := patient(t)
					p.hangs = read
					start := time.Now()
					err := tt.run(t, p, w)
					wantExit(t, err, tt.hung)
					check.Has(t, "what is said", w.err.String()+err.Error(), "collection.timeout of 20s passed: raise it")
					check.Equal(t, "took", forReading, time.Since(start))
					if read != "console" { // which is noted before it hangs
						check.Equal(t, "requests that change something", 0, mutations(p))
					}
				})
			})
		}
	}
}

func TestTheChangeItselfIsNotCutOffByTheTimeForReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := patient(t)
		wantExit(t, w.assign(t, "10.20.0.9"), exit.OK)
		wantExit(t, w.release(t, p.ips[2].ID), exit.OK)
		if p.may["assign"] != 0 || p.may["release"] != 0 || p.may["private_ip"] != forReading {
			t.Errorf("time for the requests: %v", p.may)
		}
	})
}

func TestReadingBackDoesNotWaitForACloudThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := patient(t)
		p.onAssign = func(int, func()) error { p.hangs = "private_ips"; return resetErr() }
		start := time.Now()
		wantExit(t, w.assign(t, "10.20.0.9"), exit.Unknown)
		check.Equal(t, "took", 35*time.Second, time.Since(start))
		check.Equal(t, "journal", "intent unknown", w.states(t))
	})
}

func TestWhoIsAskedMayThinkForLongerThanReadingMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := patient(t)
		w.StdinTerminal, w.StderrTerminal = true, true
		w.Stdin = slow{time.Hour, strings.NewReader("y\n")}
		o := assignOptions(w, "10.20.0.9")
		o.Yes = false
		wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
		w.Stdin = slow{time.Hour, strings.NewReader("y\n")}
		wantExit(t, privateip.Release(t.Context(), w.Env, privateip.Options{ID: p.ips[2].ID.String(), JournalFile: w.journal}), exit.OK)
	})
}

func TestEachOpenIntentHasItsOwnTimeForReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := patient(t)
		w.leave(t, toRelease("10.20.0.4", p.ips[2].ID.String()))
		w.leave(t, toAssign(subnetA, "10.20.0.4"))
		p.hangs = "private_ip"
		wantExit(t, w.reconcile(t), exit.Unknown)
		check.Equal(t, "journal", "intent intent done", w.states(t))
	})
}
