//go:build e2e

package alerts

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// second is an exporter with a file of its own, for what the demo cannot show:
// its series limit is too low at first, and later its file is broken for a while.
type second struct {
	process *process
	address string
	file    string
	good    string
	stage   int
}

// startSecond runs it against a simulated cloud that stands still.
func startSecond(t *testing.T, dir, binary string) *second {
	t.Helper()
	cloud := freeAddress(t)
	simulate := start(t, dir, binary, "simulate", "--listen-address="+cloud)
	var config string
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(config, "clouds:") && time.Now().Before(deadline); {
		pause(t.Context(), 100*time.Millisecond)
		config = tail(simulate.log)
	}
	_, config, found := strings.Cut(config, "clouds:")
	if !found {
		t.Fatalf("simulate printed no configuration:\n%s", tail(simulate.log))
	}
	config = "clouds:" + config
	s := &second{address: freeAddress(t), good: config + "\nseries: {limit: 50000, ports: all}\n"}
	s.file = write(t, dir, "second.yml", config+"\nseries: {limit: 200, ports: all}\n")
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
	if err := os.WriteFile(s.file, []byte(plan[s.stage].text), 0o600); err != nil {
		t.Fatalf("write the second configuration: %v", err)
	}
	if err := s.process.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Errorf("reload the second exporter: %v", err)
	}
	s.stage++
}
