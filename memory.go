package main

import (
	"errors"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// gcPercent keeps the heap half as much above what is alive as Go does by
// itself. Nearly all that is alive here is free of pointers, so that looking
// through it more often costs next to nothing.
const gcPercent = 50

// tuneMemory fits the garbage collector to this program and to the memory that
// its container may have. GOGC and GOMEMLIMIT win.
func tuneMemory(logger *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limit, err := memlimit.SetGoMemLimitWithOpts(memlimit.WithRatio(0.9), memlimit.WithProvider(memlimit.FromCgroup))
	switch {
	case errors.Is(err, memlimit.ErrNoLimit), errors.Is(err, memlimit.ErrCgroupsNotSupported), errors.Is(err, memlimit.ErrNoCgroup):
	case err != nil:
		logger.Warn("the memory limit of the container could not be read, set GOMEMLIMIT instead", "err", err)
	case limit > 0:
		logger.Debug("memory limit", "bytes", limit)
	}
}
