package cli

import (
	"context"
	"iter"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// patient notes how long each request may take, 0 for as long as it likes, and
// makes those of one name wait for the end of that.
type patient struct {
	*fakeProject
	hangs string
	may   map[string]time.Duration
}

func (p *patient) note(ctx context.Context, name string) error {
	deadline, ok := ctx.Deadline()
	p.may[name] = 0
	if ok {
		p.may[name] = time.Until(deadline)
	}
	if name != p.hangs {
		return nil
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

func (p *patient) Projects(ctx context.Context) ([]command.Project, error) {
	return []command.Project{p}, p.note(ctx, "projects")
}

func (p *patient) Subnets(ctx context.Context) iter.Seq2[inventory.Subnet, error] {
	return list(p.note(ctx, "subnets"), p.subnets()...)
}

func (p *patient) PrivateIPs(ctx context.Context, subnet string) iter.Seq2[inventory.PrivateIP, error] {
	if err := p.note(ctx, "private_ips"); err != nil {
		return list[inventory.PrivateIP](err)
	}
	return p.fakeProject.PrivateIPs(ctx, subnet)
}

func (p *patient) Availability(ctx context.Context, subnets []inventory.Subnet) (cloudapi.Availabilities, error) {
	if err := p.note(ctx, "availability"); err != nil {
		return cloudapi.Availabilities{}, err
	}
	return p.fakeProject.Availability(ctx, subnets)
}

func (p *patient) PrivateIP(ctx context.Context, want string) (inventory.PrivateIP, error) {
	if err := p.note(ctx, "private_ip"); err != nil {
		return inventory.PrivateIP{}, err
	}
	return p.fakeProject.PrivateIP(ctx, want)
}

func (p *patient) PortsByAddress(ctx context.Context, addr netip.Addr) iter.Seq2[inventory.Port, error] {
	_ = p.note(ctx, "ports_by_address")
	return p.fakeProject.PortsByAddress(ctx, addr)
}

func (p *patient) SerialConsole(ctx context.Context, server string) (cloudapi.Console, error) {
	if err := p.note(ctx, "console"); err != nil {
		return cloudapi.Console{}, err
	}
	return p.fakeProject.SerialConsole(ctx, server)
}

func (p *patient) AssignPrivateIP(ctx context.Context, s inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	_ = p.note(ctx, "assign")
	return p.fakeProject.AssignPrivateIP(ctx, s, addr, intent)
}

func (p *patient) ReleasePrivateIP(ctx context.Context, want string) error {
	_ = p.note(ctx, "release")
	return p.fakeProject.ReleasePrivateIP(ctx, want)
}

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

func newPatientEnv(t *testing.T) (*fakeEnv, *patient) {
	p := &patient{fakeProject: newFake(config.OTC), may: map[string]time.Duration{}}
	p.console = consoleURL
	w := newFakeEnv(t, p.fakeProject)
	w.Clouds, w.ReadTimeout = []command.Cloud{{Config: p.cfg, Projects: p.Projects}}, forReading
	return w, p
}

func TestEveryReadingBeforeAChangeHasTheTimeOfACollection(t *testing.T) {
	for name, tt := range map[string]struct {
		run   func(t *testing.T, w *fakeEnv) error
		reads []string
		hung  int // the exit code while one of them hangs
	}{
		"assign": {func(t *testing.T, w *fakeEnv) error {
			return privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
		},
			[]string{"projects", "subnets", "private_ips", "availability"}, exit.Failure},
		"release": {func(t *testing.T, w *fakeEnv) error {
			return privateip.Release(t.Context(), w.Env, privateip.Options{ID: "7a10c0de-0004-4000-8000-000000000002", Yes: true, JournalFile: w.journal})
		}, []string{"projects", "private_ip"}, exit.Failure},
		"reconcile": {func(t *testing.T, w *fakeEnv) error {
			w.leave(t, journal.Assign, "10.20.0.4", "")
			return w.reconcileAll(t)
		}, []string{"projects", "private_ips"}, exit.Unknown},
		"console": {func(t *testing.T, w *fakeEnv) error {
			return runServerConsole(t.Context(), w.Env, serverOptions{Server: serverDB})
		}, []string{"projects", "console"}, exit.Failure},
	} {
		for _, read := range tt.reads {
			t.Run(name+"/"+read, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, p := newPatientEnv(t)
					p.hangs = read
					start := time.Now()
					wantExit(t, tt.run(t, w), tt.hung)
					if took := time.Since(start); took != forReading {
						t.Errorf("it took %s", took)
					}
					if n := mutations(p.fakeProject); n != 0 {
						t.Errorf("%d requests that change something", n)
					}
				})
			})
		}
	}
}

func TestTheChangeItselfIsNotCutOffByTheTimeForReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newPatientEnv(t)
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9")), exit.OK)
		wantExit(t, privateip.Release(t.Context(), w.Env, privateip.Options{ID: p.ips[2].ID.String(), Yes: true, JournalFile: w.journal}), exit.OK)
		if p.may["assign"] != 0 || p.may["release"] != 0 {
			t.Errorf("time for the requests: %v", p.may)
		}
	})
}

func TestReadingBackDoesNotWaitForACloudThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newPatientEnv(t)
		p.onAssign = func(int, func()) error { p.hangs = "private_ips"; return resetErr() }
		start := time.Now()
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9")), exit.Unknown)
		if took := time.Since(start); took != 35*time.Second {
			t.Errorf("it took %s", took)
		}
		if got := w.states(t); got != "intent unknown" {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestTheThreeReadingsBackShareTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newPatientEnv(t)
		p.onAssign = func(int, func()) error { return resetErr() }
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9")), exit.Unknown)
		if left := p.may["private_ips"]; left != 5*time.Second {
			t.Errorf("the last one may take %s", left)
		}
	})
}

func TestWhoIsAskedMayThinkForLongerThanReadingMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newPatientEnv(t)
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
		w, p := newPatientEnv(t)
		w.leave(t, journal.Release, "10.20.0.4", "7a10c0de-0004-4000-8000-000000000002")
		w.leave(t, journal.Assign, "10.20.0.4", "")
		p.hangs = "private_ip"
		wantExit(t, w.reconcileAll(t), exit.Unknown)
		if got := w.states(t); got != "intent intent done" {
			t.Errorf("journal: %s", got)
		}
	})
}
