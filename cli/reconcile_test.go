package cli

import (
	"cmp"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

// leave writes an intent as a killed run leaves it.
func (w *fakeEnv) leave(t *testing.T, action, address, privateIP string) string {
	t.Helper()
	return w.leaveEntry(t, journal.Entry{Action: action, ProjectID: projectID, Target: journal.Target{SubnetID: subnetA, Address: address, PrivateIPID: privateIP}})
}

// leaveIn is leave for an assignment in a subnet.
func (w *fakeEnv) leaveIn(t *testing.T, subnet string) {
	t.Helper()
	w.leaveEntry(t, journal.Entry{Action: journal.Assign, ProjectID: projectID, Target: journal.Target{SubnetID: subnet, Address: "10.20.0.9"}})
}

// leaveEntry leaves e as an intent of prod / eu-de, where it names no other.
func (w *fakeEnv) leaveEntry(t *testing.T, e journal.Entry) string {
	t.Helper()
	j, err := journal.Open(t.Context(), w.journal, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	e.State, e.IntentID = journal.Intent, journal.NewIntentID()
	e.Cloud, e.Project = cmp.Or(e.Cloud, "prod"), cmp.Or(e.Project, "eu-de")
	if err := j.Append(t.Context(), e, nil); err != nil {
		t.Fatal(err)
	}
	return e.IntentID
}

func (w *fakeEnv) reconcileAll(t *testing.T) error {
	t.Helper()
	return privateip.Reconcile(t.Context(), w.Env, privateip.Options{JournalFile: w.journal, Output: table.Output{Format: "json"}})
}

func TestReconcileWithoutOpenIntentsIsAnEmptySuccess(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OTC))
	wantExit(t, w.reconcileAll(t), exit.OK)
	if got := w.out.String(); got != "[]\n" {
		t.Errorf("got %q", got)
	}
}

func TestReconcileClosesWhatIsFound(t *testing.T) {
	for name, provider := range map[string]string{"vpc": config.OTC, "neutron": config.OpenStack} {
		t.Run(name, func(t *testing.T) {
			p := newFake(provider)
			w := newFakeEnv(t, p)
			intent := w.leave(t, journal.Assign, "10.20.0.9", "")
			ip := p.add("10.20.0.9", "")
			p.intents[intent] = ip
			wantExit(t, w.reconcileAll(t), exit.OK)
			wantText(t, "stdout", w.out.String(), intent, "10.20.0.9", ip.ID.String(), "done")
			if got := w.states(t); got != "intent done" {
				t.Errorf("journal: %s", got)
			}
		})
	}
}

func TestReconcileDoesNotTakeAnothersPortForOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OpenStack)
		w := newFakeEnv(t, p)
		w.leaveIn(t, neutronA)
		p.add("10.20.0.9", "") // without our intent in its description
		wantExit(t, w.reconcileAll(t), exit.Unknown)
		time.Sleep(24 * time.Hour)
		wantExit(t, w.reconcileAll(t), exit.OK)
		if got := w.states(t); got != "intent not executed" {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestReconcileClosesWhatIsNotFoundOnlyAfterTwoMinutes(t *testing.T) {
	for name, tt := range map[string]struct {
		action, address, ip string
	}{
		"assign":  {journal.Assign, "10.20.0.9", ""},
		"release": {journal.Release, "10.20.0.3", portDB},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newFakeEnv(t, newFake(config.OTC))
				w.leave(t, tt.action, tt.address, tt.ip)
				time.Sleep(2 * time.Minute)
				err := w.reconcileAll(t)
				wantExit(t, err, exit.Unknown)
				wantText(t, "error", errText(err), "1 of 1", "run it again in 1s")
				time.Sleep(time.Second)
				wantExit(t, w.reconcileAll(t), exit.OK)
				wantText(t, "stdout", w.out.String(), "not executed")
				if got := w.states(t); got != "intent not executed" {
					t.Errorf("journal: %s", got)
				}
			})
		})
	}
}

func TestReconcileTellsWhenTheYoungestIntentIsOldEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newFakeEnv(t, newFake(config.OTC))
		w.leave(t, journal.Assign, "10.20.0.9", "")
		time.Sleep(50 * time.Second)
		w.leave(t, journal.Assign, "10.20.0.10", "")
		time.Sleep(29500 * time.Millisecond)
		err := w.reconcileAll(t)
		wantExit(t, err, exit.Unknown)
		wantText(t, "error", errText(err), "2 of 2", "run it again in 1m31s")
		wantText(t, "stderr", w.err.String(), "10.20.0.9): it is not decided yet: no effect to be seen, but only 1m20s old: try again in 41s")
	})
}

