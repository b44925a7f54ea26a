package cli

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
	"cloudip_exporter/inventory"
)

func assignOptions(w *fakeEnv, address string) privateip.Options {
	return privateip.Options{Subnet: subnetA, Address: address, Yes: true, JournalFile: w.journal, Output: table.Output{Format: "json"}}
}

func TestAssignSaysHowMuchIsFreeWhereAvailabilityIsForAdministrators(t *testing.T) {
	p := newFake(config.OpenStack)
	p.member = true
	w := newFakeEnv(t, p)
	o := assignOptions(w, "10.20.0.9")
	o.Subnet, o.DryRun = neutronA, true
	wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
	wantText(t, "stderr", w.err.String(), "8 addresses free, 7 after this") // of a pool of ten
}

func (w *fakeEnv) states(t *testing.T) string {
	t.Helper()
	j, err := journal.Open(t.Context(), w.journal, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var states []string
	for _, e := range j.Entries() {
		states = append(states, string(e.State))
	}
	return strings.Join(states, " ")
}

func TestAssignSendsOneRequestForTheGivenAddressAndJournalsIt(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9")), exit.OK)
	if p.assigns != 1 {
		t.Errorf("%d requests, want 1", p.assigns)
	}
	var rows []map[string]any
	if err := json.Unmarshal(w.out.Bytes(), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("stdout is no array of one: %v\n%s", err, w.out)
	}
	for key, want := range map[string]string{"cloud": "prod", "project": "eu-de", "subnet_id": subnetA, "address": "10.20.0.9", "result": "assigned"} {
		if rows[0][key] != want {
			t.Errorf("%s is %v, want %s", key, rows[0][key], want)
		}
	}
	wantText(t, "stderr", w.err.String(), "app-a", "10.20.0.0/28", "8 addresses free, 7 after this")
	if got := w.states(t); got != "intent done" {
		t.Errorf("journal: %s", got)
	}
	line, _ := os.ReadFile(w.journal)
	wantText(t, "journal", string(line), `"user":"ann"`, `"host":"desk"`, `"cloud":"prod"`, `"project":"eu-de"`, `"address":"10.20.0.9"`, projectID, rows[0]["private_ip_id"].(string))
}

func TestAssignChoosesAFreeAddressThatTheCloudHandsOut(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	got := map[string]bool{}
	for n := range uint64(8) {
		w.Pick = func(of uint64) uint64 {
			if of != 8 {
				t.Fatalf("chosen among %d, want 8", of)
			}
			return n
		}
		o := assignOptions(w, "")
		o.DryRun = true
		w.out.Reset()
		wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
		var rows []map[string]any
		_ = json.Unmarshal(w.out.Bytes(), &rows)
		got[rows[0]["address"].(string)] = true
	}
	// .0 network, .1 gateway, .3 and .4 taken, .12 to .15 kept by the platform
	for _, want := range []int{2, 5, 6, 7, 8, 9, 10, 11} {
		if !got[fmt.Sprintf("10.20.0.%d", want)] {
			t.Errorf("10.20.0.%d was never chosen; chosen: %v", want, got)
		}
	}
}

func TestADryRunNeedsNoYesAndChangesNothing(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	o := assignOptions(w, "10.20.0.9")
	o.Yes, o.DryRun = false, true
	wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
	wantText(t, "stdout", w.out.String(), "10.20.0.9", "dry_run")
	wantText(t, "stderr", w.err.String(), "would assign 10.20.0.9")
	r := privateip.Options{ID: p.ips[2].ID.String(), DryRun: true, JournalFile: w.journal}
	wantExit(t, privateip.Release(t.Context(), w.Env, r), exit.OK)
	if n := mutations(p); n != 0 {
		t.Errorf("%d mutating calls", n)
	}
	if _, err := os.Stat(w.journal); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a dry run left a journal: %v", err)
	}
}

