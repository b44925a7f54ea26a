package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

const (
	aProject = "5f0c1d2e3a4b4c5d8e9f001122334455"
	aVPC     = "7a10c0de-0001-4000-8000-000000000001"
	aNetwork = "7a10c0de-0002-4000-8000-000000000010"
	aSubnet4 = "7a10c0de-0003-4000-8000-000000000104"
	aSubnet6 = "7a10c0de-0003-4000-8000-000000000106"
	aServer  = "7a10c0de-0005-4000-8000-000000010000"
)

// api is a cloud of written answers: by method and path with the query.
type api struct {
	mu    sync.Mutex
	calls []string // method, path, query and, of a POST, body
	heads []http.Header
}

func (a *api) seen() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// startAPI serves the answers and returns the project that asks for them. A
// key is "METHOD /path"; a value is the body of a 200, or "STATUS body".
func startAPI(t *testing.T, provider, settings string, answers map[string]string) (*Project, *api) {
	t.Helper()
	a := &api{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
			w.Header().Set("X-Subject-Token", "token-of-the-test")
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"token":{"expires_at":"2099-01-02T03:04:05.000000Z","issued_at":"2026-01-02T03:04:05.000000Z",
				"user":{"id":"u","name":"u","domain":{"id":"d","name":"d"}},
				"project":{"id":%q,"name":"test","domain":{"id":"d","name":"d"}},"roles":[{"id":"1","name":"reader"}],"catalog":[]}}`, aProject)
			return
		}
		a.mu.Lock()
		call := r.Method + " " + r.URL.EscapedPath()
		full := call
		if r.URL.RawQuery != "" {
			full += "?" + r.URL.RawQuery
		}
		if body, _ := io.ReadAll(r.Body); len(body) > 0 {
			full += " " + string(body)
		}
		a.calls, a.heads = append(a.calls, full), append(a.heads, r.Header.Clone())
		a.mu.Unlock()
		answer, ok := answers[call+"?"+r.URL.RawQuery]
		if !ok {
			answer, ok = answers[call]
		}
		if !ok {
			t.Errorf("unexpected call %s", full)
		}
		status := http.StatusOK
		if n, _ := fmt.Sscanf(answer, "%3d ", &status); n == 1 {
			answer = answer[4:]
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	endpoints := "{vpc: URL, compute: URL, bms: URL, workspace: URL}"
	if provider == config.OpenStack {
		endpoints = "{network: URL, compute: URL}"
	}
	yaml := fmt.Sprintf(`
clouds:
  - name: test
    provider: %s
    region: r1
    auth: {type: password, url: URL/v3, username: u, user_domain: d, password: p}
    projects: [test]
    endpoints: %s
    limits: {requests_per_second: 0, page_size: 2}
%s`, provider, endpoints, settings)
	return openYAML(t, strings.ReplaceAll(yaml, "URL", server.URL)), a
}

func wantCalls(t *testing.T, a *api, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, a.seen()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// whole reads a listing and fails the test when it failed or skipped anything.
func whole[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	items, faults, err := collect(seq)
	if err != nil || len(faults) > 0 {
		t.Fatalf("listing: %v, faults %v", err, faults)
	}
	return items
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, compareRecords); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestADualStackSubnetIsTwoRecordsOfOneID(t *testing.T) {
	p, a := startAPI(t, config.HuaweiCloud, "", map[string]string{
		"GET /v1/" + aProject + "/subnets": `{"subnets":[{"id":"` + aNetwork + `","name":"app-a","cidr":"10.20.0.0/24","gateway_ip":"10.20.0.1","vpc_id":"` + aVPC + `",
			"cidr_v6":"2001:db8:20::/64","gateway_ip_v6":"2001:db8:20::1","neutron_network_id":"` + aNetwork + `","neutron_subnet_id":"` + aSubnet4 + `","neutron_subnet_id_v6":"` + aSubnet6 + `",
			"available_ip_address_count":240,"dnsList":["192.0.2.53"],"extra_dhcp_opts":[],"ipv6_enable":true}]}`,
	})
	subnets := whole(t, p.Subnets(t.Context()))
	left := 240.0
	id := inventory.ParseID
	same(t, "subnets", []inventory.Subnet{
		{ID: id(aNetwork), NeutronID: id(aSubnet4), NetworkID: id(aNetwork), VPCID: id(aVPC), Name: "app-a",
			Prefix: netip.MustParsePrefix("10.20.0.0/24"), Gateway: netip.MustParseAddr("10.20.0.1"), Available: &left},
		{ID: id(aNetwork), NeutronID: id(aSubnet6), NetworkID: id(aNetwork), VPCID: id(aVPC), Name: "app-a",
			Prefix: netip.MustParsePrefix("2001:db8:20::/64"), Gateway: netip.MustParseAddr("2001:db8:20::1")},
	}, subnets)
	wantCalls(t, a, "GET /v1/"+aProject+"/subnets?limit=2")
}

func TestOldSubnetPayloadsAreRead(t *testing.T) {
	for body, want := range map[string]int{
		`{"id":"n","name":"a","cidr":"10.0.0.0/24","neutron_subnet_id":"s"}`:                        1,
		`{"id":"n","cidr":"10.0.0.0/24","neutron_subnet_id_v6":"","cidr_v6":"","gateway_ip_v6":""}`: 1,
		`{"id":"n","cidr":"","cidr_v6":"2001:db8::/64"}`:                                            1,
	} {
		p, err := readPage(t, page.Listing[inventory.Subnet]{Key: "subnets", Item: readVPCSubnet}, `{"subnets":[`+body+`]}`)
		if err != nil || len(p.items) != want || len(p.faults) > 0 {
			t.Fatalf("%s: %v, %v, faults %v", body, p.items, err, p.faults)
		}
		if s := p.items[0]; s.NetworkID != inventory.ParseID("n") || s.ID != s.NetworkID {
			t.Errorf("%s: ids %v and %v", body, s.ID, s.NetworkID)
		}
	}
	for _, body := range []string{`{"id":"n"}`, `{"id":"n","cidr":"10.0.0.0/33"}`} {
		if p, err := readPage(t, page.Listing[inventory.Subnet]{Key: "subnets", Item: readVPCSubnet}, `{"subnets":[`+body+`]}`); err != nil || len(p.faults) != 1 || len(p.items) > 0 {
			t.Errorf("%s: %v, %v, faults %v; want one fault", body, p.items, err, p.faults)
		}
	}
}

func TestTheNetworkChoosesTheAddressesOfASubnet(t *testing.T) {
	for modes, want := range map[string]bool{
		``: false,
		`"ipv6_ra_mode":null,"ipv6_address_mode":null,`:                                   false,
		`"ipv6_ra_mode":"slaac","ipv6_address_mode":"slaac",`:                             true,
		`"ipv6_ra_mode":"dhcpv6-stateless","ipv6_address_mode":"dhcpv6-stateless",`:       true,
		`"ipv6_ra_mode":null,"ipv6_address_mode":"slaac",`:                                true, // a router that is not Neutron's
		`"ipv6_ra_mode":"slaac","ipv6_address_mode":null,`:                                true,
		`"ipv6_ra_mode":"dhcpv6-stateful","ipv6_address_mode":"dhcpv6-stateful",`:         false,
		`"ipv6_ra_mode":"slaac","ipv6_address_mode":7,`:                                   true, // what cannot be read costs no more than itself
		`"ipv6_ra_mode":{"mode":"slaac"},"ipv6_address_mode":["slaac"],"name":"unknown",`: false,
	} {
		body := `{"subnets":[{` + modes + `"id":"s","network_id":"n","cidr":"fd00::/64"}]}`
		p, err := readPage(t, page.Listing[inventory.Subnet]{Key: "subnets", Item: readNeutronSubnet([]string{"team"})}, body)
		if err != nil || len(p.items) != 1 || p.items[0].ChoosesAddresses != want {
			t.Errorf("%s: %+v, faults %v, %v; want ChoosesAddresses %v", modes, p.items, p.faults, err, want)
		}
	}
}

func TestEachPortsAPIIsAskedInItsOwnWay(t *testing.T) {
	port := `{"id":"a","network_id":"n","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.1"}]}`
	body := `{"ports":[` + port + `]}`
	fields := "fields=id&fields=network_id&fields=device_id&fields=device_owner&fields=status&fields=fixed_ips&fields=project_id&fields=allowed_address_pairs"
	for _, test := range []struct{ provider, api, path, query, byAddress string }{
		{config.HuaweiCloud, "vpc", "/v1/" + aProject + "/ports", "enterprise_project_id=all_granted_eps&limit=2", "enterprise_project_id=all_granted_eps&fixed_ips=ip_address%3D10.0.0.1&limit=2"},
		{config.HuaweiCloud, "workspace", "/v2/" + aProject + "/ports", "limit=2", "ip_address=10.0.0.1&limit=2"},
		{config.OTC, "neutron", "/v2.0/ports", fields + "&limit=2", fields + "&fixed_ips=ip_address%3D10.0.0.1&limit=2"},
		{config.OpenStack, "neutron", "/v2.0/ports", fields + "&limit=2", fields + "&fixed_ips=ip_address%3D10.0.0.1&limit=2"},
	} {
		t.Run(test.provider+" "+test.api, func(t *testing.T) {
			p, a := startAPI(t, test.provider, "    apis: {ports: "+test.api+"}", map[string]string{"GET " + test.path: body})
			if ports := whole(t, p.Ports(t.Context())); len(ports) != 1 {
				t.Errorf("%d ports, want 1", len(ports))
			}
			if ports := whole(t, p.PortsByAddress(t.Context(), netip.MustParseAddr("::ffff:10.0.0.1"))); len(ports) != 1 {
				t.Errorf("%d ports by address, want 1", len(ports))
			}
			wantCalls(t, a, "GET "+test.path+"?"+test.query, "GET "+test.path+"?"+test.byAddress)
		})
	}
}

func TestAFilterThatTheCloudIgnoresIsAppliedHere(t *testing.T) {
	p, _ := startAPI(t, config.HuaweiCloud, "", map[string]string{
		"GET /v1/" + aProject + "/ports": `{"ports":[{"id":"a","fixed_ips":[{"ip_address":"10.0.0.9"}]}]}`,
	})
	if ports := whole(t, p.PortsByAddress(t.Context(), netip.MustParseAddr("10.0.0.1"))); len(ports) > 0 {
		t.Errorf("ports %v do not hold the address", ports)
	}
}

func TestAvailabilityIsAskedOncePerNetwork(t *testing.T) {
	path := "GET /v2.0/network-ip-availabilities/"
	p, a := startAPI(t, config.OTC, "", map[string]string{
		path + "n1": `{"network_ip_availability":{"network_id":"n1","total_ips":251,"used_ips":12,"subnet_ip_availability":[{"subnet_id":"s1","ip_version":4,"total_ips":251,"used_ips":12}]}}`,
		path + "n2": `400 {"code":"VPC.2302","message":"gone"}`,
		path + "n3": `403 {"code":"VPC.0010","message":"no"}`,
		path + "n4": `404 {"error_code":"APIGW.0101","error_msg":"no such API"}`,
		path + "n5": `{"network_ip_availability":{"network_id":"n5","total_ips":11,"used_ips":3}}`,
	})
	id := inventory.ParseID
	subnets := []inventory.Subnet{{NetworkID: id("n1")}, {NetworkID: id("n1")}, {NetworkID: id("n2")}, {NetworkID: id("n3")}, {NetworkID: id("n4")},
		{NetworkID: id("n5"), NeutronID: id("s6"), Prefix: netip.MustParsePrefix("2001:db8::/64")},
		{NetworkID: id("n5"), NeutronID: id("s5"), Prefix: netip.MustParsePrefix("10.0.0.0/28")}}
	all, err := p.Availability(t.Context(), subnets)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "availabilities", Availabilities{
		BySubnet: map[inventory.ID]inventory.Availability{id("s1"): {NeutronSubnetID: id("s1"), Total: 251, Used: 12}, id("s5"): {NeutronSubnetID: id("s5"), Total: 11, Used: 3}},
		Gone:     map[inventory.ID]bool{id("n2"): true},
	}, all)
	if n := len(a.seen()); n != 5 {
		t.Errorf("%d calls, want 5", n)
	}
}

func TestASubnetListedWithoutItsNeutronIDStillGetsItsAvailability(t *testing.T) {
	for _, figures := range []string{
		`"subnet_ip_availability":[{"subnet_id":"s1","total_ips":251,"used_ips":12}]`,
		`"total_ips":251,"used_ips":12`,
	} {
		p, _ := startAPI(t, config.OTC, "", map[string]string{
			"GET /v1/" + testProject + "/subnets":    `{"subnets":[{"id":"n1","cidr":"10.0.0.0/24"}]}`,
			"GET /v2.0/network-ip-availabilities/n1": `{"network_ip_availability":{"network_id":"n1",` + figures + `}}`,
		})
		subnets := whole(t, p.Subnets(t.Context()))
		all, err := p.Availability(t.Context(), subnets)
		if err != nil || len(subnets) != 1 {
			t.Fatalf("subnets %v, %v", subnets, err)
		}
		if got := all.BySubnet[subnets[0].NeutronID].Used; got != 12 || subnets[0].NeutronID.IsZero() {
			t.Errorf("%s: %v used, want 12", figures, got)
		}
	}
}

func TestAvailabilityFailsOnEveryOtherAnswer(t *testing.T) {
	for _, answer := range []string{`400 {"code":"VPC.2301","message":"bad id"}`, `401 {}`, `409 {}`, `302 {}`, `200 <html>`, `200 {}`,
		`206 {"network_ip_availability":{"network_id":"n1","total_ips":11,"used_ips":3}}`,
		`{"network_ip_availability":"x"}`, `{"network_ip_availability":{"subnet_ip_availability":[{"subnet_id":"s5","total_ips":-1,"used_ips":0}]}}`} {
		p, _ := startAPI(t, config.HuaweiCloud, "", map[string]string{"GET /v2.0/network-ip-availabilities/n1": answer})
		if all, err := p.Availability(t.Context(), []inventory.Subnet{{NetworkID: inventory.ParseID("n1")}}); err == nil {
			t.Errorf("%s gave %v", answer, all)
		}
	}
}

func TestOpenStackAvailabilityIsAListAndMayBeRefused(t *testing.T) {
	for answer, want := range map[string]int{
		`{"network_ip_availabilities":[{"network_id":"n","subnet_ip_availability":[{"subnet_id":"s4","total_ips":13,"used_ips":14},{"subnet_id":"s6","total_ips":4722366482869645213696,"used_ips":1.5E1}]},{"network_id":"m","subnet_ip_availability":[]}]}`: 2,
		`{"network_ip_availabilities":[]}`:                                   0,
		`403 {"NeutronError":{"type":"PolicyNotAuthorized","message":"no"}}`: 0,
		`404 {"type":"HTTPNotFound","message":"none","detail":""}`:           0,
	} {
		p, _ := startAPI(t, config.OpenStack, "", map[string]string{"GET /v2.0/network-ip-availabilities": answer})
		all, err := p.Availability(t.Context(), nil)
		if err != nil || len(all.BySubnet) != want {
			t.Errorf("%s: %v, %v; want %d", answer, all, err, want)
		}
		if want > 0 {
			s6 := inventory.ParseID("s6")
			same(t, "availability", inventory.Availability{NeutronSubnetID: s6, Total: 1 << 72, Used: 15}, all.BySubnet[s6])
		}
	}
	p, _ := startAPI(t, config.OpenStack, "", map[string]string{"GET /v2.0/network-ip-availabilities": `409 {}`})
	if _, err := p.Availability(t.Context(), nil); err == nil {
		t.Error("409 was taken for a refusal")
	}
}

func TestServersOfBothAPIs(t *testing.T) {
	nova := `{"id":"` + aServer + `","name":"metal-01","status":"ACTIVE","flavor":{"id":"physical.s4.large"},"image":"","metadata":{"a":{"b":1}},"OS-EXT-AZ:availability_zone":"eu-de-01",
		"addresses":{"` + aVPC + `":[{"version":4,"addr":"10.20.0.17","OS-EXT-IPS:type":"fixed"},{"version":6,"addr":"2001:db8:20::17"}]}}`
	bms := strings.NewReplacer(`"version":4`, `"version":"4"`, `"id":"physical.s4.large"`, `"id":"s4","vcpus":"64"`).Replace(nova)
	want := inventory.Server{
		ID: inventory.ParseID(aServer), Name: "metal-01", BareMetal: true, Status: "ACTIVE", Flavor: "physical.s4.large", Zone: "eu-de-01",
		Addresses: []inventory.ServerAddress{{Network: aVPC, Addr: netip.MustParseAddr("10.20.0.17")}, {Network: aVPC, Addr: netip.MustParseAddr("2001:db8:20::17")}},
	}
	base := "GET /v2.1/" + aProject + "/servers/"
	p, a := startAPI(t, config.OTC, "", map[string]string{base + "detail": `{"servers":[` + nova + `]}`, base + aServer: `{"server":` + nova + `}`})
	same(t, "servers", []inventory.Server{want}, whole(t, p.Servers(t.Context())))
	one, err := p.Server(t.Context(), aServer)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "server", want, one)
	wantCalls(t, a, base+"detail?limit=2", base+aServer)
	for _, h := range a.heads {
		if h.Get("X-OpenStack-Nova-API-Version") != "2.26" {
			t.Errorf("microversion %q, want 2.26", h.Get("X-OpenStack-Nova-API-Version"))
		}
	}

	base = "GET /v1/" + aProject + "/baremetalservers/"
	want.Flavor = "s4"
	p, a = startAPI(t, config.HuaweiCloud, "    apis: {servers: bms}", map[string]string{base + "detail": `{"count":1,"servers":[` + bms + `]}`, base + aServer: `{"server":` + bms + `}`})
	same(t, "servers", []inventory.Server{want}, whole(t, p.Servers(t.Context())))
	if one, err = p.Server(t.Context(), aServer); err != nil {
		t.Fatal(err)
	}
	same(t, "server", want, one)
	wantCalls(t, a, base+"detail?enterprise_project_id=all_granted_eps&limit=2&offset=1", base+aServer)

	p, a = startAPI(t, config.OpenStack, "", map[string]string{"GET /v2.1/" + aProject + "/servers/detail": `{"servers":[]}`})
	whole(t, p.Servers(t.Context()))
	if v, ok := a.heads[0]["X-Openstack-Nova-Api-Version"]; ok {
		t.Errorf("microversion %v on plain OpenStack", v)
	}
}

func TestServerKindsAndFlavors(t *testing.T) {
	for body, want := range map[string]inventory.Server{
		`"flavor":{"id":"s3.large"},"tags":["a=b","__type_baremetal"]`: {BareMetal: true, Flavor: "s3.large"},
		`"flavor":{"id":"physical.x"},"tags":[]`:                       {BareMetal: true, Flavor: "physical.x"},
		`"flavor":{"original_name":"m1.small","vcpus":1}`:              {Flavor: "m1.small"},
		`"flavor":{"id":"x.physical."},"tags":["type_baremetal"]`:      {Flavor: "x.physical."},
		`"flavor":""`: {}, `"flavor":null,"tags":null,"addresses":{},"image":null`: {},
	} {
		p, err := readPage(t, page.Listing[inventory.Server]{Key: "servers", Item: readServer}, `{"servers":[{"id":"s",`+body+`}]}`)
		if err != nil || len(p.items) != 1 {
			t.Fatal(body, err, p.faults)
		}
		want.ID = inventory.ParseID("s")
		same(t, body, want, p.items[0])
	}
}

func TestServerIPsAndWhatIsNotFound(t *testing.T) {
	path := "GET /v2.1/" + aProject + "/servers/"
	p, a := startAPI(t, config.OTC, "", map[string]string{
		path + aServer + "/ips": string(readFile(t, "seeds", "server_ips.json")),
		path + "gone/ips":       `404 {"itemNotFound":{"code":404,"message":"no such server"}}`,
		path + "a%2Fb%3Fc/ips":  `{"addresses":{}}`,
		path + "bad/ips":        `{"addresses":{"n":[{"addr":"x"}]}}`,
	})
	addresses, err := p.ServerAddresses(t.Context(), aServer)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "addresses", []inventory.ServerAddress{{Network: "08a7715f-7de6-4ff9-a343-95ba4209f24a", Addr: netip.MustParseAddr("192.168.2.90")}}, addresses)
	if _, err := p.ServerAddresses(t.Context(), "gone"); !apierr.IsStatus(err, http.StatusNotFound) {
		t.Errorf("error %v, want 404", err)
	}
	if addresses, err := p.ServerAddresses(t.Context(), "a/b?c"); err != nil || len(addresses) > 0 {
		t.Errorf("%v, %v", addresses, err)
	}
	if _, err := p.ServerAddresses(t.Context(), "bad"); !apierr.IsItem(err) || !strings.Contains(err.Error(), `server "bad"`) {
		t.Errorf("error %v, want an ItemError of server bad", err)
	}
	n := len(a.seen())
	for _, id := range []string{"", ".", ".."} {
		if _, err := p.ServerAddresses(t.Context(), id); err == nil {
			t.Errorf("id %q was asked for", id)
		}
	}
	if len(a.seen()) != n {
		t.Errorf("calls %v", a.seen()[n:])
	}
}

func TestAddressGroupsOfBothAPIs(t *testing.T) {
	v3 := `{"id":"g1","name":"office","ip_set":["192.0.2.7/28","198.51.100.7","203.0.113.10-203.0.113.20","203.0.113.20-203.0.113.10","x"],
		"ip_extra_set":[{"ip":"198.51.100.7","remarks":"north"},{"ip":"192.0.2.7/28","remarks":null}],"ip_version":4,"max_capacity":20,"status":"UPDATING","updated_at":"2026-01-02T03:04:05.000+00:00"}`
	p, a := startAPI(t, config.HuaweiCloud, "", map[string]string{
		"GET /v3/" + aProject + "/vpc/address-groups": `{"request_id":"r","address_groups":[` + v3 + `],"page_info":{"previous_marker":"g1","current_count":1}}`,
	})
	groups := whole(t, p.AddressGroups(t.Context()))
	if len(groups) != 1 {
		t.Fatal(groups)
	}
	one := groups[0]
	if one.Version != "4" || one.Max == nil || *one.Max != 20 || one.Status != "UPDATING" || one.Updated.IsZero() {
		t.Errorf("group %+v", one)
	}
	var entries []string
	for _, e := range one.Entries {
		entries = append(entries, fmt.Sprintf("%s|%s|%v|%v", e.Text, e.Remarks, e.Range.From(), e.Range.To()))
	}
	same(t, "entries", []string{
		"192.0.2.7/28||192.0.2.0|192.0.2.15", "198.51.100.7|north|198.51.100.7|198.51.100.7",
		"203.0.113.10-203.0.113.20||203.0.113.10|203.0.113.20",
		"203.0.113.20-203.0.113.10||invalid IP|invalid IP", "x||invalid IP|invalid IP",
	}, entries)
	wantCalls(t, a, "GET /v3/"+aProject+"/vpc/address-groups?enterprise_project_id=all_granted_eps&limit=2")

	p, a = startAPI(t, config.OpenStack, "", map[string]string{
		"GET /v2.0/address-groups": `{"address_groups":[{"id":"g1","name":"n","addresses":["192.0.2.0/28","2001:db8::1/128"]},{"id":"g2","addresses":[]}]}`,
	})
	groups = whole(t, p.AddressGroups(t.Context()))
	if len(groups) != 2 || groups[0].Version != "" || groups[0].Max != nil || len(groups[0].Entries) != 2 || len(groups[1].Entries) != 0 {
		t.Errorf("groups %+v", groups)
	}
	wantCalls(t, a, "GET /v2.0/address-groups?limit=2")
}

func TestPrivateIPsOfTheVPCAPI(t *testing.T) {
	ip := `{"id":"i1","status":"DOWN","subnet_id":"` + aNetwork + `","tenant_id":"t","device_owner":"","ip_address":"10.20.0.33"}`
	base := "/v1/" + aProject
	p, a := startAPI(t, config.OTC, "", map[string]string{
		"GET " + base + "/subnets/" + aNetwork + "/privateips": `{"privateips":[` + ip + `]}`,
		"GET " + base + "/subnets/gone/privateips":             `404 {"code":"VPC.0202","message":"gone"}`,
		"GET " + base + "/subnets/bare/privateips":             `{"privateips":[{"id":"i3","ip_address":"10.20.1.1"}]}`,
		"GET " + base + "/privateips/i1":                       `{"privateip":` + ip + `}`,
		"POST " + base + "/privateips":                         `{"privateips":[` + ip + `]}`,
		"DELETE " + base + "/privateips/i1":                    `204 `,
		"DELETE " + base + "/privateips/i2":                    `409 {"code":"VPC.0707","message":"in use"}`,
	})
	want := inventory.PrivateIP{ID: inventory.ParseID("i1"), SubnetID: inventory.ParseID(aNetwork), Status: "DOWN", Addr: netip.MustParseAddr("10.20.0.33")}
	ctx := t.Context()
	same(t, "list", []inventory.PrivateIP{want}, whole(t, p.PrivateIPs(ctx, aNetwork)))
	if _, _, err := collect(p.PrivateIPs(ctx, "gone")); !apierr.IsStatus(err, http.StatusNotFound) {
		t.Errorf("error %v, want 404", err)
	}
	same(t, "list of a subnet that its items do not name",
		[]inventory.PrivateIP{{ID: inventory.ParseID("i3"), SubnetID: inventory.ParseID("bare"), Addr: netip.MustParseAddr("10.20.1.1")}},
		whole(t, p.PrivateIPs(ctx, "bare")))
	one, err := p.PrivateIP(ctx, "i1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "get", want, one)
	made, err := p.AssignPrivateIP(ctx, aSubnet(aNetwork, aNetwork), want.Addr, "intent")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "assigned", want, made)
	if err := p.ReleasePrivateIP(ctx, "i1"); err != nil {
		t.Error(err)
	}
	if err := p.ReleasePrivateIP(ctx, "i2"); !apierr.IsCode(err, "VPC.0707") {
		t.Errorf("error %v, want VPC.0707", err)
	}
	wantCalls(t, a, "GET "+base+"/subnets/"+aNetwork+"/privateips?limit=2", "GET "+base+"/subnets/gone/privateips?limit=2", "GET "+base+"/subnets/bare/privateips?limit=2", "GET "+base+"/privateips/i1",
		"POST "+base+`/privateips {"privateips":[{"subnet_id":"`+aNetwork+`","ip_address":"10.20.0.33"}]}`,
		"DELETE "+base+"/privateips/i1", "DELETE "+base+"/privateips/i2")
}

func TestAMutationIsSentOnce(t *testing.T) {
	base := "/v1/" + aProject + "/privateips"
	for _, answer := range []string{`503 `, `500 {"code":"VPC.0701","message":"in use"}`, `429 {}`, `200 {"privateips":[`, `200 {"privateips":[]}`, `200 {}`, `200 {"privateips":[{"id":"a"}]}`} {
		p, a := startAPI(t, config.HuaweiCloud, "", map[string]string{"POST " + base: answer})
		if ip, err := p.AssignPrivateIP(t.Context(), aSubnet("n", "n"), netip.Addr{}, ""); err == nil {
			t.Errorf("%s: assigned %v", answer, ip)
		}
		if n := len(a.seen()); n != 1 {
			t.Errorf("%s: %d calls for one assignment", answer, n)
		}
		p, a = startAPI(t, config.HuaweiCloud, "", map[string]string{"DELETE " + base + "/i": answer})
		if err := p.ReleasePrivateIP(t.Context(), "i"); (err == nil) != strings.HasPrefix(answer, "200") {
			t.Errorf("%s: released with %v", answer, err)
		}
		if n := len(a.seen()); n != 1 {
			t.Errorf("%s: %d calls for one release", answer, n)
		}
	}
}

func TestPrivateIPsOfOpenStackArePorts(t *testing.T) {
	port := `{"id":"p1","network_id":"n","status":"DOWN","device_owner":"","fixed_ips":[{"subnet_id":"other","ip_address":"10.9.9.9"},{"subnet_id":"s","ip_address":"10.0.0.7"}]}`
	fresh := `{"id":"p1","network_id":"n","status":"DOWN","device_owner":"","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.7"}]}`
	p, a := startAPI(t, config.OpenStack, "", map[string]string{
		"GET /v2.0/ports":       `{"ports":[` + port + `]}`,
		"GET /v2.0/ports/p1":    `{"port":` + fresh + `}`,
		"POST /v2.0/ports":      `201 {"port":` + fresh + `}`,
		"DELETE /v2.0/ports/p1": `204 `,
	})
	want := inventory.PrivateIP{ID: inventory.ParseID("p1"), SubnetID: inventory.ParseID("s"), Status: "DOWN", Addr: netip.MustParseAddr("10.0.0.7")}
	ctx := t.Context()
	same(t, "list", []inventory.PrivateIP{want}, whole(t, p.PrivateIPs(ctx, "s")))
	made, err := p.AssignPrivateIP(ctx, aSubnet("s", "n"), want.Addr, "intent-1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "assigned", want, made)
	one, err := p.PrivateIP(ctx, "p1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "get", want, one)
	if err := p.ReleasePrivateIP(ctx, "p1"); err != nil {
		t.Error(err)
	}
	wantCalls(t, a, "GET /v2.0/ports?fixed_ips=subnet_id%3Ds&limit=2",
		`POST /v2.0/ports {"port":{"network_id":"n","description":"intent-1","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.7"}]}}`,
		"GET /v2.0/ports/p1", "DELETE /v2.0/ports/p1")
}

func TestQuotasOfBothAPIs(t *testing.T) {
	p, a := startAPI(t, config.HuaweiCloud, "", map[string]string{
		"GET /v1/" + aProject + "/quotas": `{"quotas":{"resources":[{"type":"subnet","used":3,"quota":100,"min":0},{"type":"vpc","used":1,"quota":-1}]}}`,
	})
	same(t, "quotas", []inventory.Quota{{Resource: "subnet", Limit: 100, Used: 3, Reserved: -1}, {Resource: "vpc", Limit: -1, Used: 1, Reserved: -1}}, whole(t, p.Quotas(t.Context())))
	wantCalls(t, a, "GET /v1/"+aProject+"/quotas")
	p, a = startAPI(t, config.OpenStack, "", map[string]string{
		"GET /v2.0/quotas/" + aProject + "/details.json": `{"quota":{"port":{"limit":-1,"used":7,"reserved":2},"odd":{"limit":"many","used":0},"network":{"limit":5,"used":2}}}`,
	})
	quotas, faults, err := collect(p.Quotas(t.Context()))
	same(t, "quotas", []inventory.Quota{{Resource: "port", Limit: -1, Used: 7, Reserved: 2}, {Resource: "odd", Limit: -1, Reserved: -1}, {Resource: "network", Limit: 5, Used: 2, Reserved: -1}}, quotas)
	if err != nil || len(faults) > 0 {
		t.Errorf("%v, faults %v; want none", err, faults)
	}
	wantCalls(t, a, "GET /v2.0/quotas/"+aProject+"/details.json")
	for _, body := range []string{`{"quotas":[]}`, `{"quotas":{}}`, `{"quotas":{"resources":null}}`, `{}`} {
		p, _ := startAPI(t, config.HuaweiCloud, "", map[string]string{"GET /v1/" + aProject + "/quotas": body})
		if quotas, _, err := collect(p.Quotas(t.Context())); err == nil {
			t.Errorf("%s gave %v", body, quotas)
		}
	}
}

func TestConsolesOfTheThreeAPIs(t *testing.T) {
	const secret = "040134bb-9195"
	action := "POST /v2.1/" + aProject + "/servers/s1/action"
	remote := "POST /v2.1/" + aProject + "/servers/s1/remote-consoles"
	bms := "POST /v1/" + aProject + "/baremetalservers/s1/remote_console"
	old := `{"console":{"type":"serial","url":"https://proxy.example:8003/?token=` + secret + `"}}`
	young := `{"remote_console":{"protocol":"serial","type":"serial","url":"ws://proxy.example:6083/?token=` + secret + `"}}`
	for _, test := range []struct {
		name, provider, settings string
		answers                  map[string]string
		calls                    []string
	}{
		{"action", config.OTC, "", map[string]string{action: old}, []string{action + " " + serialActionBody}},
		{"bms", config.HuaweiCloud, "    apis: {servers: bms}", map[string]string{bms: young}, []string{bms + " " + remoteConsoleBody}},
		{"remote-consoles", config.OpenStack, "", map[string]string{remote: young}, []string{remote + " " + remoteConsoleBody}},
		{"Nova before 2.6", config.OpenStack, "", map[string]string{remote: `406 {"computeFault":{"code":406,"message":"no"}}`, action: old},
			[]string{remote + " " + remoteConsoleBody, action + " " + serialActionBody}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, a := startAPI(t, test.provider, test.settings, test.answers)
			console, err := p.SerialConsole(t.Context(), "s1")
			if err != nil {
				t.Fatal(err)
			}
			if url, err := console.URL.Reveal(); err != nil || !strings.Contains(url, secret) || console.Type != "serial" {
				t.Errorf("console %q, %v, type %q", url, err, console.Type)
			}
			for _, text := range []string{fmt.Sprint(console), fmt.Sprintf("%+v", console), fmt.Sprintf("%#v", console)} {
				if strings.Contains(text, secret) || strings.Contains(text, "proxy.example") {
					t.Errorf("%s shows the address", text)
				}
			}
			wantCalls(t, a, test.calls...)
		})
	}
}

func TestAConsoleThatIsNoneIsAnErrorWithoutItsToken(t *testing.T) {
	action := "POST /v2.1/" + aProject + "/servers/s1/action"
	for _, answer := range []string{
		string(readFile(t, "seeds", "serial_console_invalid.json")), `{}`, `{"console":{}}`, `{"console":{"url":""}}`,
		`{"console":{"url":7}}`, `{"console":{"url":"javascript://040134bb"}}`, `{"console":{"url":"040134bb"}}`, `{"console":{"url":"https://a b/040134bb"}}`, "", "<html>040134bb",
	} {
		p, a := startAPI(t, config.OTC, "", map[string]string{action: answer})
		_, err := p.SerialConsole(t.Context(), "s1")
		if err == nil || strings.Contains(err.Error(), "040134bb") || !strings.HasPrefix(err.Error(), "get serial console: ") && !apierr.IsItem(err) {
			t.Errorf("%s: error %v", answer, err)
		}
		if len(a.seen()) != 1 {
			t.Errorf("%s: calls %v", answer, a.seen())
		}
		if strings.Contains(answer, `type":`) && !strings.Contains(err.Error(), "is not shown") {
			t.Errorf("error %q does not say that it leaves out the answer", err)
		}
	}
}

func TestVPCsExistOnHuaweiCloudAndOTCAlone(t *testing.T) {
	p, a := startAPI(t, config.OTC, "", map[string]string{
		"GET /v1/" + aProject + "/vpcs": `{"vpcs":[{"id":"v1","name":"main","cidr":"10.0.0.0/8","status":"OK","routes":[]}]}`,
	})
	same(t, "vpcs", []inventory.VPC{{ID: inventory.ParseID("v1"), Name: "main", CIDR: "10.0.0.0/8", Status: "OK"}}, whole(t, p.VPCs(t.Context())))
	wantCalls(t, a, "GET /v1/"+aProject+"/vpcs?enterprise_project_id=all_granted_eps&limit=2")
	p, a = startAPI(t, config.OpenStack, "", nil)
	if vpcs := whole(t, p.VPCs(t.Context())); len(vpcs) > 0 || len(a.seen()) > 0 {
		t.Errorf("vpcs %v after calls %v", vpcs, a.seen())
	}
}

func TestACancelledContextEndsAvailabilityAtOnce(t *testing.T) {
	p, _ := startAPI(t, config.OTC, "", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Availability(ctx, []inventory.Subnet{{NetworkID: inventory.ParseID("n")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context canceled", err)
	}
}
