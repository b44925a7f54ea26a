//go:build e2e

package openstack

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

var churn = flag.Duration("churn", 3*time.Minute, "how long ports come and go")

// span is when a request began and was answered.
type span struct{ from, to time.Time }

// life is what was done with a port; deleted is zero while it is there.
type life struct{ made, deleted span }

// TestHistoryIsWhatWasDone lets ports come and go by Neutron's API, restarts the exporter
// in the middle, and compares the history with the log of what was done.
func TestHistoryIsWhatWasDone(t *testing.T) {
	const collected = 20 * time.Second // an interval and a collection, on a loaded machine
	file, binary := cloudsFile(t), check.Get(process.Build(t.TempDir()))(t)
	s := login(t, file, os.Getenv("OS_CLOUD"))
	network := s.make("network", `"name": "churn"`)
	subnet := s.make("subnet", `"network_id": %q, "ip_version": 4, "cidr": "198.51.100.0/24", "enable_dhcp": false`, network)
	more := fmt.Sprintf("    collectors: [subnets, ports]\ncollection: {interval: 5s}\nstorage: {path: %q}\n", filepath.Join(t.TempDir(), "cloudip.db"))
	exporter := start(t, binary, file, os.Getenv("OS_CLOUD"), 1000, more)
	lives, there := map[string]*life{}, []string{}
	begun, restarted := time.Now(), false
	for time.Since(begun) < *churn {
		if !restarted && time.Since(begun) > *churn/2 {
			exporter.stop()
			exporter, restarted = start(t, binary, file, os.Getenv("OS_CLOUD"), 1000, more), true
		}
		from := time.Now()
		if i := rand.IntN(40); i < len(there) {
			if status, text := s.do(http.MethodDelete, s.endpoints["network"]+"/v2.0/ports/"+there[i], ""); status != http.StatusNoContent {
				t.Fatalf("delete a port: status %d: %.200s", status, text)
			}
			lives[there[i]].deleted = span{from, time.Now()}
			there[i] = there[len(there)-1]
			there = there[:len(there)-1]
			continue
		}
		id := s.make("port", `"network_id": %q, "device_id": "churn-%d", "device_owner": "compute:nova"`, network, rand.IntN(5))
		lives[id] = &life{made: span{from, time.Now()}}
		there = append(there, id)
	}
	committed := func() float64 { return exporter.scrape()[key("cloudip_storage_committed_timestamp_seconds")] }
	for end := float64(time.Now().Add(collected).Unix()); committed() < end; { // a collection began after the last change
		if float64(time.Now().Unix()) > end+120 {
			t.Fatal("the storage does not follow")
		}
	}
	out := check.Get(exec.Command(binary, "history", "--config.file="+exporter.config, "--subnet="+subnet, "--output=json").Output())(t)
	var tenures []struct {
		Port   string    `json:"port_id"`
		After  time.Time `json:"began_after"`
		First  time.Time `json:"first_seen"`
		Last   time.Time `json:"last_seen"`
		Before time.Time `json:"ended_before"`
	}
	check.OK(t, json.Unmarshal(out, &tenures))
	seen := map[string]bool{}
	for _, r := range tenures {
		l := lives[r.Port]
		switch {
		case l == nil:
			t.Errorf("port %s was never made", r.Port)
		case seen[r.Port]:
			t.Errorf("port %s has two tenures", r.Port)
		case r.First.Before(l.made.from), r.After.After(l.made.to.Add(collected)):
			t.Errorf("%+v, made %+v", r, l.made)
		case r.Before.IsZero() != l.deleted.from.IsZero():
			t.Errorf("%+v, deleted %+v", r, l.deleted)
		case !r.Before.IsZero() && (r.Before.Before(l.deleted.from) || r.Last.After(l.deleted.to.Add(collected))):
			t.Errorf("%+v, deleted %+v", r, l.deleted)
		}
		seen[r.Port] = true
	}
	for id, l := range lives {
		if end := l.deleted.from; !seen[id] && (end.IsZero() || end.Sub(l.made.to) > 2*collected) {
			t.Errorf("port %s, %+v, is not in the history", id, *l)
		}
	}
	t.Logf("%d ports made, %d deleted, %d tenures in %s, with a restart", len(lives), len(lives)-len(there), len(tenures), *churn)
}