func TestReconcileRefusesATargetThatNobodyKnows(t *testing.T) {
	for name, tt := range map[string]struct {
		target command.Target
		want   int
	}{
		"mistyped cloud":                   {command.Target{Cloud: "nope"}, exit.Usage},
		"mistyped project":                 {command.Target{Project: "nope"}, exit.Usage},
		"a project of another cloud":       {command.Target{Cloud: "prod", Project: "demo"}, exit.Usage},
		"configured, without journal line": {command.Target{Cloud: "prod"}, exit.OK},
		"configured project":               {command.Target{Cloud: "prod", Project: "eu-de"}, exit.OK},
		"named by the journal alone":       {command.Target{Cloud: "former"}, exit.Unknown},
		"its project":                      {command.Target{Project: "demo"}, exit.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newFakeEnv(t, newFake(config.OTC))
			w.leaveEntry(t, journal.Entry{Action: journal.Assign, Cloud: "former", Project: "demo", Target: journal.Target{SubnetID: subnetA, Address: "10.20.0.9"}})
			err := privateip.Reconcile(t.Context(), w.Env, privateip.Options{Target: tt.target, JournalFile: w.journal, Output: table.Output{Format: "json"}})
			wantExit(t, err, tt.want)
			switch tt.want {
			case exit.Usage:
				wantText(t, "error", errText(err), "is not")
				if w.out.Len() > 0 {
					t.Errorf("stdout %q", w.out)
				}
			case exit.Unknown:
				wantText(t, "stderr", w.err.String(), `it needs cloud "former", project "demo" in the configuration`)
				wantText(t, "error", errText(err), "once what keeps them open is repaired")
			}
		})
	}
}

func TestReconcileClosesAReleaseThatIsGone(t *testing.T) {
	w := newFakeEnv(t, newFake(config.OTC))
	w.leave(t, journal.Release, "10.20.0.99", "7a10c0de-0004-4000-8000-0000000000ff")
	wantExit(t, w.reconcileAll(t), exit.OK)
	if got := w.states(t); got != "intent done" {
		t.Errorf("journal: %s", got)
	}
}

func TestReconcileKeepsOpenWhatTheCloudDoesNotTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		w := newFakeEnv(t, p)
		w.leave(t, journal.Assign, "10.20.0.9", "")
		w.leave(t, journal.Release, "10.20.0.3", portDB)
		time.Sleep(time.Hour)
		p.fail["private_ips"], p.fail["private_ip"] = refusal(503, ""), refusal(503, "")
		wantExit(t, w.reconcileAll(t), exit.Unknown)
		if got := w.states(t); got != "intent intent" {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestReconcileClosesAnAssignmentInADeletedSubnetAfterTwoMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		w := newFakeEnv(t, p)
		w.leaveIn(t, "7a10c0de-0002-4000-8000-0000000000ff") // that no listing has
		p.fail["private_ips"] = refusal(404, "VPC.0202")
		time.Sleep(2 * time.Minute)
		wantExit(t, w.reconcileAll(t), exit.Unknown)
		time.Sleep(time.Second)
		wantExit(t, w.reconcileAll(t), exit.OK)
		if got := w.states(t); got != "intent not executed" {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestReconcileDoesNotTakeEveryNotFoundForADeletedSubnet(t *testing.T) {
	const other = "7a10c0de-0002-4000-8000-0000000000ff" // that no listing has
	for name, tt := range map[string]struct {
		subnet            string
		privates, subnets error
	}{
		"the subnet is listed":       {subnetA, refusal(404, "VPC.0202"), nil},
		"the API is not served":      {other, refusal(404, "APIGW.0101"), nil},
		"the subnets cannot be read": {other, refusal(404, "VPC.0202"), refusal(403, "VPC.0010")},
		"one subnet cannot be read":  {other, refusal(404, "VPC.0202"), &apierr.ItemError{Err: errors.New("cidr")}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(config.OTC)
				w := newFakeEnv(t, p)
				w.leaveIn(t, tt.subnet)
				time.Sleep(time.Hour)
				p.fail["private_ips"], p.fail["subnets"] = tt.privates, tt.subnets
				wantExit(t, w.reconcileAll(t), exit.Unknown)
				if got := w.states(t); got != "intent" {
					t.Errorf("journal: %s", got)
				}
			})
		})
	}
}

func TestReconcileKeepsOpenWhatIsNotConfigured(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	w.leave(t, journal.Assign, "10.20.0.9", "")
	p.cloud, p.cfg.Name = "other", "other"
	w.Clouds = []command.Cloud{cloudOf(p)}
	wantExit(t, w.reconcileAll(t), exit.Unknown)
	wantText(t, "stderr", w.err.String(), `cloud "prod"`)
}

func TestAKilledRunIsReconciled(t *testing.T) {
	for name, committed := range map[string]bool{"before the request": false, "after the request": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(config.OTC)
				p.onAssign = func(_ int, commit func()) error {
					if committed {
						commit()
					}
					panic("killed")
				}
				w := newFakeEnv(t, p)
				func() {
					defer func() { _ = recover() }()
					_ = privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
				}()
				if got := w.states(t); got != "intent" {
					t.Fatalf("journal after the kill: %s", got)
				}
				time.Sleep(3 * time.Minute)
				wantExit(t, w.reconcileAll(t), exit.OK)
				want := map[bool]string{true: "intent done", false: "intent not executed"}[committed]
				if got := w.states(t); got != want {
					t.Errorf("journal %q, want %q", got, want)
				}
			})
		})
	}
}
