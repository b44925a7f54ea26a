//go:build e2e

package openstack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"

	"cloudip_exporter/test/check"
	"cloudip_exporter/test/process"
)

// make creates something by Neutron, deletes it when the test ends, and returns its id;
// "" when Neutron refuses with 409.
func (s *session) make(kind, format string, args ...any) string {
	s.t.Helper()
	base := s.endpoints["network"] + "/v2.0/" + kind + "s"
	status, text := s.do(http.MethodPost, base, fmt.Sprintf(`{"%s":{%s}}`, kind, fmt.Sprintf(format, args...)))
	if status == http.StatusConflict {
		return ""
	}
	var answer map[string]struct{ ID string }
	if err := json.Unmarshal(text, &answer); err != nil || status != http.StatusCreated {
		s.t.Fatalf("make a %s: status %d, %v: %.300s", kind, status, err, text)
	}
	id := answer[kind].ID
	s.t.Cleanup(func() {
		if status, text := s.do(http.MethodDelete, base+"/"+id, ""); status != http.StatusNoContent && status != http.StatusNotFound {
			s.t.Errorf("delete the %s %s: status %d: %.200s", kind, id, status, text)
		}
	})
	return id
}

// TestFreeIsWhatNeutronStillHandsOut makes ports in a /28 until Neutron refuses. It has a
// router and a port outside its two pools, and a port of a member's project inside.
func TestFreeIsWhatNeutronStillHandsOut(t *testing.T) {
	file := cloudsFile(t)
	s := login(t, file, os.Getenv("OS_CLOUD"))
	other := s.projectID
	if member := os.Getenv("OS_CLOUD_MEMBER"); member != "" {
		other = login(t, file, member).projectID
	}
	network := s.make("network", `"name": "fill"`)
	subnet := s.make("subnet", `"network_id": %q, "ip_version": 4, "cidr": "192.0.2.0/28", "gateway_ip": "192.0.2.1", "enable_dhcp": false,
		"allocation_pools": [{"start": "192.0.2.3", "end": "192.0.2.6"}, {"start": "192.0.2.9", "end": "192.0.2.12"}]`, network)
	s.make("port", `"network_id": %q, "fixed_ips": [{"ip_address": "192.0.2.2"}]`, network)
	s.make("port", `"network_id": %q, "project_id": %q, "fixed_ips": [{"ip_address": "192.0.2.10"}]`, network, other)
	router := s.make("router", `"name": "fill"`)
	at := s.endpoints["network"] + "/v2.0/routers/" + router
	if status, text := s.do(http.MethodPut, at+"/add_router_interface", fmt.Sprintf(`{"subnet_id":%q}`, subnet)); status != http.StatusOK {
		t.Fatalf("add the router: status %d: %.300s", status, text)
	}
	t.Cleanup(func() { s.do(http.MethodPut, at+"/remove_router_interface", fmt.Sprintf(`{"subnet_id":%q}`, subnet)) })
	exporter := start(t, check.Get(process.Build(t.TempDir()))(t), file, os.Getenv("OS_CLOUD"), 1000)
	free := func() float64 {
		return exporter.scrape()[key("cloudip_subnet_addresses_free", "ip_version=4", "subnet_id="+subnet)]
	}
	left, made := free(), 0.0
	for s.make("port", `"network_id": %q`, network) != "" {
		if made++; made == 3 && free() != left-3 {
			t.Errorf("after 3 ports %v are free, before %v", free(), left)
		}
	}
	if left != made || left != 7 || free() != 0 {
		t.Errorf("%v free, Neutron gave %v, of 7; then %v", left, made, free())
	}
}
