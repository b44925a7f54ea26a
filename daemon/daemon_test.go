package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
)

func TestGarbageGetsSpaceByWhatItCostsToCollect(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name           string
		alive, scanned uint64
		want           int
	}{
		{"nothing", 0, 0, 100},
		{"50,000 ports", 5 * mib, 2 * mib, 100},
		{"a small heap", 8 * mib, 2 * mib, 62},
		{"half a million ports", 25 * mib, 6 * mib, 20},
		{"a million ports", 50*mib + 7, 6 * mib, 10},
		{"ports and many series", 100 * mib, 60 * mib, 30},
		{"series alone", 100 * mib, 100 * mib, 50},
		{"very many ports", 1000*mib + 7, 6 * mib, 10},
	} {
		check.Equal(t, c.name, c.want, gcPercent(c.alive, c.scanned))
	}
}

func TestGOGCFollowsTheHeap(t *testing.T) {
	end := tuned(t, 100, "")
	collectBeside(t, make([]byte, 32<<20), func(percent int) bool { return percent < 25 })
	collectBeside(t, make([]*byte, 32<<20/8), func(percent int) bool { return percent > 25 })
	collectBeside(t, make([]byte, 32<<20), func(percent int) bool { return percent < 25 })
	end()
	runCycles(10)
	debug.SetGCPercent(77)
	runCycles(10)
	check.Equal(t, "GOGC is changed to", 77, gogc())
}

func TestGOGCWins(t *testing.T) {
	tuned(t, 70, "70")
	runCycles(10)
	check.Equal(t, "GOGC", 70, gogc())
}

// tuned is tuneMemory where Go started with percent, as the environment says,
// until end or the test ends.
func tuned(t *testing.T, percent int, environment string) (end func()) {
	before := debug.SetGCPercent(percent)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	t.Setenv("GOGC", environment)
	t.Setenv("AUTOMEMLIMIT", "off")
	ctx, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	tuneMemory(ctx, slog.New(slog.DiscardHandler))
	return end
}

// collectBeside collects garbage while something lives until GOGC is as wanted.
func collectBeside[T any](t *testing.T, alive []T, wanted func(percent int) bool) {
	t.Helper()
	for range 200 {
		runCycles(1)
		if wanted(gogc()) {
			runtime.KeepAlive(alive)
			return
		}
	}
	t.Fatalf("GOGC stays %d", gogc())
}

// runCycles goes through so many cycles, and lets what follows each run.
func runCycles(n int) {
	for range n {
		runtime.GC()
		runtime.Gosched()
	}
}

func gogc() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

func TestAnOpenAddressIsWarnedOfWhereHistoryIsOfPeople(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "cloudip.db")
	for _, c := range []struct {
		listen, web, path string
		demo, warns       bool
	}{
		{":9877", "", kept, false, true},
		{"192.0.2.1:9877", "", kept, false, true},
		{"127.0.0.1:9877", "", kept, false, false},
		{"[::1]:9877", "", kept, false, false},
		{"localhost:9877", "", kept, false, false},
		{":9877", "basic_auth_users: {u: hash}", kept, false, false},
		{":9877", "tls_server_config: {client_auth_type: RequireAndVerifyClientCert}", kept, false, false},
		{":9877", "tls_server_config: {cert_file: c, key_file: k}", kept, false, true},
		{":9877", "", "none", false, false},
		{":9877", "", kept, true, false},
	} {
		yaml := "clouds: [{name: c, provider: openstack, auth: {type: password, url: \"https://k.example/v3\", username: u, password: p}}]\nstorage: {path: " + c.path + "}\n"
		cfg := check.Get(config.Parse("test.yml", []byte(yaml), config.Options{Collectors: collector.Catalogue()}))(t)
		var log strings.Builder
		file := check.Write(t, filepath.Join(t.TempDir(), "web.yml"), c.web)
		d := &Daemon{process: prometheus.NewRegistry(), options: Options{
			InMemory: c.demo, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Listen: &toolkit.FlagConfig{WebListenAddresses: &[]string{c.listen}, WebConfigFile: &file},
		}}
		d.openStorage(cfg)
		d.closeStorage()
		warns := strings.Contains(log.String(), "anybody who reaches this address")
		check.Equal(t, fmt.Sprintf("%+v: warns\n%s", c, log.String()), c.warns, warns)
	}
}
