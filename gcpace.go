package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// gcPercentMax is half of what Go gives garbage by itself: most of what lives
// here is free of pointers, so that looking through it costs next to nothing.
const gcPercentMax = 50

// gcRoom is what garbage may always have of a large heap, in bytes.
const gcRoom = 5 << 20

// paceGC fits GOGC to the heap after each cycle, until ctx ends: a million
// ports make little garbage and would still get half of their size for it.
func paceGC(ctx context.Context) {
	cycle := new(*int) // has a pointer, so that it is freed by itself, as soon as a cycle ends
	runtime.AddCleanup(cycle, func(struct{}) {
		if ctx.Err() != nil {
			return
		}
		debug.SetGCPercent(gcPercent(heapAlive()))
		paceGC(ctx)
	}, struct{}{})
}

// heapAlive is what the last cycle left, in bytes, and how much of that a cycle
// has to look through because it may hold pointers.
func heapAlive() (alive, scanned uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// gcPercent gives garbage half of what has to be looked through, so that a byte
// of it costs no more than in a small heap, and a tenth of all at least.
func gcPercent(alive, scanned uint64) int {
	room := max(scanned/2, alive/10, gcRoom)
	return int(min(gcPercentMax, room*100/max(alive, 1)))
}
