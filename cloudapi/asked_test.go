package cloudapi

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// asker asks a project, and writes the calls and what came of them.
type asker struct {
	*Project
	t   *testing.T
	ctx context.Context
	api *api
	out strings.Builder
}

// tell writes the calls since the last time, and the value or the error.
func (a *asker) tell(v any, err error) {
	calls, heads := a.api.since()
	for i, call := range calls {
		fmt.Fprintln(&a.out, strings.TrimSpace(call+" "+strings.Join(heads[i]["X-Openstack-Nova-Api-Version"], "")))
	}
	a.came(v, err)
}

// came writes what came of a question.
func (a *asker) came(v any, err error) {
	if err != nil {
		fmt.Fprintln(&a.out, "  error:", err)
	} else if v != nil {
		fmt.Fprintf(&a.out, "  %s\n", inJSON(a.t, v))
	}
}

func tellAll[T any](a *asker, seq iter.Seq2[T, error]) []T {
	items, faults, err := collect(seq)
	a.tell(fmt.Sprintf("%d items", len(items)), err)
	for _, item := range items {
		a.tell(item, nil)
	}
	for _, fault := range faults {
		fmt.Fprintln(&a.out, "  left out:", fault)
	}
	return items
}

// tellFigures asks for the figures of subnets; the calls, which come in any order, and late
// where another one failed, are not written.
func (a *asker) tellFigures(subnets []inventory.Subnet) {
	all, err := a.Availability(a.ctx, subnets)
	missing := ""
	if all.Missing.N > 0 {
		missing = fmt.Sprintf("%d, the first: %v", all.Missing.N, all.Missing.First)
	}
	calls, _ := a.api.since()
	a.came(struct {
		Calls    int
		BySubnet map[inventory.ID]inventory.Availability
		Gone     inventory.Gone
		Missing  string
	}{len(calls), all.BySubnet, all.Gone, missing}, err)
}

// inJSON shows what is not zero.
func inJSON(t *testing.T, v any) string {
	t.Helper()
	return string(check.Get(json.Marshal(v, json.Deterministic(true), json.OmitZeroStructFields(true)))(t))
}

// askedCase is what is asked of a cloud of written answers.
type askedCase struct {
	name, provider, settings string
	answers                  map[string]string
	ask                      func(a *asker)
}

// TestWhatIsAskedAndReadIsThatInTheFile compares the calls, the records and the errors of
// all cases with testdata/asked.txt. Blanks between the tokens of an answer change nothing.
func TestWhatIsAskedAndReadIsThatInTheFile(t *testing.T) {
	for _, written := range []func(map[string]string) map[string]string{maps.Clone[map[string]string], withBlanks} {
		var b strings.Builder
		for _, c := range slices.Concat(subnetCases(), portCases(), serverCases(), privateIPCases(), enterpriseCases(), []askedCase{oneEnterpriseProjectCase()}) {
			p, api := startAPI(t, cmp.Or(c.provider, config.OTC), c.settings, written(c.answers))
			a := &asker{Project: p, t: t, ctx: t.Context(), api: api}
			c.ask(a)
			fmt.Fprintf(&b, "== %s\n%s\n", c.name, strings.ReplaceAll(a.out.String(), api.url, "URL"))
		}
		golden.Check(t, "testdata/asked.txt", b.String())
	}
}

const aVPCSubnet = `{"id":"` + aNetwork + `","name":"app-a","cidr":"10.20.0.0/24","gateway_ip":"10.20.0.1","vpc_id":"` + aVPC + `",
	"cidr_v6":"2001:db8:20::/64","gateway_ip_v6":"2001:db8:20::1","neutron_network_id":"` + aNetwork + `","neutron_subnet_id":"` + aSubnet4 + `","neutron_subnet_id_v6":"` + aSubnet6 + `",
	"available_ip_address_count":240,"dnsList":["192.0.2.53"],"extra_dhcp_opts":[],"ipv6_enable":true}`