func TestWithoutATerminalAMutationNeedsYes(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	o := assignOptions(w, "10.20.0.9")
	o.Yes = false
	wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.Usage)
	wantExit(t, privateip.Release(t.Context(), w.Env, privateip.Options{ID: "x", JournalFile: w.journal}), exit.Usage)
	if len(p.calls) != 0 {
		t.Errorf("the cloud was asked: %v", p.calls)
	}
}

func TestOnATerminalOnlyYesGoesOn(t *testing.T) {
	for answer, want := range map[string]int{"y\n": exit.OK, "YES\n": exit.OK, "n\n": exit.Failure, "\n": exit.Failure, "": exit.Failure, "yep\n": exit.Failure} {
		p := newFake(config.OTC)
		w := newFakeEnv(t, p)
		w.Stdin, w.StdinTerminal, w.StderrTerminal = strings.NewReader(answer), true, true
		o := assignOptions(w, "10.20.0.9")
		o.Yes = false
		wantExit(t, privateip.Assign(t.Context(), w.Env, o), want)
		if got := mutations(p) == 1; got != (want == exit.OK) {
			t.Errorf("answer %q: mutated %t", answer, got)
		}
		wantText(t, "stderr", w.err.String(), "Assign 10.20.0.9 in subnet app-a? [y/N]")
	}
}

func TestAssignRefusesWhatCannotBeAssigned(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*privateip.Options)
		want   int
		says   string
	}{
		"no subnet":             {func(o *privateip.Options) { o.Subnet = "" }, exit.Usage, "--subnet"},
		"unknown subnet":        {func(o *privateip.Options) { o.Subnet = "nope" }, exit.NotFound, `"nope"`},
		"the Neutron id":        {func(o *privateip.Options) { o.Subnet = neutronA }, exit.NotFound, subnetA},
		"not an address":        {func(o *privateip.Options) { o.Address = "10.20" }, exit.Usage, `"10.20"`},
		"an address with zone":  {func(o *privateip.Options) { o.Address = "fe80::1%eth0" }, exit.Usage, "fe80"},
		"outside the subnet":    {func(o *privateip.Options) { o.Address = "10.21.0.1" }, exit.Usage, "10.20.0.0/28"},
		"IPv6":                  {func(o *privateip.Options) { o.Address = "2001:db8:20::9" }, exit.Usage, "IPv4"},
		"in use":                {func(o *privateip.Options) { o.Address = "10.20.0.3" }, exit.Conflict, "compute:eu-de-01"},
		"unknown cloud":         {func(o *privateip.Options) { o.Cloud = "nope" }, exit.Usage, "prod"},
		"unknown project":       {func(o *privateip.Options) { o.Project = "nope" }, exit.Usage, "eu-de"},
		"unknown column":        {func(o *privateip.Options) { o.Sort = []string{"nope"} }, exit.Usage, "nope"},
		"IPv4 written as IPv6":  {func(o *privateip.Options) { o.Address = "::ffff:10.20.0.9" }, exit.OK, ""},
		"the address was given": {func(*privateip.Options) {}, exit.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(config.OTC)
			w := newFakeEnv(t, p)
			o := assignOptions(w, "10.20.0.9")
			tt.change(&o)
			err := privateip.Assign(t.Context(), w.Env, o)
			wantExit(t, err, tt.want)
			if err != nil {
				wantText(t, "error", errText(err), tt.says)
			}
			if n := mutations(p); (n == 1) != (tt.want == exit.OK) {
				t.Errorf("%d mutating calls", n)
			}
		})
	}
}

func TestAssignRefusesASubnetWhoseNetworkChoosesTheAddresses(t *testing.T) {
	for name, change := range map[string]func(*privateip.Options){
		"an address is given":     func(*privateip.Options) {},
		"an address in use":       func(o *privateip.Options) { o.Address = "10.20.0.3" },
		"an address is chosen":    func(o *privateip.Options) { o.Address = "" },
		"a dry run":               func(o *privateip.Options) { o.Yes, o.DryRun = false, true },
		"a dry run that chooses":  func(o *privateip.Options) { o.Address, o.Yes, o.DryRun = "", false, true },
		"an address with project": func(o *privateip.Options) { o.Cloud, o.Project = "prod", "eu-de" },
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(config.OpenStack)
			p.chooses = true
			w := newFakeEnv(t, p)
			o := assignOptions(w, "10.20.0.9")
			o.Subnet = neutronA
			change(&o)
			err := privateip.Assign(t.Context(), w.Env, o)
			wantExit(t, err, exit.Usage)
			wantText(t, "error", errText(err), "app-a", "SLAAC", "another subnet")
			if n := mutations(p); n != 0 {
				t.Errorf("%d mutating calls", n)
			}
		})
	}
}

