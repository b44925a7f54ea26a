package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestGarbageGetsRoomByWhatItCostsToCollect(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name           string
		alive, scanned uint64
		want           int
	}{
		{"nothing", 0, 0, 50},
		{"a small heap", 8 * mib, 2 * mib, 50},
		{"a million ports", 50 * mib, 6 * mib, 10},
		{"ports and many series", 100 * mib, 60 * mib, 30},
		{"series alone", 100 * mib, 100 * mib, 50},
		{"very many ports", 1000 * mib, 6 * mib, 10},
	} {
		if got := gcPercent(c.alive, c.scanned); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestTheRoomFollowsTheHeap(t *testing.T) {
	before := debug.SetGCPercent(gcPercentMax)
	defer debug.SetGCPercent(before)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	paceGC(ctx)

	collectBeside := func(ports []byte, wanted func(percent uint64) bool) {
		collectUntil(t, wanted)
		runtime.KeepAlive(ports)
	}
	collectBeside(make([]byte, 200<<20), func(percent uint64) bool { return percent < gcPercentMax/2 })
	collectBeside(nil, func(percent uint64) bool { return percent == gcPercentMax })
}

// collectUntil collects garbage until GOGC is as wanted.
func collectUntil(t *testing.T, wanted func(percent uint64) bool) {
	t.Helper()
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	for range 1000 {
		runtime.GC()
		runtime.Gosched()
		if metrics.Read(sample); wanted(sample[0].Value.Uint64()) {
			return
		}
	}
	t.Fatalf("GOGC stays %d", sample[0].Value.Uint64())
}