func subnetCases() []askedCase {
	id := inventory.ParseID
	const figures = "GET /v2.0/network-ip-availabilities"
	available := func(subnets ...inventory.Subnet) func(a *asker) {
		return func(a *asker) { a.tellFigures(subnets) }
	}
	ownAvailability := func(a *asker) { a.tellFigures(tellAll(a, a.Subnets(a.ctx))) }
	all := []askedCase{
		{name: "a dual-stack subnet is two records of one id", provider: config.HuaweiCloud,
			answers: map[string]string{"GET /v1/" + aProject + "/subnets": `{"subnets":[` + aVPCSubnet + `]}`},
			ask:     func(a *asker) { tellAll(a, a.Subnets(a.ctx)) }},
		{name: "VPCs", answers: map[string]string{"GET /v1/" + aProject + "/vpcs": `{"vpcs":[{"id":"v1","name":"main","cidr":"10.0.0.0/8","status":"OK","routes":[]}]}`},
			ask: func(a *asker) { tellAll(a, a.VPCs(a.ctx)) }},
		{name: "there are no VPCs on OpenStack", provider: config.OpenStack, ask: func(a *asker) { tellAll(a, a.VPCs(a.ctx)) }},
		{name: "availability is asked once per network", answers: map[string]string{
			figures + "/n1": `{"network_ip_availability":{"network_id":"n1","total_ips":251,"used_ips":12,"subnet_ip_availability":[{"subnet_id":"s1","ip_version":4,"total_ips":251,"used_ips":12}]}}`,
		}, ask: available(inventory.Subnet{NetworkID: id("n1")}, inventory.Subnet{NetworkID: id("n1")})},
		{name: "figures of the network alone are those of its IPv4 subnet", answers: map[string]string{figures + "/n5": `{"network_ip_availability":{"network_id":"n5","total_ips":11,"used_ips":3}}`},
			ask: available(inventory.Subnet{NetworkID: id("n5"), NeutronID: id("s6"), Prefix: netip.MustParsePrefix("2001:db8::/64")},
				inventory.Subnet{NetworkID: id("n5"), NeutronID: id("s5"), Prefix: netip.MustParsePrefix("10.0.0.0/28")})},
	}
	for _, of := range []string{`"subnet_ip_availability":[{"subnet_id":"s1","total_ips":251,"used_ips":12}]`, `"total_ips":251,"used_ips":12`} {
		all = append(all, askedCase{name: "a subnet listed without its Neutron id still gets its availability", answers: map[string]string{
			"GET /v1/" + aProject + "/subnets": `{"subnets":[{"id":"n1","cidr":"10.0.0.0/24"}]}`, figures + "/n1": `{"network_ip_availability":{"network_id":"n1",` + of + `}}`,
		}, ask: ownAvailability})
	}
	for _, answer := range []string{
		`400 {"code":"VPC.2302","message":"gone"}`, `403 {"code":"VPC.0010","message":"no"}`, `404 {"error_code":"APIGW.0101","error_msg":"no such API"}`,
		`400 {"code":"VPC.2301","message":"bad id"}`, `401 {}`, `409 {}`, `302 {}`, `200 <html>`, `200 {}`, `200 {"error_code":"APIGW.0308"}`,
		`206 {"network_ip_availability":{"network_id":"n1","total_ips":11,"used_ips":3}}`, `{"network_ip_availability":"x"}`,
		`{"network_ip_availability":{"subnet_ip_availability":[{"subnet_id":"s1","total_ips":-1,"used_ips":0}]}}`,
		`{"network_ip_availability":{"subnet_ip_availability":[{"subnet_id":"s1","total_ips":9,"used_ips":"x"}]}}`,
		`{"network_ip_availability":{"subnet_ip_availability":[{"subnet_id":{},"total_ips":9,"used_ips":1}]}}`,
		`{"network_ip_availability":{"subnet_ip_availability":[7]}}`,
	} {
		all = append(all, askedCase{name: "availability of one of two networks, and of that one alone: " + answer, answers: map[string]string{
			figures + "/n1": answer, figures + "/n2": `{"network_ip_availability":{"network_id":"n2","subnet_ip_availability":[{"subnet_id":"s2","total_ips":9,"used_ips":3}]}}`,
		}, ask: func(a *asker) {
			one, other := inventory.Subnet{NetworkID: id("n1"), NeutronID: id("s1")}, inventory.Subnet{NetworkID: id("n2"), NeutronID: id("s2")}
			a.tellFigures([]inventory.Subnet{one, other})
			a.tellFigures([]inventory.Subnet{one})
		}})
	}
	for _, answer := range []string{
		`{"network_ip_availabilities":[{"network_id":"n","subnet_ip_availability":[{"subnet_id":"s4","total_ips":13,"used_ips":14},{"subnet_id":"s6","total_ips":4722366482869645213696,"used_ips":1.5E1}]},{"network_id":"m","subnet_ip_availability":[]}]}`,
		`{"network_ip_availabilities":[]}`, `403 {"NeutronError":{"type":"PolicyNotAuthorized","message":"no"}}`, `404 {"type":"HTTPNotFound","message":"none","detail":""}`, `409 {}`,
	} {
		all = append(all, askedCase{name: "availability of OpenStack is a list and may be refused: " + answer, provider: config.OpenStack, answers: map[string]string{figures: answer}, ask: available()})
	}
	for _, of := range []string{`"ip_version":4,"shared":false,"project_id":"` + aProject + `"`, `"ip_version":4,"shared":true,"project_id":"` + aProject + `"`, `"shared":false,"project_id":"other"`, `"ip_version":6`} {
		all = append(all, askedCase{name: "a subnet pool is hidden where others may use it: " + of, provider: config.OpenStack,
			answers: map[string]string{"GET /v2.0/subnetpools": `{"subnetpools":[{"id":"p","name":"n","prefixes":["10.0.0.0/8","2001:db8::/32"],` + of + `}]}`},
			ask:     func(a *asker) { tellAll(a, a.SubnetPools(a.ctx)) }})
	}
	for _, of := range []string{``, `"tenant_id":"",`, `"tenant_id":"` + aProject + `",`, `"tenant_id":"other",`, `"project_id":"other",`, `"project_id":"other","tenant_id":"",`, `"project_id":"` + aProject + `",`} {
		all = append(all, askedCase{name: "ports of a subnet that another project shares are hidden: " + of,
			answers: map[string]string{"GET /v1/" + aProject + "/subnets": `{"subnets":[{` + of + `"id":"n","cidr":"10.20.0.0/24","cidr_v6":"2001:db8:20::/64"}]}`},
			ask:     func(a *asker) { tellAll(a, a.Subnets(a.ctx)) }})
	}
	return all
}