func TestTheJournalIsAtTheSamePlaceFromEveryDirectory(t *testing.T) {
	for _, tt := range []struct{ state, home, want string }{
		{"/state", "/home/ann", "/state/cloudip_exporter/journal.jsonl"},
		{"", "/home/ann", "/home/ann/.local/state/cloudip_exporter/journal.jsonl"},
		{"state", "/home/ann", "/home/ann/.local/state/cloudip_exporter/journal.jsonl"},
		{"", "here", ""},
	} {
		env := map[string]string{"XDG_STATE_HOME": tt.state, "HOME": tt.home}
		if got := privateip.DefaultJournal(func(key string) string { return env[key] }); got != tt.want {
			t.Errorf("%+v: got %q", tt, got)
		}
	}
	if got := privateip.DefaultJournal(func(string) string { return "" }); got != "" && !filepath.IsAbs(got) {
		t.Errorf("without HOME: got %q, which is another place in each directory", got)
	}
	w := newFakeEnv(t, newFake(config.OTC))
	w.Getenv = func(key string) string { return map[string]string{"HOME": "here"}[key] }
	err := privateip.Assign(t.Context(), w.Env, privateip.Options{Subnet: subnetA, Yes: true})
	wantExit(t, err, exit.Usage)
	wantText(t, "error", errText(err), "--journal.file")
}

type brokenWriter struct{ error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.error }

func TestAChangeWhoseResultCannotBeWrittenIsToldInTheError(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	full := errors.New("no space left on device")
	w.Stdout = brokenWriter{full}
	err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
	wantExit(t, err, exit.Failure)
	assigned := p.ips[len(p.ips)-1]
	wantText(t, "error", errText(err), "10.20.0.9", assigned.ID.String(), "was assigned", full.Error())
	err = privateip.Release(t.Context(), w.Env, privateip.Options{ID: assigned.ID.String(), Yes: true, JournalFile: w.journal})
	wantExit(t, err, exit.Failure)
	wantText(t, "error", errText(err), "10.20.0.9", "was released")
}

func TestAFullSubnetIsAConflict(t *testing.T) {
	p := newFake(config.OTC)
	for i := 2; i < 13; i++ {
		if i != 3 && i != 4 {
			p.add(fmt.Sprintf("10.20.0.%d", i), "compute:x")
		}
	}
	w := newFakeEnv(t, p)
	err := privateip.Assign(t.Context(), w.Env, assignOptions(w, ""))
	wantExit(t, err, exit.Conflict)
	wantText(t, "error", errText(err), "no free address")
}

func TestMoreThanOneTargetIsAmbiguous(t *testing.T) {
	a, b, c := newFake(config.OTC), newFake(config.OTC), newFake(config.OTC)
	b.label = "eu-nl"
	c.cloud, c.cfg.Name = "test", "test"
	w := newFakeEnv(t, a, b, c)
	err := privateip.Assign(t.Context(), w.Env, assignOptions(w, ""))
	wantExit(t, err, exit.Usage)
	wantText(t, "error", errText(err), "--cloud=prod", "--cloud=test")
	if len(a.calls) != 0 {
		t.Errorf("a cloud was asked: %v", a.calls)
	}
	o := assignOptions(w, "")
	o.Cloud = "prod"
	err = privateip.Assign(t.Context(), w.Env, o)
	wantExit(t, err, exit.Usage)
	wantText(t, "error", errText(err), "--project=eu-de", "--project=eu-nl")
	o.Project = "eu-nl"
	wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
}

