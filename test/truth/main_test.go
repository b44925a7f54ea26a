package truth

import (
	"flag"
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

var (
	long  = flag.Bool("long", false, "compare clouds of 20,000 ports rather than 2,000")
	seeds = flag.Uint64("seeds", 2, "how many random clouds of each provider to compare")
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	goleak.VerifyTestMain(m)
}
