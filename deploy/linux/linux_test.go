// Package linux holds the systemd unit to its sandbox.
package linux

import (
	"cmp"
	"os"
	"os/exec"
	"testing"

	"cloudip_exporter/test/check"
)

func TestTheUnitIsSandboxed(t *testing.T) {
	analyze, err := exec.LookPath(cmp.Or(os.Getenv("SYSTEMD_ANALYZE"), "systemd-analyze"))
	if err != nil && os.Getenv("SYSTEMD_ANALYZE") == "" {
		t.Skip("systemd-analyze is missing: make e2e-packages needs it")
	}
	check.OK(t, err)
	// Tenths: an exposure of 1.5 at most.
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=15", "--no-pager", "cloudip_exporter.service").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