// What the cloud answers to the one request, and what comes of it.
func TestEveryAnswerHasItsExitCodeAndJournalState(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for name, tt := range map[string]struct {
		err   error
		want  int
		state string
		says  string
	}{
		"VPC.0701":                {refusal(500, "VPC.0701"), exit.Conflict, "failed", "lookup"},
		"VPC.0702":                {refusal(400, "VPC.0702"), exit.Usage, "failed", "check"},
		"VPC.0703":                {refusal(409, "VPC.0703"), exit.Conflict, "failed", "release"},
		"VPC.0704":                {refusal(404, "VPC.0704"), exit.NotFound, "failed", "private-ip list"},
		"VPC.0705":                {refusal(400, "VPC.0705"), exit.Usage, "failed", "inside"},
		"VPC.0706":                {refusal(500, "VPC.0706"), exit.Failure, "failed", "again"},
		"VPC.0707":                {refusal(409, "VPC.0707"), exit.Conflict, "failed", "detach"},
		"neutron: in use":         {refusal(409, "IpAddressAlreadyAllocated"), exit.Conflict, "failed", "lookup"},
		"neutron: full":           {refusal(409, "IpAddressGenerationFailure"), exit.Conflict, "failed", "release"},
		"neutron: outside":        {refusal(400, "InvalidIpForSubnet"), exit.Usage, "failed", "inside"},
		"neutron: automatic":      {refusal(400, "AllocationOnAutoAddressSubnet"), exit.Usage, "failed", "another subnet"},
		"neutron: quota":          {refusal(409, "OverQuota"), exit.Throttled, "failed", "quota"},
		"unknown subnet":          {refusal(404, "VPC.0202"), exit.NotFound, "failed", "--project"},
		"quota by its words":      {&apierr.StatusError{Status: 409, Message: "Quota exceeded for resources", Operation: "assign_private_ip"}, exit.Throttled, "failed", "quota"},
		"throttled":               {refusal(429, "APIGW.0308"), exit.Throttled, "not executed", ""},
		"unauthorized":            {refusal(401, "APIGW.0301"), exit.Permission, "not executed", "credential"},
		"forbidden":               {refusal(403, "VPC.0010"), exit.Permission, "not executed", "permission"},
		"redirect":                {refusal(302, ""), exit.Failure, "not executed", "redirects"},
		"no such API":             {refusal(404, "APIGW.0101"), exit.Failure, "failed", "endpoints"},
		"no route":                {broken(dial), exit.Failure, "not executed", ""},
		"no name":                 {broken(&net.DNSError{Err: "no such host"}), exit.Failure, "not executed", ""},
		"a stranger":              {broken(x509.UnknownAuthorityError{}), exit.Failure, "not executed", ""},
		"login refused":           {&apierr.AuthError{Err: errors.New("read secret: no such file")}, exit.Permission, "not executed", ""},
		"identity does not serve": {&apierr.StatusError{Status: 503, Service: "iam", Operation: "create_token"}, exit.Failure, "not executed", ""},
		"reset":                   {resetErr(), exit.Unknown, "unknown", "reconcile"},
		"bad gateway":             {refusal(502, ""), exit.Unknown, "unknown", "reconcile"},
		"internal error":          {refusal(500, ""), exit.Unknown, "unknown", "reconcile"},
		"request timeout":         {refusal(408, ""), exit.Unknown, "unknown", "reconcile"},
		"timeout":                 {broken(context.DeadlineExceeded), exit.Unknown, "unknown", "reconcile"},
		"an answer unread":        {errors.New("answer of vpc: it has no \"privateips\""), exit.Unknown, "unknown", "reconcile"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(config.OTC)
				p.onAssign = func(int, func()) error { return tt.err }
				w := newFakeEnv(t, p)
				err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
				wantExit(t, err, tt.want)
				wantText(t, "error", errText(err), tt.says)
				if got, want := w.states(t), "intent "+tt.state; got != want {
					t.Errorf("journal: %s, want %s", got, want)
				}
				if p.assigns != 1 {
					t.Errorf("%d requests, want 1", p.assigns)
				}
				if w.out.Len() != 0 {
					t.Errorf("a failure wrote to stdout: %s", w.out)
				}
			})
		})
	}
}

