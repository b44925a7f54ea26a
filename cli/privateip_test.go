package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

func assignOptions(w *fakeEnv, address string) privateip.Options {
	return privateip.Options{Subnet: w.subnet, Address: address, Yes: true, JournalFile: w.journal, Output: table.Output{Format: "json"}}
}

func (w *fakeEnv) assign(t *testing.T, address string) error {
	t.Helper()
	return privateip.Assign(t.Context(), w.Env, assignOptions(w, address))
}

func (w *fakeEnv) release(t *testing.T, ip inventory.ID) error {
	t.Helper()
	return privateip.Release(t.Context(), w.Env, privateip.Options{ID: ip.String(), Yes: true, JournalFile: w.journal})
}

// states are those of the entries of the journal.
func (w *fakeEnv) states(t *testing.T) string {
	t.Helper()
	j := check.Get(journal.Open(t.Context(), w.journal, time.Now))(t)
	defer j.Close()
	var states []string
	for _, e := range j.Entries() {
		states = append(states, string(e.State))
	}
	return strings.Join(states, " ")
}

func TestADryRunRefusesWhereTheQuotaOfPortsIsUsedUp(t *testing.T) {
	p, w := faked(t, config.OpenStack)
	o := assignOptions(w, "10.20.0.9")
	o.DryRun = true
	for limit, want := range map[float64]int{-1: exit.OK, 5: exit.Throttled, 6: exit.OK} {
		p.quotas = []inventory.Quota{{Resource: "port", Limit: limit, Used: 4, Reserved: 1}}
		wantExit(t, privateip.Assign(t.Context(), w.Env, o), want)
	}
	p.fail["quotas"], p.quotas = refusal(403, ""), nil // nobody needs them
	wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
}

func TestAssignSaysHowMuchIsFreeWhereAvailabilityIsForAdministrators(t *testing.T) {
	p, w := faked(t, config.OpenStack)
	p.member = true
	wantExit(t, w.assign(t, "10.20.0.9"), exit.OK)
	check.Has(t, "stderr", w.err.String(), "8 addresses free, 7 after this") // of a pool of ten
}

func TestAssignSendsOneRequestForTheGivenAddressAndJournalsIt(t *testing.T) {
	p, w := faked(t, config.OTC)
	wantExit(t, w.assign(t, "10.20.0.9"), exit.OK)
	check.Equal(t, "requests", 1, p.assigns)
	row := w.rows(t)[0]
	for key, want := range map[string]string{"cloud": "prod", "project": "eu-de", "subnet_id": subnetA, "address": "10.20.0.9", "result": "assigned"} {
		check.Equal(t, key, any(want), row[key])
	}
	check.Has(t, "stderr", w.err.String(), "app-a", "10.20.0.0/28", "8 addresses free, 7 after this")
	check.Equal(t, "journal", "intent done", w.states(t))
	check.Has(t, "journal", check.Read(t, w.journal), `"user":"ann"`, `"host":"desk"`, `"cloud":"prod"`, `"project":"eu-de"`, `"address":"10.20.0.9"`, projectID, row["private_ip_id"].(string))
}

func TestAssignChoosesAFreeAddressThatTheCloudHandsOut(t *testing.T) {
	_, w := faked(t, config.OTC)
	var got []string
	for n := range uint64(8) {
		w.Pick = func(of uint64) uint64 { check.Equal(t, "chosen among", 8, of); return n }
		o := assignOptions(w, "")
		o.DryRun = true
		wantExit(t, privateip.Assign(t.Context(), w.Env, o), exit.OK)
		got = append(got, w.rows(t)[0]["address"].(string))
	}
	// .0 network, .1 gateway, .3 and .4 taken, .12 to .15 kept by the platform
	check.Equal(t, "chosen", "10.20.0.2 10.20.0.5 10.20.0.6 10.20.0.7 10.20.0.8 10.20.0.9 10.20.0.10 10.20.0.11", strings.Join(got, " "))
}

