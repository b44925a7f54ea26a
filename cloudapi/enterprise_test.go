package cloudapi

import (
	"context"
	"iter"
	"strings"
	"testing"

	"cloudip_exporter/config"
)

func TestEnterpriseProjectsAreAskedForAndLeftOutWhereRefused(t *testing.T) {
	const with, without = "enterprise_project_id=all_granted_eps&", ""
	items := func(key string, n int) string {
		return `{"` + key + `":[` + map[int]string{0: ``, 1: `{"id":"a"}`}[n] + `]}`
	}
	for _, test := range []struct {
		name, provider, settings, path, key, query string
		list                                       func(context.Context, *Project) error
	}{
		{"VPCs", config.HuaweiCloud, "", "/v1/" + aProject + "/vpcs", "vpcs", "limit=2", readToEnd((*Project).VPCs)},
		{"CIDRs of VPCs", config.HuaweiCloud, "", "/v3/" + aProject + "/vpc/vpcs", "vpcs", "limit=2", readToEnd((*Project).VPCPrefixes)},
		{"ports", config.HuaweiCloud, "", "/v1/" + aProject + "/ports", "ports", "limit=2", readToEnd((*Project).Ports)},
		{"address groups", config.OTC, "", "/v3/" + aProject + "/vpc/address-groups", "address_groups", "limit=2", readToEnd((*Project).AddressGroups)},
		{"bare metal", config.OTC, "    apis: {servers: bms}", "/v1/" + aProject + "/baremetalservers/detail", "servers", "limit=2&offset=1", readToEnd((*Project).Servers)},
	} {
		for _, row := range []struct {
			name, granted, bare string
			fails               bool
			asked               []string // in two listings
		}{
			{"taken", items(test.key, 1), "500 {}", false, []string{with, with}},
			{"refused", `400 {"code":"VPC.0001","message":"invalid enterprise_project_id"}`, items(test.key, 1), false, []string{with, without, without}},
			{"refused, and nothing there", `400 {}`, items(test.key, 0), false, []string{with, without, without}},
			{"the request is bad for another reason", `400 {}`, `400 {}`, true, []string{with, without, with, without}},
			{"not permitted", `403 {}`, items(test.key, 1), true, []string{with, with}},
		} {
			// The query is encoded in order of its keys.
			p, a := startAPI(t, test.provider, test.settings, map[string]string{
				"GET " + test.path + "?" + with + test.query: row.granted, "GET " + test.path + "?" + test.query: row.bare,
			})
			for range 2 {
				if err := test.list(t.Context(), p); (err != nil) != row.fails {
					t.Errorf("%s, %s: %v", test.name, row.name, err)
				}
			}
			var want []string
			for _, key := range row.asked {
				want = append(want, "GET "+test.path+"?"+key+test.query)
			}
			wantCalls(t, a, want...)
		}
	}
}

func TestOneEnterpriseProjectNarrowsWhatIsListedWhole(t *testing.T) {
	const path, one = "GET /v1/" + aProject, "enterprise_project_id=0&"
	p, a := startAPI(t, config.OTC, "    enterprise_project: 0\n    apis: {ports: vpc, servers: bms}", map[string]string{
		path + "/vpcs": `{"vpcs":[]}`, path + "/ports": `{"ports":[]}`, path + "/baremetalservers/detail": `{"servers":[]}`,
		"GET /v3/" + aProject + "/vpc/vpcs": `400 {}`, "GET /v3/" + aProject + "/vpc/address-groups": `{"address_groups":[]}`,
		"GET /v3/" + aProject + "/eip/publicips": `403 {}`, path + "/publicips": `{"publicips":[]}`,
		path + "/subnets": `{"subnets":[{"id":"` + aNetwork + `","cidr":"10.20.0.0/24"}]}`,
	})
	for _, list := range []func(context.Context, *Project) error{
		readToEnd((*Project).VPCs), readToEnd((*Project).Ports), readToEnd((*Project).Servers), readToEnd((*Project).AddressGroups), readToEnd((*Project).PublicIPs),
	} {
		if err := list(t.Context(), p); err != nil {
			t.Error(err)
		}
	}
	if err := readToEnd((*Project).VPCPrefixes)(t.Context(), p); err == nil {
		t.Error("a refusal led to the VPCs of all enterprise projects")
	}
	a.mu.Lock()
	for _, call := range a.calls {
		if !strings.Contains(call, one) && !strings.HasSuffix(call, "enterprise_project_id=0") {
			t.Errorf("asked for %s", call)
		}
	}
	a.calls = nil
	a.mu.Unlock()
	// What another enterprise project may hold there is not known, and what points at one port is asked of all.
	if s := whole(t, p.Subnets(t.Context())); len(s) != 1 || !s[0].PortsHidden {
		t.Errorf("%+v: its ports of other enterprise projects are not said to be hidden", s)
	}
	for range p.PublicIPsOf(t.Context(), "a") {
	}
	wantCalls(t, a, path+"/subnets?limit=2", path+"/publicips?enterprise_project_id=all_granted_eps&limit=2&port_id=a")
}

// readToEnd reads a listing to its end.
func readToEnd[T any](list func(*Project, context.Context) iter.Seq2[T, error]) func(context.Context, *Project) error {
	return func(ctx context.Context, p *Project) error {
		_, _, err := collect(list(p, ctx))
		return err
	}
}
