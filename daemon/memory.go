package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// tuneMemory fits the garbage collector to this program and to the memory that
// its container may have, until ctx ends. GOGC and GOMEMLIMIT win.
func tuneMemory(ctx context.Context, logger *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercentMax)
		paceGC(ctx)
	}
	_, err := memlimit.SetGoMemLimitWithOpts() // 0.9 of that of the cgroup
	if err != nil && !errors.Is(err, memlimit.ErrCgroupsNotSupported) && !errors.Is(err, memlimit.ErrNoCgroup) {
		logger.Warn("the memory limit of the container could not be read, set GOMEMLIMIT instead", "err", err)
	}
}
