package daemon

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcPercentMax is Go's default. Only heaps below gcSpace reach it.
	gcPercentMax = 100
	// gcPercentMin is for the largest heaps, which are nearly all ports.
	gcPercentMin = 10
	// gcSpace is the least number of bytes that the heap may grow by between two collections.
	gcSpace = 5 << 20
)

// paceGC adjusts GOGC to the heap after each cycle, until ctx ends: a million ports
// make little garbage, but a fixed GOGC reserves half of their size for it.
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

// heapAlive returns the bytes that the last cycle left, and how many of them a cycle
// scans because they may hold pointers.
func heapAlive() (alive, scanned uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// gcPercent returns the GOGC with which garbage grows to half of what a cycle scans,
// so that a byte of garbage costs about the same in a large heap and in a small one.
func gcPercent(alive, scanned uint64) int {
	percent := max(scanned/2, gcSpace) * 100 / max(alive, 1)
	return int(max(gcPercentMin, min(percent, gcPercentMax)))
}
