package daemon

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcPercentMax is half of what Go gives garbage by itself: most of what lives
	// here is free of pointers, so that it costs little to find out that it lives.
	gcPercentMax = 50
	// gcPercentMin is for the largest heaps, which are nearly all ports.
	gcPercentMin = 10
	// gcRoom, in bytes, is enough for garbage where little is looked through.
	gcRoom = 5 << 20
)

// paceGC fits GOGC to the heap when a cycle has been swept, until ctx ends: a
// million ports make little garbage and would still get half of their size for it.
func paceGC(ctx context.Context) {
	cycle := new(*int) // a pointer, as what has none may be freed with its neighbours alone
	runtime.AddCleanup(cycle, func(struct{}) {
		if ctx.Err() != nil {
			return
		}
		debug.SetGCPercent(gcPercent(heapAlive()))
		paceGC(ctx)
	}, struct{}{})
}

// heapAlive is what the last cycle left, in bytes, and how much of the heap is
// looked through in a cycle because it may hold pointers.
func heapAlive() (alive, scanned uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// gcPercent lets garbage grow to half of what is looked through, so that in a
// large heap a byte of it costs about what it does in a small one.
func gcPercent(alive, scanned uint64) int {
	percent := max(scanned/2, gcRoom) * 100 / max(alive, 1)
	return int(max(gcPercentMin, min(percent, gcPercentMax)))
}