func TestAnUnknownOutcomeIsReadBackAndNeverRepeated(t *testing.T) {
	for name, provider := range map[string]string{"vpc": config.OTC, "neutron": config.OpenStack} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(provider)
				p.onAssign = func(_ int, commit func()) error { // the cloud takes 15 s to show it
					time.AfterFunc(15*time.Second, commit)
					return resetErr()
				}
				w := newFakeEnv(t, p)
				o := assignOptions(w, "10.20.0.9")
				o.Subnet = p.subnetID().String()
				start := time.Now()
				wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
				if took := time.Since(start); took != 30*time.Second {
					t.Errorf("read back until %s, want 30s", took)
				}
				wantText(t, "stdout", w.out.String(), "10.20.0.9", "assigned")
				if got := w.states(t); got != "intent done" || p.assigns != 1 {
					t.Errorf("journal %q after %d requests", got, p.assigns)
				}
			})
		})
	}
}

func TestReadingBackEndsAfter30SecondsWithTheExactCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		p.onAssign = func(int, func()) error { return resetErr() }
		w := newFakeEnv(t, p)
		start := time.Now()
		err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
		wantExit(t, err, exit.Unknown)
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("took %s, want 30s", took)
		}
		wantText(t, "error", errText(err), "cloudip_exporter private-ip reconcile --config.file='my config.yml' --journal.file="+w.journal)
		reads := 0
		for _, c := range p.calls {
			if c == "private_ips" {
				reads++
			}
		}
		if reads != 1+3 {
			t.Errorf("%d listings, want one before and three after", reads)
		}
	})
}

func TestAnInterruptDoesNotLoseTheOutcome(t *testing.T) {
	p := newFake(config.OTC)
	ctx, cancel := context.WithCancel(t.Context())
	p.onAssign = func(_ int, commit func()) error { cancel(); commit(); return nil }
	w := newFakeEnv(t, p)
	wantExit(t, privateip.Assign(ctx, w.Env, assignOptions(w, "10.20.0.9")), exit.OK)
	if got := w.states(t); got != "intent done" || strings.Contains(w.err.String(), "reading back") {
		t.Errorf("journal: %s, stderr: %s", got, w.err)
	}
}

func TestAnInterruptEndsReadingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		p.onAssign = func(int, func()) error { return resetErr() }
		w := newFakeEnv(t, p)
		start := time.Now()
		wantExit(t, privateip.Assign(ctx, w.Env, assignOptions(w, "10.20.0.9")), exit.Unknown)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %s, want 3s", took)
		}
		if got := w.states(t); got != "intent unknown" {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestAChosenAddressThatIsTakenMeanwhileIsReplacedAtMostTwice(t *testing.T) {
	for taken, want := range map[int]int{0: exit.OK, 1: exit.OK, 2: exit.OK, 3: exit.Conflict} {
		p := newFake(config.OTC)
		p.onAssign = func(n int, commit func()) error {
			if n <= taken {
				return refusal(500, "VPC.0701")
			}
			commit()
			return nil
		}
		w := newFakeEnv(t, p)
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "")), want)
		if got, want := p.assigns, min(taken+1, 3); got != want {
			t.Errorf("%d times taken: %d requests, want %d", taken, got, want)
		}
	}
}

func TestADuplicateDeliveryOnNeutronIsRecognisedAsOurs(t *testing.T) {
	p := newFake(config.OpenStack)
	p.onAssign = func(_ int, commit func()) error {
		commit()
		return refusal(409, "IpAddressAlreadyAllocated")
	}
	w := newFakeEnv(t, p)
	o := assignOptions(w, "10.20.0.9")
	o.Subnet = neutronA
	wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
	if got := w.states(t); got != "intent done" {
		t.Errorf("journal: %s", got)
	}
}