func TestOnATerminalOnlyYesGoesOn(t *testing.T) {
	for answer, want := range map[string]int{"y\n": exit.OK, "YES\n": exit.OK, "n\n": exit.Failure, "\n": exit.Failure, "": exit.Failure, "yep\n": exit.Failure} {
		p, w := faked(t, config.OTC)
		w.Stdin, w.StdinTerminal, w.StderrTerminal = strings.NewReader(answer), true, true
		o := assignOptions(w, "10.20.0.9")
		o.Yes = false
		wantExit(t, privateip.Assign(t.Context(), w.Env, o), want)
		check.Equal(t, "mutated after "+answer, want == exit.OK, mutations(p) == 1)
		check.Has(t, "stderr", w.err.String(), "Assign 10.20.0.9 in subnet app-a? [y/N]")
	}
}

func TestAssignRefusesWhatCannotBeAssigned(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*privateip.Options)
		want   int
		says   string
	}{
		"the Neutron id":        {func(o *privateip.Options) { o.Subnet = neutronA }, exit.NotFound, subnetA},
		"an address with zone":  {func(o *privateip.Options) { o.Address = "fe80::1%eth0" }, exit.Usage, "fe80"},
		"IPv6":                  {func(o *privateip.Options) { o.Address = "2001:db8:20::9" }, exit.Usage, "IPv4"},
		"in use":                {func(o *privateip.Options) { o.Address = "10.20.0.3" }, exit.Conflict, "compute:eu-de-01"},
		"unknown cloud":         {func(o *privateip.Options) { o.Cloud = "nope" }, exit.Usage, "prod"},
		"unknown project":       {func(o *privateip.Options) { o.Project = "nope" }, exit.Usage, "eu-de"},
		"unknown column":        {func(o *privateip.Options) { o.Sort = []string{"nope"} }, exit.Usage, "nope"},
		"without --yes":         {func(o *privateip.Options) { o.Yes = false }, exit.Usage, "--yes"},
		"IPv4 written as IPv6":  {func(o *privateip.Options) { o.Address = "::ffff:10.20.0.9" }, exit.OK, ""},
		"the address was given": {func(*privateip.Options) {}, exit.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, w := faked(t, config.OTC)
			o := assignOptions(w, "10.20.0.9")
			tt.change(&o)
			wantExit(t, privateip.Assign(t.Context(), w.Env, o), tt.want, tt.says)
			check.Equal(t, "mutated", tt.want == exit.OK, mutations(p) == 1)
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
		t.Setenv("XDG_STATE_HOME", tt.state)
		t.Setenv("HOME", tt.home)
		check.Equal(t, fmt.Sprint(tt), tt.want, privateip.DefaultJournal())
	}
	_, w := faked(t, config.OTC)
	wantExit(t, privateip.Assign(t.Context(), w.Env, privateip.Options{Subnet: subnetA, Yes: true}), exit.Usage, "--journal.file")
	t.Setenv("HOME", "")
	if got := privateip.DefaultJournal(); got != "" && !filepath.IsAbs(got) {
		t.Errorf("without HOME: got %q, which is another place in each directory", got)
	}
}

// What the cloud answers to the one request, and what comes of it.
func TestEveryAnswerHasItsExitCodeAndJournalState(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	type row struct {
		err   error
		want  int
		state string
		says  string
	}
	inBubbles(t, map[string]row{
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
	}, func(t *testing.T, tt row) {
		p, w := faked(t, config.OTC)
		p.onAssign = func(int, func()) error { return tt.err }
		wantExit(t, w.assign(t, "10.20.0.9"), tt.want, tt.says)
		check.Equal(t, "journal", "intent "+tt.state, w.states(t))
		check.Equal(t, "requests", 1, p.assigns)
		check.Equal(t, "stdout", "", w.out.String())
	})
}

func TestAnUnknownOutcomeIsReadBackAndNeverRepeated(t *testing.T) {
	inBubbles(t, map[string]string{"vpc": config.OTC, "neutron": config.OpenStack}, func(t *testing.T, provider string) {
		p, w := faked(t, provider)
		p.onAssign = func(_ int, commit func()) error { // the cloud takes 15 s to show it
			time.AfterFunc(15*time.Second, commit)
			return resetErr()
		}
		start := time.Now()
		wantExit(t, w.assign(t, "10.20.0.9"), exit.OK)
		check.Equal(t, "read back for", 30*time.Second, time.Since(start))
		check.Has(t, "stdout", w.out.String(), "10.20.0.9", "assigned")
		check.Equal(t, "journal", "intent done", w.states(t))
		check.Equal(t, "requests", 1, p.assigns)
	})
}