func portCases() (all []askedCase) {
	for _, c := range []struct{ provider, api, path string }{
		{config.HuaweiCloud, "vpc", "/v1/" + aProject + "/ports"}, {config.HuaweiCloud, "workspace", "/v2/" + aProject + "/ports"},
		{config.OTC, "neutron", "/v2.0/ports"}, {config.OpenStack, "neutron", "/v2.0/ports"},
	} {
		all = append(all, askedCase{
			name: "all ports of " + c.provider + " by " + c.api + ", and those of an address though the cloud ignores the filter", provider: c.provider, settings: "    apis: {ports: " + c.api + "}",
			answers: map[string]string{"GET " + c.path: `{"ports":[{"id":"a","network_id":"n","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.1"}]}]}`},
			ask: func(a *asker) {
				tellAll(a, a.Ports(a.ctx))
				tellAll(a, a.PortsByAddress(a.ctx, netip.MustParseAddr("::ffff:10.0.0.1")))
				tellAll(a, a.PortsByAddress(a.ctx, netip.MustParseAddr("10.0.0.9")))
			},
		})
	}
	for _, c := range []struct{ provider, path, answer string }{
		{config.OpenStack, "/v2.0/address-groups", `404 {"NeutronError":{"type":"HTTPNotFound","message":"The resource could not be found.","detail":""}}`},
		{config.OTC, "/v3/" + aProject + "/vpc/address-groups", `404 {"error_code":"APIGW.0101","error_msg":"The API does not exist"}`},
		{config.OpenStack, "/v2.0/address-groups", `403 {"message":"no"}`},
		{config.OpenStack, "/v2.0/address-groups", `404 <html><title>Sign in</title></html>`},
		{config.HuaweiCloud, "/v3/" + aProject + "/vpc/address-groups", `{"request_id":"r","address_groups":[{"id":"g1","name":"office","ip_set":["192.0.2.7/28","198.51.100.7","203.0.113.10-203.0.113.20","203.0.113.20-203.0.113.10","x"],
			"ip_extra_set":[{"ip":"198.51.100.7","remarks":"north"},{"ip":"192.0.2.7/28","remarks":null}],"ip_version":4,"max_capacity":20,"status":"UPDATING","updated_at":"2026-01-02T03:04:05.000+00:00"}],
			"page_info":{"previous_marker":"g1","current_count":1}}`},
		{config.OpenStack, "/v2.0/address-groups", `{"address_groups":[{"id":"g1","name":"n","addresses":["192.0.2.0/28","2001:db8::1/128"]},{"id":"g2","addresses":[]}]}`},
	} {
		all = append(all, askedCase{name: "address groups of " + c.provider, provider: c.provider, answers: map[string]string{"GET " + c.path: c.answer}, ask: func(a *asker) { tellAll(a, a.AddressGroups(a.ctx)) }})
	}
	for _, c := range []struct{ provider, path, answer string }{
		{config.HuaweiCloud, "/v1/" + aProject + "/quotas", `{"quotas":{"resources":[{"type":"subnet","used":3,"quota":100,"min":0},{"type":"vpc","used":1,"quota":-1}]}}`},
		{config.HuaweiCloud, "/v1/" + aProject + "/quotas", `{"quotas":[]}`},
		{config.HuaweiCloud, "/v1/" + aProject + "/quotas", `{"quotas":{}}`},
		{config.HuaweiCloud, "/v1/" + aProject + "/quotas", `{"quotas":{"resources":null}}`},
		{config.HuaweiCloud, "/v1/" + aProject + "/quotas", `{}`},
		{config.HuaweiCloud, "/v1/" + aProject + "/quotas", `404 `},
		{config.OpenStack, "/v2.0/quotas/" + aProject + "/details.json", `{"quota":{"port":{"limit":-1,"used":7,"reserved":2},"odd":{"limit":"many","used":0},"network":{"limit":5,"used":2}}}`},
		{config.OpenStack, "/v2.0/quotas/" + aProject + "/details.json", `{"quota":{"tenant_id":"x","links":[],"port":{"limit":"5","used":3},"description":null,"level":7,"project":{"id":"x"}}}`},
		{config.OpenStack, "/v2.0/quotas/" + aProject + "/details.json", `{"quota":{"port":{"limit":"none","used":3},"router":{"limit":5,"used":null}}}`},
		{config.OpenStack, "/v2.0/quotas/" + aProject + "/details.json", `404 {"message":"not found"}`},
	} {
		all = append(all, askedCase{name: "quotas of " + c.provider + ": " + c.answer, provider: c.provider, answers: map[string]string{"GET " + c.path: c.answer}, ask: func(a *asker) { tellAll(a, a.Quotas(a.ctx)) }})
	}
	return all
}

