//go:build e2e

package alerts

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

// second is an exporter with a file of its own, for what the demo cannot show:
// its series limit is too low at first, the directory of its storage is a file
// until that is removed, and later its configuration is broken for a while.
type second struct {
	process *process.Process
	address string
	file    string
	good    string
	blocked string // where the directory of the storage should be
	stage   int
}

// startSecond runs it against a simulated cloud that stands still.
func startSecond(t *testing.T, dir, binary string) *second {
	t.Helper()
	cloud := freeAddress(t)
	simulate := start(t, dir, binary, "simulate", "--listen-address="+cloud)
	check.Get(simulate.Out.Await(0, `(?s)sim-openstack.*password:[^\n]*\n`, simulate.Ended))(t)
	config := simulate.Out.String()
	s := &second{address: freeAddress(t), blocked: check.Write(t, filepath.Join(dir, "blocked"), "")}
	config += fmt.Sprintf("\nstorage: {path: %q}\n", filepath.Join(s.blocked, "second.db"))
	s.good = config + "series: {limit: 50000, ports: all}\n"
	s.file = check.Write(t, filepath.Join(dir, "second.yml"), config+"series: {limit: 200, ports: all}\n")
	s.process = start(t, dir, binary, "serve", "--config.file="+s.file, "--web.listen-address="+s.address)
	await(t, "http://"+s.address+"/-/ready", s.process)
	return s
}

// act changes the file and reloads it when its time has come.
func (s *second) act(t *testing.T, at time.Duration) {
	t.Helper()
	plan := []struct {
		at   time.Duration
		text string
	}{{60 * time.Second, s.good}, {80 * time.Second, "clouds: ["}, {110 * time.Second, s.good}}
	if s.stage == len(plan) || at < plan[s.stage].at {
		return
	}
	if s.stage == 0 {
		check.OK(t, os.Remove(s.blocked))
	}
	check.Write(t, s.file, plan[s.stage].text)
	check.OK(t, s.process.Process.Signal(syscall.SIGHUP))
	s.stage++
}

// idleForMonths serves a nearly full subnet with addresses that have been idle for
// 30 days, for a while: no exporter of the test runs that long.
func idleForMonths(w http.ResponseWriter, idle bool) {
	count := map[bool]int{true: 3}[idle]
	const labels = `cloud="old",project="old",subnet_id="old",ip_version="4"`
	fmt.Fprintf(w, `cloudip_subnet_info{%[1]s,subnet_name="old",cidr="192.0.2.0/24",vpc_id="",vpc_name="",network_id="old",capacity_source="availability"} 1
cloudip_subnet_addresses_capacity{%[1]s} 251
cloudip_subnet_addresses_used{%[1]s} 240
cloudip_subnet_addresses_free{%[1]s} 11
cloudip_subnet_addresses_idle{%[1]s} %[2]d
cloudip_subnet_addresses_idle_for{%[1]s,at_least="30d"} %[2]d
`, labels, count)
}
