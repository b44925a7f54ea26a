package daemon

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestGarbageGetsSpaceByWhatItCostsToCollect(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name           string
		alive, scanned uint64
		want           int
	}{
		{"nothing", 0, 0, 50},
		{"a small heap", 8 * mib, 2 * mib, 50},
		{"half a million ports", 25 * mib, 6 * mib, 20},
		{"a million ports", 50*mib + 7, 6 * mib, 10},
		{"ports and many series", 100 * mib, 60 * mib, 30},
		{"series alone", 100 * mib, 100 * mib, 50},
		{"very many ports", 1000*mib + 7, 6 * mib, 10},
	} {
		if got := gcPercent(c.alive, c.scanned); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestGOGCFollowsTheHeap(t *testing.T) {
	end := tuned(t, 100, "")
	collectBeside(t, make([]byte, 64<<20), func(percent int) bool { return percent < gcPercentMax/2 })
	collectBeside(t, make([]*byte, 64<<20/8), func(percent int) bool { return percent > gcPercentMax/2 })
	collectBeside(t, make([]byte, 64<<20), func(percent int) bool { return percent < gcPercentMax/2 })
	end()
	runCycles()
	debug.SetGCPercent(77)
	runCycles()
	if got := gogc(); got != 77 {
		t.Errorf("GOGC is changed to %d after the end", got)
	}
}

func TestGOGCWins(t *testing.T) {
	tuned(t, 70, "70")
	runCycles()
	if got := gogc(); got != 70 {
		t.Errorf("GOGC is %d, want 70 as in the environment", got)
	}
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
	for range 20 {
		runCycles()
		if wanted(gogc()) {
			runtime.KeepAlive(alive)
			return
		}
	}
	t.Fatalf("GOGC stays %d", gogc())
}

// runCycles goes through some cycles, and lets what follows each of them run.
func runCycles() {
	for range 10 {
		runtime.GC()
		runtime.Gosched()
	}
}

func gogc() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}