func TestReadingBackEndsAfter30SecondsWithTheExactCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := faked(t, config.OTC)
		p.onAssign = func(int, func()) error { return resetErr() }
		start := time.Now()
		wantExit(t, w.assign(t, "10.20.0.9"), exit.Unknown, "cloudip_exporter private-ip reconcile --config.file='my config.yml' --journal.file="+w.journal)
		check.Equal(t, "took", 30*time.Second, time.Since(start))
		check.Equal(t, "listings: one before and three after", 1+3, p.Calls()["private_ips"])
		check.Equal(t, "time of the last one", 5*time.Second, p.may["private_ips"]) // they share 35 s
	})
}

func TestAnInterruptDoesNotLoseTheOutcome(t *testing.T) {
	p, w := faked(t, config.OTC)
	ctx, cancel := context.WithCancel(t.Context())
	p.onAssign = func(_ int, commit func()) error { cancel(); commit(); return nil }
	wantExit(t, privateip.Assign(ctx, w.Env, assignOptions(w, "10.20.0.9")), exit.OK)
	check.Equal(t, "journal", "intent done", w.states(t))
	check.Lacks(t, "stderr", w.err.String(), "reading back")
}

func TestNoOtherAddressIsTriedAfterAnInterrupt(t *testing.T) {
	p, w := faked(t, config.OTC)
	ctx, cancel := context.WithCancel(t.Context())
	p.onAssign = func(int, func()) error { cancel(); return refusal(500, "VPC.0701") }
	wantExit(t, privateip.Assign(ctx, w.Env, assignOptions(w, "")), exit.Conflict)
	check.Equal(t, "requests", 1, p.assigns)
}

func TestAChosenAddressThatIsTakenMeanwhileIsReplacedAtMostTwice(t *testing.T) {
	for taken, want := range map[int]int{0: exit.OK, 1: exit.OK, 2: exit.OK, 3: exit.Conflict} {
		p, w := faked(t, config.OTC)
		p.onAssign = func(n int, commit func()) error {
			if n <= taken {
				return refusal(500, "VPC.0701")
			}
			commit()
			return nil
		}
		wantExit(t, w.assign(t, ""), want)
		check.Equal(t, fmt.Sprint("requests where it is taken ", taken, " times"), min(taken+1, 3), p.assigns)
	}
}

// On Neutron a conflict may be our own second delivery: the intent on the port tells.
func TestAConflictThatMayBeOursIsReadBackOnNeutron(t *testing.T) {
	type row struct {
		provider string
		fails    error // reading back
		want     int
		states   string
	}
	inBubbles(t, map[string]row{
		"neutron":                     {config.OpenStack, nil, exit.OK, "intent done"},
		"neutron, it cannot be asked": {config.OpenStack, refusal(503, ""), exit.Unknown, "intent unknown"},
		"vpc, it cannot be asked":     {config.OTC, refusal(503, ""), exit.Conflict, "intent failed"},
	}, func(t *testing.T, tt row) {
		p, w := faked(t, tt.provider)
		p.onAssign = func(_ int, commit func()) error {
			commit()
			p.fail["by_intent"], p.fail["private_ips"] = tt.fails, tt.fails
			return refusal(409, "IpAddressAlreadyAllocated")
		}
		wantExit(t, w.assign(t, "10.20.0.9"), tt.want)
		check.Equal(t, "journal", tt.states, w.states(t))
	})
}

