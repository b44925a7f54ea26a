package cli

import (
	"cmp"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

const noSubnet = "7a10c0de-0002-4000-8000-0000000000ff" // that no listing has

func toAssign(subnet, address string) journal.Entry {
	return journal.Entry{Action: journal.Assign, ProjectID: projectID, Target: journal.Target{SubnetID: subnet, Address: address}}
}

func toRelease(address, privateIP string) journal.Entry {
	return journal.Entry{Action: journal.Release, ProjectID: projectID, Target: journal.Target{SubnetID: subnetA, Address: address, PrivateIPID: privateIP}}
}

// leave writes e as a killed run leaves an intent, of prod / eu-de where it names no other.
func (w *fakeEnv) leave(t *testing.T, e journal.Entry) string {
	t.Helper()
	j := check.Get(journal.Open(t.Context(), w.journal, time.Now))(t)
	defer j.Close()
	e.State, e.IntentID = journal.Intent, journal.NewIntentID()
	e.Cloud, e.Project = cmp.Or(e.Cloud, "prod"), cmp.Or(e.Project, "eu-de")
	check.OK(t, j.Append(t.Context(), e, nil))
	return e.IntentID
}

func (w *fakeEnv) reconcile(t *testing.T) error {
	t.Helper()
	return privateip.Reconcile(t.Context(), w.Env, privateip.Options{JournalFile: w.journal, Output: table.Output{Format: "json"}})
}

// What is not found is not executed, once it is older than two minutes.
func TestReconcileClosesWhatIsNotFoundOnlyAfterTwoMinutes(t *testing.T) {
	type row struct {
		provider string
		intent   journal.Entry
		fail     error // of the private IPs
	}
	inBubbles(t, map[string]row{
		"assign":                      {config.OTC, toAssign(subnetA, "10.20.0.9"), nil},
		"release":                     {config.OTC, toRelease("10.20.0.3", portDB), nil},
		"the port is another's":       {config.OpenStack, toAssign(neutronA, "10.20.0.4"), nil}, // without our intent in its description
		"in a subnet that is deleted": {config.OTC, toAssign(noSubnet, "10.20.0.9"), refusal(404, "VPC.0202")},
	}, func(t *testing.T, tt row) {
		p, w := faked(t, tt.provider)
		w.leave(t, tt.intent)
		p.fail["private_ips"] = tt.fail
		time.Sleep(2 * time.Minute)
		wantExit(t, w.reconcile(t), exit.Unknown, "1 of 1", "run it again in 1s")
		time.Sleep(time.Second)
		wantExit(t, w.reconcile(t), exit.OK)
		check.Has(t, "stdout", w.out.String(), "not executed")
		check.Equal(t, "journal", "intent not executed", w.states(t))
	})
}

func TestReconcileTellsWhenTheYoungestIntentIsOldEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w := faked(t, config.OTC)
		w.leave(t, toAssign(subnetA, "10.20.0.9"))
		time.Sleep(50 * time.Second)
		w.leave(t, toAssign(subnetA, "10.20.0.10"))
		time.Sleep(29500 * time.Millisecond)
		wantExit(t, w.reconcile(t), exit.Unknown, "2 of 2", "run it again in 1m31s")
		check.Has(t, "stderr", w.err.String(), "10.20.0.9): it is not decided yet: no effect to be seen, but only 1m20s old: try again in 41s")
	})
}

// Nor is every 404 that of a deleted subnet.
func TestReconcileKeepsOpenWhatTheCloudDoesNotTell(t *testing.T) {
	type row struct {
		intent journal.Entry
		fail   map[string]error
	}
	deleted := refusal(404, "VPC.0202")
	inBubbles(t, map[string]row{
		"private IPs cannot be read":      {toAssign(subnetA, "10.20.0.9"), map[string]error{"private_ips": refusal(503, "")}},
		"the private IP cannot be read":   {toRelease("10.20.0.3", portDB), map[string]error{"private_ip": refusal(503, "")}},
		"404, not of the service itself":  {toRelease("10.20.0.3", portDB), map[string]error{"private_ip": refusal(404, "")}},
		"404, the subnet is listed":       {toAssign(subnetA, "10.20.0.9"), map[string]error{"private_ips": deleted}},
		"404, the API is not served":      {toAssign(noSubnet, "10.20.0.9"), map[string]error{"private_ips": refusal(404, "APIGW.0101")}},
		"404, the subnets cannot be read": {toAssign(noSubnet, "10.20.0.9"), map[string]error{"private_ips": deleted, "subnets": refusal(403, "VPC.0010")}},
		"its project is another one now":  {journal.Entry{Action: journal.Assign, ProjectID: "other", Target: journal.Target{SubnetID: subnetA, Address: "10.20.0.9"}}, nil},
		"404, one subnet cannot be read":  {toAssign(noSubnet, "10.20.0.9"), map[string]error{"private_ips": deleted, "subnets": &apierr.ItemError{Err: errors.New("cidr")}}},
	}, func(t *testing.T, tt row) {
		p, w := faked(t, config.OTC)
		w.leave(t, tt.intent)
		time.Sleep(time.Hour)
		p.fail = tt.fail
		wantExit(t, w.reconcile(t), exit.Unknown)
		check.Equal(t, "journal", "intent", w.states(t))
	})
}

func TestReconcileKeepsTheOutcomeThatTheCommandItselfWroteMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, w := faked(t, config.OTC)
		done := toAssign(subnetA, "10.20.0.9")
		done.State, done.IntentID = journal.Done, w.leave(t, done)
		time.Sleep(time.Hour)
		p.afterList = func() {
			j := check.Get(journal.Open(t.Context(), w.journal, time.Now))(t)
			defer j.Close()
			check.OK(t, j.Append(t.Context(), done, nil))
		}
		wantExit(t, w.reconcile(t), exit.OK)
		check.Has(t, "stdout", w.out.String(), `"done"`)
		check.Equal(t, "journal", "intent done", w.states(t))
	})
}

func TestAKilledRunIsReconciled(t *testing.T) {
	type row struct {
		provider  string
		committed bool
		says      []string
	}
	inBubbles(t, map[string]row{
		"before the request":             {config.OTC, false, []string{`"not executed"`}},
		"after the request":              {config.OTC, true, []string{`"done"`, "000000000003"}},
		"after the request, on neutron":  {config.OpenStack, true, []string{`"done"`, "000000000003"}},
		"before the request, on neutron": {config.OpenStack, false, []string{`"not executed"`}},
	}, func(t *testing.T, tt row) {
		p, w := faked(t, tt.provider)
		p.onAssign = func(_ int, commit func()) error {
			if tt.committed {
				commit()
			}
			panic("killed")
		}
		func() {
			defer func() { _ = recover() }()
			_ = w.assign(t, "10.20.0.9")
		}()
		check.Equal(t, "journal after the kill", "intent", w.states(t))
		time.Sleep(3 * time.Minute)
		wantExit(t, w.reconcile(t), exit.OK)
		check.Has(t, "stdout", w.out.String(), append(tt.says, "10.20.0.9", "cloudip-")...)
		check.Equal(t, "journal", map[bool]string{true: "intent done", false: "intent not executed"}[tt.committed], w.states(t))
	})
}