func serverCases() []askedCase {
	nova := `{"id":"` + aServer + `","name":"metal-01","status":"ACTIVE","flavor":{"id":"physical.s4.large"},"image":"","metadata":{"a":{"b":1}},"OS-EXT-AZ:availability_zone":"eu-de-01",
		"addresses":{"` + aVPC + `":[{"version":4,"addr":"10.20.0.17","OS-EXT-IPS:type":"fixed"},{"version":6,"addr":"2001:db8:20::17"}]}}`
	bms := strings.NewReplacer(`"version":4`, `"version":"4"`, `"id":"physical.s4.large"`, `"id":"s4","vcpus":"64"`).Replace(nova)
	novaPath, bmsPath := "GET /v2.1/"+aProject+"/servers/", "GET /v1/"+aProject+"/baremetalservers/"
	both := func(a *asker) {
		tellAll(a, a.Servers(a.ctx))
		a.tell(a.Server(a.ctx, aServer))
	}
	all := []askedCase{
		{name: "servers of Nova", answers: map[string]string{novaPath + "detail": `{"servers":[` + nova + `]}`, novaPath + aServer: `{"server":` + nova + `}`}, ask: both},
		{name: "servers of BMS", provider: config.HuaweiCloud, settings: "    apis: {servers: bms}", answers: map[string]string{bmsPath + "detail": `{"count":1,"servers":[` + bms + `]}`, bmsPath + aServer: `{"server":` + bms + `}`}, ask: both},
		{name: "plain OpenStack is asked without a microversion", provider: config.OpenStack, answers: map[string]string{novaPath + "detail": `{"servers":[]}`}, ask: func(a *asker) { tellAll(a, a.Servers(a.ctx)) }},
		{name: "addresses of servers", answers: map[string]string{
			novaPath + aServer + "/ips": `{"addresses":{"n":[{"version":4,"addr":"192.168.2.90"}]}}`, novaPath + "gone/ips": `404 {"itemNotFound":{"code":404,"message":"no such server"}}`,
			novaPath + "a%2Fb%3Fc/ips": `{"addresses":{}}`, novaPath + "bad/ips": `{"addresses":{"n":[{"addr":"x"}]}}`,
			novaPath + "1/ips": `{"addresses":null}`, novaPath + "2/ips": `{}`, novaPath + "3/ips": `null`, novaPath + "4/ips": `{"addresses":[]}`,
		}, ask: func(a *asker) {
			for _, server := range []string{aServer, "gone", "a/b?c", "bad", "1", "2", "3", "4", "", ".", ".."} {
				a.tell(a.ServerAddresses(a.ctx, server))
			}
		}},
	}
	for _, addresses := range []string{`{"n":[{"addr":true},{"addr":"10.0.0.1"}]}`, `{"n":"none"}`, `[]`, `{"n":[{"addr":"10.0.0.1/24"}]}`} {
		for _, settings := range []string{"", "    apis: {server_addresses: list}"} {
			all = append(all, askedCase{name: "addresses that another call brings are a detail of the listing: " + addresses + settings, provider: config.OpenStack, settings: settings,
				answers: map[string]string{novaPath + "detail": `{"servers":[{"id":"s","addresses":` + addresses + `}]}`}, ask: func(a *asker) { tellAll(a, a.Servers(a.ctx)) }})
		}
	}
	return all
}

