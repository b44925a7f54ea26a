package simtest

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// readSample reads an answer of a real OpenStack; the client's fixtures are of the same recording.
func readSample(t *testing.T, name string) (body any, status int) {
	t.Helper()
	folder := "testdata"
	if _, err := os.Stat("testdata/" + name + ".json"); err != nil {
		folder = "../../cloudapi/testdata/openstack"
	}
	text, status := golden.Recorded(t, folder, name)
	check.OK(t, json.Unmarshal([]byte(text), &body))
	return body, status
}

// shape lists the paths and kinds of all values, so that answers can be
// compared whose values differ. Lists count by their first item.
func shape(path string, v any) (paths []string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			paths = append(paths, shape(path+"."+k, x)...)
		}
	case []any:
		if len(v) > 0 {
			paths = shape(path+"[]", v[0])
		}
	case nil:
	default:
		paths = []string{path}
	}
	return paths
}

func TestAnswersHaveTheShapeOfTheRecordedOnes(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack}).login(simulator.Exporter)
	member := newRig(t, simulator.Options{Provider: simulator.OpenStack}).login(simulator.Member)
	const nobody = "00000000-0000-0000-0000-000000000000"
	for _, c := range []struct {
		sample, method, path, body string
		who                        *rig
		exact                      bool // bodies are equal, not only alike
	}{
		{"neutron-ports-limit-negative-400", "GET", "/network/v2.0/ports?limit=-1", "", r, true},
		{"neutron-ports-limit-word-400", "GET", "/network/v2.0/ports?limit=abc", "", r, true},
		{"neutron-ports-marker-gone", "GET", "/network/v2.0/ports?limit=2&marker=" + nobody, "", r, true},
		{"neutron-ports-filter-unknown", "GET", "/network/v2.0/ports?bogus=1", "", r, true},
		{"neutron-ports-fixed-ips-bad", "GET", "/network/v2.0/ports?fixed_ips=nonsense", "", r, true},
		{"neutron-ports-by-subnet-bad", "GET", "/network/v2.0/ports?fixed_ips=subnet_id%3Dnonsense", "", r, true},
		{"neutron-ports-sortkey-bad-400", "GET", "/network/v2.0/ports?sort_key=nope&sort_dir=asc&limit=1", "", r, true},
		{"neutron-ports-none-200", "GET", "/network/v2.0/ports?network_id=" + nobody, "", r, true},
		{"neutron-port-unknown-404", "GET", "/network/v2.0/ports/" + nobody, "", r, true},
		{"neutron-path-unknown-404", "GET", "/network/v2.0/no-such-things", "", r, true},
		{"neutron-method-405", "PATCH", "/network/v2.0/ports", "{}", r, true},
		{"neutron-not-json-400", "POST", "/network/v2.0/ports", "{", r, true},
		{"neutron-availability-unknown-404", "GET", "/network/v2.0/network-ip-availabilities/" + nobody, "", r, true},
		{"neutron-address-group-unknown-404", "GET", "/network/v2.0/address-groups/" + nobody, "", r, true},
		{"neutron-member-availability", "GET", "/network/v2.0/network-ip-availabilities", "", member, true},
		{"neutron-member-foreign-port-404", "GET", "/network/v2.0/ports/013ab2e0-ce9d-481d-ace9-ab469b9268fc", "", member, true},
		{"nova-servers-marker-gone-400", "GET", "/compute/v2.1/servers?limit=2&marker=" + nobody, "", r, true},
		{"nova-server-unknown-404", "GET", "/compute/v2.1/servers/" + nobody, "", r, true},
		{"nova-ips-unknown-404", "GET", "/compute/v2.1/servers/" + nobody + "/ips", "", r, true},
		{"keystone-validate-unknown-404", "GET", "/identity/v3/auth/tokens", "", r, true},
		{"keystone-versions-300", "GET", "/identity/", "", r, false},
		{"keystone-v3", "GET", "/identity/v3", "", r, false},
		{"keystone-auth-projects-200", "GET", "/identity/v3/auth/projects", "", r, false},
		{"keystone-projects-200", "GET", "/identity/v3/projects", "", r, false},
		{"neutron-subnets-page-200", "GET", "/network/v2.0/subnets?limit=1", "", r, false},
		{"neutron-availability-200", "GET", "/network/v2.0/network-ip-availabilities?limit=1000", "", r, false},
		{"neutron-ports-page1-200", "GET", "/network/v2.0/ports?limit=2", "", r, false},
		{"neutron-address-groups-200", "GET", "/network/v2.0/address-groups", "", r, false},
		{"nova-servers-page-200", "GET", "/compute/v2.1/servers?all_tenants=1&limit=2", "", r, false},
		{"nova-member-all-tenants-403", "GET", "/compute/v2.1/servers?all_tenants=1", "", member, false},
	} {
		t.Run(c.sample, func(t *testing.T) {
			want, status := readSample(t, c.sample)
			c.who.t = t
			code, text := c.who.status(c.method, c.path, c.body)
			var got any
			check.OK(t, json.Unmarshal([]byte(text), &got))
			check.Equal(t, "status of "+text, status, code)
			g, w := shape("", got), shape("", want)
			if c.exact {
				g, w = []string{string(encode(got))}, []string{string(encode(want))}
			}
			for _, line := range w {
				if !slices.Contains(g, line) && !strings.Contains(line, "_links") {
					t.Errorf("missing %s in %s", line, g)
				}
			}
		})
	}
}

func TestAURLBeyondWhatTheServerTakesIs414WithoutBody(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack}).login(simulator.Exporter)
	if code, body := r.status("GET", "/network/v2.0/ports?name="+strings.Repeat("x", 9000), ""); code != 414 || body != "" {
		t.Errorf("%d %q", code, body)
	}
}
