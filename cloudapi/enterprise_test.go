package cloudapi

import (
	"context"
	"iter"
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

// What another enterprise project may hold on a subnet is not known, so its ports count as
// hidden; what points at one port is asked of all.
func oneEnterpriseProjectCase() askedCase {
	const path = "GET /v1/" + aProject
	return askedCase{name: "one enterprise project narrows what is listed whole", settings: "    enterprise_project: 0\n    apis: {ports: vpc, servers: bms}", answers: map[string]string{
		path + "/vpcs": `{"vpcs":[]}`, path + "/ports": `{"ports":[]}`, path + "/baremetalservers/detail": `{"servers":[]}`,
		"GET /v3/" + aProject + "/vpc/vpcs": `400 {}`, "GET /v3/" + aProject + "/vpc/address-groups": `{"address_groups":[]}`,
		"GET /v3/" + aProject + "/eip/publicips": `403 {}`, path + "/publicips": `{"publicips":[]}`,
		path + "/subnets": `{"subnets":[{"id":"` + aNetwork + `","cidr":"10.20.0.0/24"}]}`,
	}, ask: func(a *asker) {
		tellAll(a, a.VPCs(a.ctx))
		tellAll(a, a.VPCPrefixes(a.ctx))
		tellAll(a, a.Ports(a.ctx))
		tellAll(a, a.Servers(a.ctx))
		tellAll(a, a.AddressGroups(a.ctx))
		tellAll(a, a.PublicIPs(a.ctx))
		tellAll(a, a.Subnets(a.ctx))
		tellAll(a, a.PublicIPsOf(a.ctx, "a"))
	}}
}

// readToEnd reads a listing to its end.
func readToEnd[T any](list func(*Project, context.Context) iter.Seq2[T, error]) func(context.Context, *Project) error {
	return func(ctx context.Context, p *Project) error {
		_, _, err := collect(list(p, ctx))
		return err
	}
}
