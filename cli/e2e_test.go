package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

// The whole of assigning and releasing, over HTTP, against the simulated cloud.
// CLOUDIP_E2E_ASSIGN_RUNS and _KILLS ask for more than the short form.

const (
	batchRuns  = 400
	clients    = 8
	shortRuns  = 32
	shortKills = 12
)

func fromEnv(key string, short int) int {
	if n, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return n
	}
	return short
}

// rig is a simulated cloud behind a proxy that now and then delivers a request twice.
type rig struct {
	*simtest.Cloud
	server     *httptest.Server
	provider   string
	configFile string
	subnet     string
	before     map[netip.Addr]string // private IPs of the subnet at the start
	twice      float64
}

func newRig(t *testing.T, provider string) *rig {
	t.Helper()
	r := &rig{provider: provider, Cloud: simtest.New(simulator.Options{Provider: provider, Name: "sim"})}
	r.server = httptest.NewServer(http.HandlerFunc(r.deliver))
	t.Cleanup(r.server.Close)
	text := "clouds:\n" + r.ConfigYAML(r.server.URL, "password", unlimited, "  http: {timeout: 1s}")
	r.configFile = check.Write(t, filepath.Join(t.TempDir(), "config.yml"), text)
	largest := 33
	p := r.project(t)
	for s, err := range p.Subnets(t.Context()) {
		if err == nil && s.Prefix.Addr().Is4() && s.Prefix.Bits() < largest {
			largest, r.subnet = s.Prefix.Bits(), s.ID.String()
		}
	}
	r.before = r.assigned(t, p)
	return r
}

// deliver hands a mutation to the cloud twice from time to time; the answer is
// that of the second.
func (r *rig) deliver(w http.ResponseWriter, req *http.Request) {
	mutates := req.Method == http.MethodPost && (strings.HasSuffix(req.URL.Path, "privateips") || strings.HasSuffix(req.URL.Path, "/ports"))
	if mutates && rand.Float64() < r.twice {
		body, _ := io.ReadAll(req.Body)
		first := req.Clone(req.Context())
		first.Body, req.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		func() {
			defer func() { _ = recover() }() // a scripted cut
			r.Cloud.ServeHTTP(httptest.NewRecorder(), first)
		}()
	}
	r.Cloud.ServeHTTP(w, req)
}

func (r *rig) env(t *testing.T) *command.Env {
	t.Helper()
	cfg := check.Get(config.Load(r.configFile, config.Options{Collectors: collector.Catalogue()}))(t)
	c := check.Get(cloudapi.Open(cfg.Clouds()[0], cloudapi.Options{}))(t)
	t.Cleanup(c.Close)
	e := command.NewEnv(strings.NewReader(""), io.Discard, io.Discard, nil)
	e.ReadTimeout = time.Minute
	e.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	e.Clouds = []command.Cloud{command.Opened(c)}
	return e
}

func (r *rig) project(t *testing.T) command.Project {
	t.Helper()
	return check.Get(r.env(t).ChooseProject(t.Context(), command.Target{}))(t)
}

func (r *rig) assigned(t *testing.T, p command.Project) map[netip.Addr]string {
	t.Helper()
	all := make(map[netip.Addr]string)
	for ip, err := range p.PrivateIPs(t.Context(), r.subnet) {
		check.OK(t, err)
		if id, twice := all[ip.Addr]; twice {
			t.Errorf("%s is assigned twice: %s and %s", ip.Addr, id, ip.ID)
		}
		all[ip.Addr] = ip.ID.String()
	}
	return all
}

// misfortune puts the faults into force that a mutation must survive.
func (r *rig) misfortune(seed uint64) (remove func()) {
	path := "privateips$|/v2.0/ports$"
	var removers []func()
	for i, f := range []simtest.Fault{
		{Commit: true, Reset: true, Probability: 0.08},
		{Commit: true, Status: http.StatusBadGateway, Body: "<html><title>502</title></html>", Probability: 0.08},
		{Commit: true, Delay: 1500 * time.Millisecond, Probability: 0.002}, // beyond http.timeout
		{Reset: true, Probability: 0.04},
		{Status: http.StatusServiceUnavailable, Probability: 0.04},
	} {
		f.Method, f.Path, f.Seed = http.MethodPost, path, seed+uint64(i)
		removers = append(removers, r.Fault(f))
	}
	return func() {
		for _, remove := range removers {
			remove()
		}
	}
}

func forEachProvider(t *testing.T, do func(t *testing.T, provider string)) {
	t.Parallel()
	for _, provider := range []string{config.OTC, config.HuaweiCloud, config.OpenStack} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			do(t, provider)
		})
	}
}

