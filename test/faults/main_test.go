// Package faults holds the fault matrix: one row for every fault that a cloud,
// a network, an operator or an attacker can produce, each a script that is
// played against the built program. Its table is written to
// docs/reliability.md; `make faults` prints it with what was measured.
package faults

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/test/process"
)

var (
	table = flag.Bool("table", false, "print the table with what was measured")
	named = flag.Bool("named", false, "run the tests of other packages that the rows name")
	long  = flag.Bool("long", false, "play the rows at the figures of the table")
	soak  = flag.Duration("soak", 0, "how long TestSoak runs")
)

// executable is the path of the built program.
var executable string

// stranger is a server that nothing leads to but links, redirects and names
// out of answers: nobody may ever come.
var stranger struct {
	url    string
	visits atomic.Int64
}

func TestMain(m *testing.M) {
	if nameServer := os.Getenv(roleVariable); nameServer != "" {
		os.Exit(asProgram(nameServer))
	}
	os.Exit(inBuilt(m))
}

func inBuilt(m *testing.M) int {
	flag.Parse()
	// The rows wait more than they work.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "10")
	}
	dir, err := os.MkdirTemp("", "cloudip-faults")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if executable, err = process.Build(dir, buildFlags...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stranger.visits.Add(1)
		fmt.Fprint(w, `{"ports":[],"subnets":[],"servers":[],"vpcs":[],"quotas":{"resources":[]},"address_groups":[]}`)
	}))
	defer server.Close()
	stranger.url = server.URL
	code := m.Run()
	if n := stranger.visits.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "FAIL: the stranger was visited %d times\n", n)
		return 1
	}
	return code
}

// full returns the number that a row promises with -long, else the usual one.
func full[N int | float64](promised, usual N) N {
	if *long {
		return promised
	}
	return usual
}

// eventually asks until the answer is yes.
func eventually(t *testing.T, within time.Duration, what string, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(within)
	for !yes() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}