func TestOnNeutronAnAssignmentIsFoundByItsIntentAlone(t *testing.T) {
	type row struct {
		meanwhile func(p *fakeProject, commit func())
		want      int
		states    string
	}
	inBubbles(t, map[string]row{
		"ours":          {func(_ *fakeProject, commit func()) { commit() }, exit.OK, "intent done"},
		"another's":     {func(p *fakeProject, _ func()) { p.add("10.20.0.9", "") }, exit.Unknown, "intent unknown"},
		"not committed": {func(*fakeProject, func()) {}, exit.Unknown, "intent unknown"},
	}, func(t *testing.T, tt row) {
		p, w := faked(t, config.OpenStack)
		p.onAssign = func(_ int, commit func()) error { tt.meanwhile(p, commit); return resetErr() }
		wantExit(t, w.assign(t, "10.20.0.9"), tt.want)
		check.Equal(t, "journal", tt.states, w.states(t))
		check.Equal(t, "requests", 1, p.assigns)
	})
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
			p, first := faked(t, tt.provider)
			var all sync.WaitGroup
			codes := make([]int, 8)
			for i := range codes {
				w := newFakeEnv(t, p)
				if tt.shared {
					w.journal = first.journal
				}
				all.Go(func() { codes[i] = exit.Code(w.assign(t, "10.20.0.9")) })
			}
			all.Wait()
			slices.Sort(codes)
			check.Equal(t, "exit codes", []int{exit.OK, 5, 5, 5, 5, 5, 5, 5}, codes)
		})
	}
}

func TestAnOpenIntentIsARivalWhateverTheConfigurationCallsItsProject(t *testing.T) {
	const other = "00000000000000000000000000000001"
	for name, tt := range map[string]struct {
		cloud, project, id string
		want               int
	}{
		"the same labels":                   {"prod", "eu-de", projectID, exit.Conflict},
		"the project by its id":             {"prod", projectID, projectID, exit.Conflict},
		"another name of the cloud":         {"otc", "eu-de", projectID, exit.Conflict},
		"an old line without the id":        {"prod", "eu-de", "", exit.Conflict},
		"another project":                   {"prod", "eu-nl", other, exit.OK},
		"another project of the same label": {"prod", "eu-de", other, exit.OK},
		"an old line of another project":    {"prod", "eu-nl", "", exit.OK},
	} {
		t.Run(name, func(t *testing.T) {
			_, w := faked(t, config.OTC)
			w.leave(t, journal.Entry{
				Action: journal.Assign, Cloud: tt.cloud, Project: tt.project, ProjectID: tt.id,
				Target: journal.Target{SubnetID: subnetA, Address: "10.20.0.2"},
			})
			says := map[int]string{exit.Conflict: "reconcile"}
			wantExit(t, w.assign(t, "10.20.0.2"), tt.want, says[tt.want])
			wantExit(t, w.assign(t, ""), exit.OK) // Pick takes the first that is free
			check.Has(t, "stdout", w.out.String(), "10.20.0.5")
			check.Lacks(t, "stderr", w.err.String(), "taken meanwhile") // it was not even tried
		})
	}
}

func TestAChosenAddressThatAnotherRunIsAboutToTakeIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := faked(t, config.OTC)
		p.afterList = func() { // another run chooses the same one and gets no answer
			p.onAssign = func(int, func()) error { return resetErr() }
			wantExit(t, privateip.Assign(t.Context(), newFakeEnv(t, p).Env, assignOptions(w, "10.20.0.2")), exit.Unknown)
			p.onAssign = nil
		}
		wantExit(t, w.assign(t, ""), exit.OK) // Pick takes the first
		check.Has(t, "stdout", w.out.String(), "10.20.0.5")
	})
}

func TestAnAddressThatAnotherRunGotSinceItWasSeenFreeIsNeverClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := faked(t, config.OTC)
		p.afterList = func() {
			wantExit(t, privateip.Assign(t.Context(), newFakeEnv(t, p).Env, assignOptions(w, "10.20.0.9")), exit.OK)
			p.onAssign = func(int, func()) error { return resetErr() } // reading back would find the other's
		}
		wantExit(t, w.assign(t, "10.20.0.9"), exit.Conflict, "faster")
		check.Equal(t, "requests: the other's alone", 1, p.assigns)
	})
}

func TestAConflictThatMayBeOurOwnSecondDeliveryIsTold(t *testing.T) {
	p, w := faked(t, config.OTC)
	p.onAssign = func(_ int, commit func()) error { commit(); return refusal(500, "VPC.0701") }
	err := w.assign(t, "10.20.0.9")
	wantExit(t, err, exit.Conflict, p.ips[3].ID.String(), "delivered twice")
	check.Has(t, "journal", check.Read(t, w.journal), p.ips[3].ID.String())
}