func TestManyClientsUnderFaultsAssignNothingTwiceAndLoseNothing(t *testing.T) {
	forEachProvider(t, func(t *testing.T, provider string) {
		r := newRig(t, provider)
		runs := fromEnv("CLOUDIP_E2E_ASSIGN_RUNS", shortRuns)
		counts := make(map[int]int)
		for batch := 0; batch*batchRuns < runs; batch++ {
			r.batch(t, uint64(batch), min(batchRuns, runs-batch*batchRuns), counts)
		}
		t.Logf("%d runs by %d clients: exit codes %v", runs, clients, counts)
	})
}

// batch runs clients at the same time on one journal, reconciles, compares the
// journal with the cloud, and gives all addresses back.
func (r *rig) batch(t *testing.T, seed uint64, runs int, counts map[int]int) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	calm := r.misfortune(seed * 100)
	r.twice = 0.05
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range clients {
		e := r.env(t)
		wg.Go(func() {
			for range runs / clients {
				o := privateip.Options{Subnet: r.subnet, Yes: true, JournalFile: path}
				code := exit.Code(privateip.Assign(context.Background(), e, o))
				mu.Lock()
				counts[code]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	calm()
	r.twice = 0
	r.compare(t, path)
	r.giveBack(t, path)
}

// compare reconciles three minutes later and checks that the journal and the
// cloud tell the same.
func (r *rig) compare(t *testing.T, path string) {
	t.Helper()
	e := r.env(t)
	e.Now = func() time.Time { return time.Now().Add(3 * time.Minute) }
	check.OK(t, privateip.Reconcile(t.Context(), e, privateip.Options{JournalFile: path}))
	j := check.Get(journal.Open(t.Context(), path, time.Now))(t)
	defer j.Close()
	intended, acknowledged := make(map[string]bool), make(map[string]string)
	contested := make(map[string]bool) // on the VPC API a conflict may be our own second delivery: told, not taken
	for _, entry := range j.Entries() {
		switch a := entry.Target.Address; entry.State {
		case journal.Intent:
			intended[a] = true
		case journal.Done:
			if other, twice := acknowledged[a]; twice {
				t.Errorf("%s was acknowledged to %s and to %s", a, other, entry.IntentID)
			}
			acknowledged[a] = entry.IntentID
		case journal.Failed:
			contested[a] = contested[a] || entry.Target.PrivateIPID != ""
		}
	}
	now := r.assigned(t, r.project(t))
	for addr, id := range now {
		a := addr.String()
		switch {
		case r.before[addr] == id:
		case !intended[a]:
			t.Errorf("%s was assigned without a journal line", a)
		case acknowledged[a] == "" && (r.provider == config.OpenStack || !contested[a]):
			t.Errorf("%s is assigned, but nobody was told", a)
		}
		delete(acknowledged, a)
	}
	for a, intent := range acknowledged {
		t.Errorf("%s was acknowledged (%s), but is not assigned", a, intent)
	}
}

func (r *rig) giveBack(t *testing.T, path string) {
	t.Helper()
	e := r.env(t)
	for addr, id := range r.assigned(t, r.project(t)) {
		if r.before[addr] == id {
			continue
		}
		check.OK(t, privateip.Release(t.Context(), e, privateip.Options{ID: id, Yes: true, JournalFile: path}))
	}
	check.Equal(t, "private IPs after giving all back", len(r.before), len(r.assigned(t, r.project(t))))
}

func TestARunThatIsKilledLeavesNoMutationWithoutIntent(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	forEachProvider(t, func(t *testing.T, provider string) {
		r := newRig(t, provider)
		kills := fromEnv("CLOUDIP_E2E_ASSIGN_KILLS", shortKills)
		whole := time.Minute
		for n := range 3 { // the first one is slow
			start := time.Now()
			if code := r.runChild(t, filepath.Join(t.TempDir(), fmt.Sprintf("first-%d.jsonl", n)), time.Minute); code != exit.OK {
				t.Fatalf("a run without a kill exits with %d", code)
			}
			whole = min(whole, time.Since(start))
		}
		r.before = r.assigned(t, r.project(t))
		killed, ended := 0, 0
		for killed < kills && ended < 10*kills {
			path := filepath.Join(t.TempDir(), fmt.Sprintf("journal-%d.jsonl", killed+ended))
			for range min(100, kills) {
				switch code := r.runChild(t, path, rand.N(whole)); code {
				case -1:
					killed++
				case exit.OK:
					ended++
				default:
					t.Fatalf("a run exits with %d", code)
				}
			}
			r.compare(t, path)
			r.giveBack(t, path)
		}
		t.Logf("%d runs killed at random moments within %s, %d ended before", killed, whole, ended)
	})
}

// runChild starts the program to assign one address and kills it after a while.
func (r *rig) runChild(t *testing.T, journalFile string, after time.Duration) int {
	t.Helper()
	program := check.Get(built())(t) // whose time does not count
	args := []string{"private-ip", "assign", "--subnet=" + r.subnet, "--yes", "--journal.file=" + journalFile, "--config.file=" + r.configFile}
	cmd := exec.CommandContext(check.Within(t, after), program, args...) // ends it by SIGKILL
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode()
}
