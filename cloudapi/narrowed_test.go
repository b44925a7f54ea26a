package cloudapi

import (
	"cmp"
	"slices"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/check"
)

func TestForeignPortsAreSeenOnlyWhereAListingIsNarrowed(t *testing.T) {
	for _, tt := range []struct {
		name, user, extra string
		network           string // "" for the external one
		empty             bool   // the cloud shows no ports
		want              bool
		asks              int
	}{
		{"an admin of one project", simulator.Exporter, "  projects: [admin]", "", false, true, 1},
		{"an admin, of a network without ports", simulator.Exporter, "  projects: [admin]", "none", false, false, 1},
		{"an admin who sees no ports", simulator.Exporter, "  projects: [admin]", "", true, false, 1},
		{"an admin of the whole cloud", simulator.Exporter, "", "", false, false, 0},
		{"a member", simulator.Member, "  projects: [alpha]", "", false, false, 0},
	} {
		sim, p := openAs(t, tt.user, tt.extra)
		if tt.empty {
			sim.Fault(simtest.Fault{Path: "/v2.0/ports", EmptyPage: true})
		}
		got, err := p.SeesForeignPorts(t.Context(), inventory.ParseID(cmp.Or(tt.network, external(t, sim).String())))
		if asks := sim.Calls("GET", "/network/v2.0/ports$"); err != nil || got != tt.want || asks != tt.asks {
			t.Errorf("%s: got %v, %v, asked %d times for ports; want %v, %d", tt.name, got, err, asks, tt.want, tt.asks)
		}
	}
}

// openAs opens a simulated OpenStack as a user, with further lines of configuration.
func openAs(t *testing.T, user, extra string) (*simtest.Cloud, *Project) {
	t.Helper()
	sim := simtest.New(simulator.Options{Provider: simulator.OpenStack})
	return sim, openYAML(t, "clouds:\n"+sim.ConfigYAMLAs(user, check.Serve(t, sim), "password", extra))
}

// external is the network of the simulated cloud that the project admin owns,
// and on which it has no port.
func external(t *testing.T, sim *simtest.Cloud) inventory.ID {
	t.Helper()
	for _, s := range sim.Truth().Subnets {
		if s.Name == "ext-v4" {
			return inventory.ParseID(s.NetworkID)
		}
	}
	t.Fatal("the simulated cloud has no external network")
	return inventory.ID{}
}

func TestPortsOfForeignSubnetsAreHiddenFromAMember(t *testing.T) {
	for _, tt := range []struct {
		name, user, extra string
		want              []string // hidden
	}{
		{"a member", simulator.Member, "  projects: [alpha]", []string{"ext-v4", "net-24-two-subnets-v4", "net-24-two-subnets-v4"}},
		{"an admin of the whole cloud", simulator.Exporter, "", nil},
		{"an admin of the project that owns it", simulator.Exporter, "  projects: [admin]", nil},
	} {
		sim, p := openAs(t, tt.user, tt.extra)
		var hidden []string
		external, listed := external(t, sim), false
		for _, s := range whole(t, p.Subnets(t.Context())) {
			listed = listed || s.NetworkID == external
			if s.PortsHidden {
				hidden = append(hidden, s.Name)
			}
		}
		slices.Sort(hidden)
		if !slices.Equal(hidden, tt.want) || !listed {
			t.Errorf("%s: hidden are the ports of %q, want %q; the external subnet is listed: %v", tt.name, hidden, tt.want, listed)
		}
	}
}

// Enterprise projects are asked for, and left out where they are refused.
func enterpriseCases() (all []askedCase) {
	const with = "enterprise_project_id=all_granted_eps&"
	for _, c := range []struct {
		provider, settings, path, key, query string
		list                                 func(a *asker)
	}{
		{config.HuaweiCloud, "", "/v1/" + aProject + "/vpcs", "vpcs", "limit=2", func(a *asker) { tellAll(a, a.VPCs(a.ctx)) }},
		{config.HuaweiCloud, "", "/v3/" + aProject + "/vpc/vpcs", "vpcs", "limit=2", func(a *asker) { tellAll(a, a.VPCPrefixes(a.ctx)) }},
		{config.HuaweiCloud, "", "/v1/" + aProject + "/ports", "ports", "limit=2", func(a *asker) { tellAll(a, a.Ports(a.ctx)) }},
		{config.OTC, "", "/v3/" + aProject + "/vpc/address-groups", "address_groups", "limit=2", func(a *asker) { tellAll(a, a.AddressGroups(a.ctx)) }},
		{config.OTC, "    apis: {servers: bms}", "/v1/" + aProject + "/baremetalservers/detail", "servers", "limit=2&offset=1", func(a *asker) { tellAll(a, a.Servers(a.ctx)) }},
	} {
		items := `{"` + c.key + `":[{"id":"a"}]}`
		for _, row := range []struct{ name, granted, bare string }{
			{"taken", items, "500 {}"},
			{"refused", `400 {"code":"VPC.0001","message":"invalid enterprise_project_id"}`, items},
			{"refused, and nothing there", `400 {}`, `{"` + c.key + `":[]}`},
			{"the request is bad for another reason", `400 {}`, `400 {}`},
			{"not permitted", `403 {}`, items},
		} {
			all = append(all, askedCase{name: "enterprise projects: " + row.name, provider: c.provider, settings: c.settings,
				answers: map[string]string{"GET " + c.path + "?" + with + c.query: row.granted, "GET " + c.path + "?" + c.query: row.bare}, // the query is in order of its keys
				ask: func(a *asker) {
					c.list(a)
					c.list(a) // remembers
				}})
		}
	}
	const path = "GET /v1/" + aProject
	return append(all, askedCase{name: "enterprise projects: a later page is refused, which is not for the key", answers: map[string]string{
		path + "/vpcs?" + with + "limit=2": `{"vpcs":[{"id":"a"},{"id":"b"}]}`, path + "/vpcs?" + with + "limit=2&marker=b": `400 {}`, path + "/vpcs?limit=2": `{"vpcs":[]}`,
	}, ask: func(a *asker) { tellAll(a, a.VPCs(a.ctx)) }}, askedCase{
		name: "EIPs come by v1 while v3 is not there, which may be for a moment", answers: map[string]string{"GET /v3/" + aProject + "/eip/publicips": `404 {}`, path + "/publicips": `{"publicips":[]}`},
		ask: func(a *asker) {
			tellAll(a, a.PublicIPs(a.ctx))
			tellAll(a, a.PublicIPs(a.ctx))
		},
	}, askedCase{
		name: "enterprise projects: the key was taken before", answers: map[string]string{path + "/vpcs": `{"vpcs":[{"id":"a"}]}`},
		ask: func(a *asker) {
			tellAll(a, a.VPCs(a.ctx))
			a.api.answers[path+"/vpcs"] = `400 {}`
			tellAll(a, a.VPCs(a.ctx))
		},
	}, askedCase{
		name: "one enterprise project hides no ports where Neutron lists them", settings: "    enterprise_project: 0\n    apis: {ports: neutron}",
		answers: map[string]string{path + "/subnets": `{"subnets":[{"id":"` + aNetwork + `","cidr":"10.20.0.0/24"}]}`}, ask: func(a *asker) { tellAll(a, a.Subnets(a.ctx)) },
	})
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