func TestAnAddressThatTheCloudReplacesIsTold(t *testing.T) {
	p, w := faked(t, config.OTC)
	p.gives = func(ip *inventory.PrivateIP) { ip.Addr = ip.Addr.Next() }
	wantExit(t, w.assign(t, "10.20.0.9"), exit.Failure, "10.20.0.9", "10.20.0.10")
	check.Has(t, "journal", check.Read(t, w.journal), `"result":"the cloud assigned 10.20.0.10 instead"`)
	p.gives = func(ip *inventory.PrivateIP) { ip.SubnetID = id("elsewhere") }
	wantExit(t, w.assign(t, "10.20.0.11"), exit.Failure, "10.20.0.11", `"elsewhere"`, subnetA)
}

func TestReleaseShowsWhoUsesItAndRefuses(t *testing.T) {
	for _, provider := range []string{config.OTC, config.OpenStack} {
		p, w := faked(t, provider)
		wantExit(t, w.release(t, id(portDB)), exit.Conflict, "db-01", serverDB, "compute:eu-de-01")
		for says, change := range map[string]func(*inventory.Port){
			"device vm":    func(port *inventory.Port) { port.DeviceID = id("vm") }, // though no owner is told
			"an instance":  func(port *inventory.Port) { port.Instance = true },     // of VPC v1
			"neutron:VIP…": func(port *inventory.Port) { port.Owner = "neutron:VIP…" },
		} {
			p.shows = func(port *inventory.Port) bool { change(port); return true }
			wantExit(t, w.release(t, p.ips[2].ID), exit.Conflict, says)
		}
		check.Equal(t, "mutating calls", 0, mutations(p))
	}
}

// On Neutron the port alone shows it; elsewhere the private IP has an owner.
func TestReleaseRefusesWhatOnlyAPortThatCannotBeReadWouldShow(t *testing.T) {
	for provider, want := range map[string]int{config.OTC: exit.OK, config.OpenStack: exit.Failure} {
		p, w := faked(t, provider)
		p.fail["ports_by_address"] = refusal(503, "")
		wantExit(t, w.release(t, p.ips[2].ID), want)
		check.Equal(t, "released", want == exit.OK, mutations(p) == 1)
	}
}

func TestNoErrorLetsTheCloudCommandTheTerminal(t *testing.T) {
	p, w := faked(t, config.OTC)
	p.add("10.20.0.9", hostile)
	p.ips[len(p.ips)-1].ID = id(hostile)
	for _, err := range []error{w.assign(t, "10.20.0.9"), w.release(t, id(hostile))} {
		wantExit(t, err, exit.Conflict)
		check.Lacks(t, "error", err.Error()+w.err.String(), "\x1b", "\r", "\u009b", "\u202e")
	}
}

func TestReleaseReadsBackAnUnknownOutcome(t *testing.T) {
	type row struct {
		commits bool
		want    int
		states  string
	}
	inBubbles(t, map[string]row{
		"committed":     {true, exit.OK, "intent done"},
		"not committed": {false, exit.Unknown, "intent unknown"},
	}, func(t *testing.T, tt row) {
		p, w := faked(t, config.OTC)
		p.onDelete = func(commit func()) error {
			if tt.commits {
				commit()
			}
			return &apierr.StatusError{Status: 502, Service: "vpc", Operation: "release_private_ip"}
		}
		wantExit(t, w.release(t, p.ips[2].ID), tt.want)
		check.Equal(t, "journal", tt.states, w.states(t))
	})
}

func TestReleaseTellsOfTheOtherAddressesOfThePort(t *testing.T) {
	p, w := faked(t, config.OpenStack)
	p.shows = func(port *inventory.Port) bool {
		port.Fixed = append(port.Fixed, inventory.FixedIP{Addr: netip.MustParseAddr("fd00::7")})
		return true
	}
	wantExit(t, w.release(t, p.ips[2].ID), exit.OK)
	check.Has(t, "stderr", w.err.String(), "[fd00::7] as well")
}