func privateIPCases() []askedCase {
	const vpc, ip = "/v1/" + aProject, `{"id":"i1","status":"DOWN","subnet_id":"` + aNetwork + `","tenant_id":"t","device_owner":"","ip_address":"10.20.0.33"}`
	const fixed, other = `{"subnet_id":"s","ip_address":"10.0.0.7"}`, `{"subnet_id":"other","ip_address":"10.9.9.9"}`
	port := func(fixed string) string {
		return `{"id":"p1","network_id":"n","status":"DOWN","device_owner":"","fixed_ips":[` + fixed + `]}`
	}
	assign := func(a *asker, subnet, network, addr string) {
		a.tell(a.AssignPrivateIP(a.ctx, aSubnet(subnet, network), netip.MustParseAddr(addr), "intent-1"))
	}
	release := func(a *asker, id string) { a.tell(nil, a.ReleasePrivateIP(a.ctx, id)) }
	all := []askedCase{
		{name: "private IPs of the VPC API", answers: map[string]string{
			"GET " + vpc + "/subnets/" + aNetwork + "/privateips": `{"privateips":[` + ip + `]}`,
			"GET " + vpc + "/subnets/gone/privateips":             `404 {"code":"VPC.0202","message":"gone"}`,
			"GET " + vpc + "/subnets/bare/privateips":             `{"privateips":[{"id":"i3","ip_address":"10.20.1.1"}]}`,
			"GET " + vpc + "/privateips/i1":                       `{"privateip":` + ip + `}`,
			"POST " + vpc + "/privateips":                         `{"privateips":[` + ip + `]}`,
			"DELETE " + vpc + "/privateips/i1":                    `204 `,
			"DELETE " + vpc + "/privateips/i2":                    `409 {"code":"VPC.0707","message":"in use"}`,
		}, ask: func(a *asker) {
			for _, subnet := range []string{aNetwork, "gone", "bare"} {
				tellAll(a, a.PrivateIPs(a.ctx, subnet))
			}
			a.tell(a.PrivateIP(a.ctx, "i1"))
			assign(a, aNetwork, aNetwork, "10.20.0.33")
			release(a, "i1")
			release(a, "i2")
		}},
		{name: "private IPs of OpenStack are ports", provider: config.OpenStack, answers: map[string]string{
			"GET /v2.0/ports": `{"ports":[` + port(other+","+fixed) + `]}`, "GET /v2.0/ports/p1": `{"port":` + port(fixed) + `}`,
			"POST /v2.0/ports": `201 {"port":` + port(fixed) + `}`, "DELETE /v2.0/ports/p1": `204 `,
		}, ask: func(a *asker) {
			tellAll(a, a.PrivateIPs(a.ctx, "s"))
			assign(a, "s", "n", "10.0.0.7")
			a.tell(a.PrivateIP(a.ctx, "p1"))
			release(a, "p1")
		}},
		{name: "an assignment without id is no clear answer", provider: config.OpenStack, answers: map[string]string{"POST /v2.0/ports": `201 {"port":{"fixed_ips":[` + fixed + `]}}`},
			ask: func(a *asker) { assign(a, "s", "n", "10.0.0.7") }},
	}
	for _, answer := range []string{`503 `, `500 {"code":"VPC.0701","message":"in use"}`, `429 {}`, `200 {"privateips":[`, `200 {"privateips":[]}`, `200 {}`, `200 {"privateips":[{"id":"a"}]}`, `200 {"privateips":[{"ip_address":"10.0.0.7"}]}`,
		`200 {"privateips":[{"id":"a","ip_address":"10.0.0.7"},{"id":"b","ip_address":"10.0.0.8"}]}`} {
		all = append(all, askedCase{name: "an assignment is sent once: " + answer, answers: map[string]string{"POST " + vpc + "/privateips": answer},
			ask: func(a *asker) { a.tell(a.AssignPrivateIP(a.ctx, aSubnet("n", "n"), netip.Addr{}, "")) }})
		all = append(all, askedCase{name: "a release is sent once: " + answer, answers: map[string]string{"DELETE " + vpc + "/privateips/i": answer},
			ask: func(a *asker) { release(a, "i") }})
	}
	for _, answer := range []string{"500 {}", `{"ports":[{"id":"odd","fixed_ips":7}]}`, `{"ports":[]}`} {
		all = append(all, askedCase{name: "an intent is not reported absent where a port cannot be read: " + answer, provider: config.OpenStack, answers: map[string]string{"GET /v2.0/ports": answer},
			ask: func(a *asker) {
				_, found, err := a.PrivateIPByIntent(a.ctx, "cloudip-x", netip.MustParseAddr("10.0.0.7"))
				a.tell(fmt.Sprintf("found %v", found), err)
			}})
	}
	return all
}