func TestAConflictThatCannotBeReadBackIsUnknownWhereItMayBeOurs(t *testing.T) {
	for name, tt := range map[string]struct {
		provider string
		want     int
		states   string
	}{
		"neutron": {config.OpenStack, exit.Unknown, "intent unknown"},
		"vpc":     {config.OTC, exit.Conflict, "intent failed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(tt.provider)
				w := newFakeEnv(t, p)
				p.onAssign = func(_ int, commit func()) error {
					commit()
					p.mu.Lock()
					p.fail["by_intent"], p.fail["private_ips"] = refusal(503, ""), refusal(503, "")
					p.mu.Unlock()
					return refusal(409, "IpAddressAlreadyAllocated")
				}
				o := assignOptions(w, "10.20.0.9")
				o.Subnet = p.subnetID().String()
				wantExit(t, privateip.Assign(t.Context(), w.Env, o), tt.want)
				if got := w.states(t); got != tt.states {
					t.Errorf("journal %q, want %q", got, tt.states)
				}
			})
		})
	}
}

func TestOnNeutronAnAssignmentIsFoundByItsIntentAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile func(p *fakeProject, commit func())
		want      int
		states    string
	}{
		"ours":          {func(_ *fakeProject, commit func()) { commit() }, exit.OK, "intent done"},
		"another's":     {func(p *fakeProject, _ func()) { p.add("10.20.0.9", "") }, exit.Unknown, "intent unknown"},
		"not committed": {func(*fakeProject, func()) {}, exit.Unknown, "intent unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(config.OpenStack)
				p.onAssign = func(_ int, commit func()) error { tt.meanwhile(p, commit); return resetErr() }
				w := newFakeEnv(t, p)
				o := assignOptions(w, "10.20.0.9")
				o.Subnet = neutronA
				wantExit(t, privateip.Assign(t.Context(), w.Env, o), tt.want)
				if got := w.states(t); got != tt.states || p.assigns != 1 {
					t.Errorf("journal %q after %d requests, want %q", got, p.assigns, tt.states)
				}
			})
		})
	}
}

func TestEightClientsForOneAddressGiveOneSuccessAndSevenConflicts(t *testing.T) {
	for name, tt := range map[string]struct {
		provider string
		shared   bool
	}{
		"one journal": {config.OTC, true}, "a journal each": {config.OTC, false},
		"one journal, neutron": {config.OpenStack, true}, "a journal each, neutron": {config.OpenStack, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFake(tt.provider)
			journalFile := newFakeEnv(t, p).journal
			var wg sync.WaitGroup
			codes := make([]int, 8)
			for i := range codes {
				w := newFakeEnv(t, p)
				if tt.shared {
					w.journal = journalFile
				}
				wg.Go(func() {
					o := assignOptions(w, "10.20.0.9")
					o.Subnet = p.subnetID().String()
					codes[i] = exit.Code(privateip.Assign(context.Background(), w.Env, o))
				})
			}
			wg.Wait()
			counts := map[int]int{}
			for _, c := range codes {
				counts[c]++
			}
			if counts[exit.OK] != 1 || counts[exit.Conflict] != 7 {
				t.Errorf("exit codes %v, want one 0 and seven 5", codes)
			}
		})
	}
}

func TestAnOpenIntentKeepsItsAddressFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		p.onAssign = func(int, func()) error { return resetErr() }
		w := newFakeEnv(t, p)
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.2")), exit.Unknown)
		p.onAssign = nil
		err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.2"))
		wantExit(t, err, exit.Conflict)
		wantText(t, "error", errText(err), "reconcile")
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "")), exit.OK) // Pick takes the first
		wantText(t, "stdout", w.out.String(), "10.20.0.5")
	})
}

func TestAChosenAddressThatAnotherRunIsAboutToTakeIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		w := newFakeEnv(t, p)
		p.afterList = func() { // another run chooses the same one and gets no answer
			p.onAssign = func(int, func()) error { return resetErr() }
			wantExit(t, privateip.Assign(t.Context(), newFakeEnv(t, p).Env, assignOptions(w, "10.20.0.2")), exit.Unknown)
			p.onAssign = nil
		}
		wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "")), exit.OK) // Pick takes the first
		wantText(t, "stdout", w.out.String(), "10.20.0.5")
	})
}

func TestAnAddressThatAnotherRunGotSinceItWasSeenFreeIsNeverClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newFake(config.OTC)
		w := newFakeEnv(t, p)
		p.afterList = func() {
			other := newFakeEnv(t, p)
			wantExit(t, privateip.Assign(t.Context(), other.Env, assignOptions(w, "10.20.0.9")), exit.OK)
			p.onAssign = func(int, func()) error { return resetErr() } // reading back would find the other's
		}
		err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
		wantExit(t, err, exit.Conflict)
		wantText(t, "error", errText(err), "faster")
		if p.assigns != 1 {
			t.Errorf("%d requests, want the other's alone", p.assigns)
		}
	})
}

func TestAConflictThatMayBeOurOwnSecondDeliveryIsTold(t *testing.T) {
	p := newFake(config.OTC)
	p.onAssign = func(_ int, commit func()) error { commit(); return refusal(500, "VPC.0701") }
	w := newFakeEnv(t, p)
	err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
	wantExit(t, err, exit.Conflict)
	wantText(t, "error", errText(err), p.ips[3].ID.String(), "delivered twice")
	line, _ := os.ReadFile(w.journal)
	wantText(t, "journal", string(line), p.ips[3].ID.String())
}

func TestAnAddressThatTheCloudReplacesIsTold(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	w.Clouds = []command.Cloud{cloudOf(oddProject{p})}
	err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
	wantExit(t, err, exit.Failure)
	wantText(t, "error", errText(err), "10.20.0.9", "10.20.0.10")
	line, _ := os.ReadFile(w.journal)
	wantText(t, "journal", string(line), `"result":"the cloud assigned 10.20.0.10 instead"`)
}

// oddProject assigns another address than it was asked for.
type oddProject struct{ *fakeProject }

func (p oddProject) AssignPrivateIP(ctx context.Context, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	return p.fakeProject.AssignPrivateIP(ctx, subnet, addr.Next(), intent)
}

func TestASubnetThatTheCloudReplacesIsTold(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	w.Clouds = []command.Cloud{cloudOf(otherSubnetProject{p})}
	err := privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9"))
	wantExit(t, err, exit.Failure)
	wantText(t, "error", errText(err), "10.20.0.9", `"elsewhere"`, subnetA)
}

// otherSubnetProject assigns the address in another subnet.
type otherSubnetProject struct{ *fakeProject }

func (p otherSubnetProject) AssignPrivateIP(ctx context.Context, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	ip, err := p.fakeProject.AssignPrivateIP(ctx, subnet, addr, intent)
	ip.SubnetID = inventory.ParseID("elsewhere")
	return ip, err
}

func TestReleaseGivesBackWhatNothingUses(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	idle := p.ips[2]
	o := privateip.Options{ID: idle.ID.String(), Yes: true, JournalFile: w.journal, Output: table.Output{Format: "json"}}
	wantExit(t, privateip.Release(t.Context(), w.Env, o), exit.OK)
	wantText(t, "stdout", w.out.String(), "10.20.0.4", "released", idle.ID.String())
	wantText(t, "stderr", w.err.String(), "used by nothing")
	if got := w.states(t); got != "intent done" || len(p.ips) != 2 {
		t.Errorf("journal %q, %d private IPs left", got, len(p.ips))
	}
	wantExit(t, privateip.Release(t.Context(), w.Env, o), exit.NotFound)
}

func TestReleaseShowsWhoUsesItAndRefuses(t *testing.T) {
	for name, provider := range map[string]string{"vpc": config.OTC, "neutron": config.OpenStack} {
		t.Run(name, func(t *testing.T) {
			p := newFake(provider)
			w := newFakeEnv(t, p)
			err := privateip.Release(t.Context(), w.Env, privateip.Options{ID: portDB, Yes: true, JournalFile: w.journal})
			wantExit(t, err, exit.Conflict)
			wantText(t, "error", errText(err), "db-01", serverDB, "compute:eu-de-01")
			if n := mutations(p); n != 0 {
				t.Errorf("%d mutating calls", n)
			}
		})
	}
}

func TestNoErrorLetsTheCloudCommandTheTerminal(t *testing.T) {
	p := newFake(config.OTC)
	bad := p.add("10.20.0.9", hostile)
	bad.ID = id(hostile)
	p.ips[len(p.ips)-1].ID = bad.ID
	w := newFakeEnv(t, p)
	for _, err := range []error{
		privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.9")),
		privateip.Release(t.Context(), w.Env, privateip.Options{ID: hostile, Yes: true, JournalFile: w.journal}),
	} {
		wantExit(t, err, exit.Conflict)
		for _, bad := range []string{"\x1b", "\r", "\u009b", "\u202e"} {
			if strings.Contains(errText(err)+w.err.String(), bad) {
				t.Errorf("%q gets through: %q", bad, errText(err))
			}
		}
	}
}

func TestReleaseReadsBackAnUnknownOutcome(t *testing.T) {
	broke := &apierr.StatusError{Status: 502, Service: "vpc", Operation: "release_private_ip"}
	for name, tt := range map[string]struct {
		commits bool
		want    int
		states  string
	}{
		"committed":     {true, exit.OK, "intent done"},
		"not committed": {false, exit.Unknown, "intent unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newFake(config.OTC)
				p.onDelete = func(commit func()) error {
					if tt.commits {
						commit()
					}
					return broke
				}
				w := newFakeEnv(t, p)
				wantExit(t, privateip.Release(t.Context(), w.Env, privateip.Options{ID: p.ips[2].ID.String(), Yes: true, JournalFile: w.journal}), tt.want)
				if got := w.states(t); got != tt.states {
					t.Errorf("journal %q, want %q", got, tt.states)
				}
			})
		})
	}
}

func TestListShowsTheSubnetsPrivateIPs(t *testing.T) {
	p := newFake(config.OTC)
	w := newFakeEnv(t, p)
	wantExit(t, privateip.List(t.Context(), w.Env, privateip.Options{Subnet: subnetA, Output: table.Output{Format: "csv"}}), exit.OK)
	want := "cloud,project,address,subnet_name,subnet_id,status,holder,device_owner,private_ip_id\n" +
		"prod,eu-de,10.20.0.1,app-a," + subnetA + ",DOWN,gateway,network:router_interface_distributed," + p.ips[0].ID.String() + "\n" +
		"prod,eu-de,10.20.0.3,app-a," + subnetA + ",ACTIVE,server,compute:eu-de-01," + portDB + "\n" +
		"prod,eu-de,10.20.0.4,app-a," + subnetA + ",DOWN,none,," + p.ips[2].ID.String() + "\n"
	if got := w.out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	wantExit(t, privateip.List(t.Context(), w.Env, privateip.Options{Subnet: "nope"}), exit.NotFound)
}

func TestReleaseTellsOfTheOtherAddressesOfThePort(t *testing.T) {
	p := newFake(config.OpenStack)
	w := newFakeEnv(t, p)
	w.Clouds = []command.Cloud{cloudOf(dualProject{p})}
	o := privateip.Options{ID: p.ips[2].ID.String(), DryRun: true, JournalFile: w.journal, Output: table.Output{Format: "json"}}
	wantExit(t, privateip.Release(t.Context(), w.Env, o), exit.OK)
	wantText(t, "stderr", w.err.String(), "[fd00::7] as well")
}

// dualProject has a second address on every port.
type dualProject struct{ *fakeProject }

func (p dualProject) PortsByAddress(ctx context.Context, addr netip.Addr) iter.Seq2[inventory.Port, error] {
	return func(yield func(inventory.Port, error) bool) {
		for port, err := range p.fakeProject.PortsByAddress(ctx, addr) {
			port.Fixed = append(port.Fixed, inventory.FixedIP{Addr: netip.MustParseAddr("fd00::7")})
			if !yield(port, err) {
				return
			}
		}
	}
}
