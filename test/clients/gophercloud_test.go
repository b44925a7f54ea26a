package clients

import (
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/remoteconsoles"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/networkipavailabilities"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/quotas"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/addressgroups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// gopher is gophercloud, logged in to a cloud.
type gopher struct {
	who
	in  served
	all *gophercloud.ProviderClient
}

func testGophercloud(t *testing.T, m *matrix, os, otc served) {
	logins := gopherLogins(t, os)
	for _, name := range slices.Sorted(maps.Keys(logins)) {
		g := gopherLogin(t, who{"gophercloud, OpenStack", name}, os, logins[name])
		g.lists(t, m, simtest.View{})
		g.onlyAdmin(t, m)
		g.portMadeAndReleased(t, m)
	}
	member := gopherLogin(t, who{"gophercloud, OpenStack", "password, as a member"}, os, gopherPassword(os, simulator.Member))
	member.lists(t, m, simtest.View{Member: true, Project: "alpha"})
	g := gopherLogin(t, who{"gophercloud, OTC", "password"}, otc, gopherPassword(otc, simulator.Exporter))
	g.lists(t, m, simtest.View{})
	g.networkDetails(t, m)
	g.portMadeAndReleased(t, m)
}

func gopherPassword(c served, user string) gophercloud.AuthOptions {
	id := c.Credentials(user)
	return gophercloud.AuthOptions{
		IdentityEndpoint: c.IdentityURL(c.url), Username: id.Username, Password: id.Password, DomainName: id.UserDomain,
		Scope: &gophercloud.AuthScope{ProjectName: id.DefaultProject, DomainName: id.UserDomain},
	}
}

// gopherLogins are the ways to log in that gophercloud has.
func gopherLogins(t *testing.T, c served) map[string]gophercloud.AuthOptions {
	t.Helper()
	id := c.Credentials(simulator.Exporter)
	password := gopherPassword(c, simulator.Exporter)
	all := map[string]gophercloud.AuthOptions{
		"password": password,
		"application credential": {
			IdentityEndpoint: c.IdentityURL(c.url), ApplicationCredentialID: id.ApplicationCredentialID, ApplicationCredentialSecret: id.ApplicationCredentialSecret,
		},
		"application credential by name": {
			IdentityEndpoint: c.IdentityURL(c.url), ApplicationCredentialName: id.Username + "-app", ApplicationCredentialSecret: id.ApplicationCredentialSecret,
			Username: id.Username, DomainName: id.UserDomain,
		},
	}
	client, err := openstack.AuthenticatedClient(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	all["token"] = gophercloud.AuthOptions{IdentityEndpoint: c.IdentityURL(c.url), TokenID: client.TokenID, TenantID: id.DefaultProjectID}
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(file, []byte(c.CloudsYAML(simulator.Exporter, c.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	options, _, _, err := clouds.Parse(clouds.WithCloudName("sim-openstack"), clouds.WithLocations(file))
	if err != nil {
		t.Fatal(err)
	}
	all["clouds.yaml"] = options
	// gophercloud wants one domain for the user and the project.
	setEnviron(t, append(c.Environ(simulator.Exporter, c.url), "OS_DOMAIN_NAME="+id.UserDomain))
	options, err = openstack.AuthOptionsFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	all["environment"] = options
	return all
}

func gopherLogin(t *testing.T, by who, in served, options gophercloud.AuthOptions) gopher {
	t.Helper()
	client, err := openstack.AuthenticatedClient(t.Context(), options)
	if err != nil {
		t.Fatalf("%s: %v", by, err)
	}
	return gopher{who: by, in: in, all: client}
}

// service makes the client of one service.
func (g gopher) service(t *testing.T, build func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (*gophercloud.ServiceClient, error)) *gophercloud.ServiceClient {
	t.Helper()
	client, err := build(g.all, gophercloud.EndpointOpts{Region: g.in.region})
	if err != nil {
		t.Fatalf("%s: %v", g.who, err)
	}
	return client
}

// every reads all pages of a listing.
func every[T any](t *testing.T, pager pagination.Pager, extract func(pagination.Page) ([]T, error)) []T {
	t.Helper()
	page, err := pager.AllPages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items, err := extract(page)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// lists are the listings that everybody has.
func (g gopher) lists(t *testing.T, m *matrix, view simtest.View) {
	t.Helper()
	m.compare(t, g.who, "ports", g.ports(t), wantPorts(g.in, view))
	m.compare(t, g.who, "subnets", g.subnets(t), wantNeutronSubnets(g.in, view))
	m.compare(t, g.who, "networks", g.networks(t), wantNetworks(g.in, view))
	m.compare(t, g.who, "servers", g.servers(t, view), wantServers(g.in, view))
}

// networkDetails are the availability of each network, and the projects.
func (g gopher) networkDetails(t *testing.T, m *matrix) {
	t.Helper()
	m.compare(t, g.who, "availability of each network", g.availabilityOfEach(t), wantAvailabilities(g.in, simtest.View{}))
	m.compare(t, g.who, "projects", g.projects(t), wantProjects(g.in))
}

func (g gopher) ports(t *testing.T) values {
	v := values{}
	for _, p := range every(t, ports.List(g.service(t, openstack.NewNetworkV2), ports.ListOpts{Limit: 100}), ports.ExtractPorts) {
		v.port(p.ID, p.NetworkID, p.Status, p.DeviceOwner, p.DeviceID, gopherAddresses(p))
	}
	return v
}

func gopherAddresses(p ports.Port) []string {
	var fixed []string
	for _, f := range p.FixedIPs {
		fixed = append(fixed, f.SubnetID+"="+f.IPAddress)
	}
	return fixed
}

func (g gopher) subnets(t *testing.T) values {
	v := values{}
	for _, s := range every(t, subnets.List(g.service(t, openstack.NewNetworkV2), subnets.ListOpts{}), subnets.ExtractSubnets) {
		v.neutronSubnet(s.ID, s.Name, s.NetworkID, s.CIDR, s.IPVersion)
	}
	return v
}

func (g gopher) networks(t *testing.T) values {
	type network struct {
		networks.Network
		external.NetworkExternalExt
	}
	extract := func(p pagination.Page) (all []network, err error) { return all, networks.ExtractNetworksInto(p, &all) }
	v := values{}
	for _, n := range every(t, networks.List(g.service(t, openstack.NewNetworkV2), networks.ListOpts{Limit: 7}), extract) {
		v.network(n.ID, n.Name, n.Subnets, n.Shared, n.External)
	}
	return v
}

func (g gopher) availabilityOfEach(t *testing.T) values {
	v := values{}
	for id := range listedNetworks(g.in, simtest.View{}) {
		a, err := networkipavailabilities.Get(t.Context(), g.service(t, openstack.NewNetworkV2), id).Extract()
		if err != nil {
			t.Fatal(err)
		}
		v.gopherAvailability(*a)
	}
	return v
}

func (v values) gopherAvailability(a networkipavailabilities.NetworkIPAvailability) {
	for _, s := range a.SubnetIPAvailabilities {
		v.availability(s.SubnetID, s.CIDR, s.IPVersion, number(s.TotalIPs), number(s.UsedIPs))
	}
}

func number(text string) *big.Float {
	n, _, err := big.ParseFloat(text, 10, 200, big.ToNearestEven)
	if err != nil {
		return big.NewFloat(-1)
	}
	return n
}

func (g gopher) servers(t *testing.T, view simtest.View) values {
	nova := g.service(t, openstack.NewComputeV2)
	v := values{}
	for _, s := range every(t, servers.List(nova, servers.ListOpts{AllTenants: g.in.Provider() == simulator.OpenStack && !view.Member, Limit: 20}), servers.ExtractServers) {
		flavor, _ := s.Flavor["id"].(string)
		var addresses []string
		for network, list := range s.Addresses {
			for _, a := range list.([]any) {
				addresses = append(addresses, network+"="+a.(map[string]any)["addr"].(string))
			}
		}
		v.server(s.ID, s.Name, s.Status, flavor, s.AvailabilityZone, addresses)
	}
	return v
}

func (g gopher) projects(t *testing.T) values {
	v := values{}
	for _, p := range every(t, projects.List(g.service(t, openstack.NewIdentityV3), projects.ListOpts{}), projects.ExtractProjects) {
		v.set(p.ID, "name", p.Name)
	}
	return v
}

// onlyAdmin is what an admin of an OpenStack has besides.
func (g gopher) onlyAdmin(t *testing.T, m *matrix) {
	g.networkDetails(t, m)
	neutron := g.service(t, openstack.NewNetworkV2)
	v := values{}
	for _, a := range every(t, networkipavailabilities.List(neutron, nil), networkipavailabilities.ExtractNetworkIPAvailabilities) {
		v.gopherAvailability(a)
	}
	m.compare(t, g.who, "availabilities", v, wantAvailabilities(g.in, simtest.View{}))
	v = values{}
	for _, a := range every(t, addressgroups.List(neutron, addressgroups.ListOpts{Limit: 10}), addressgroups.ExtractGroups) {
		v.group(a.ID, a.Name, a.Addresses)
	}
	m.compare(t, g.who, "address groups", v, wantGroups(g.in, simtest.View{}))
	g.quota(t, m, neutron)
	nova := g.service(t, openstack.NewComputeV2)
	nova.Microversion = "2.6"
	c, err := remoteconsoles.Create(t.Context(), nova, serverOf(g.in, "virtual"), remoteconsoles.CreateOpts{Protocol: remoteconsoles.ConsoleProtocolSerial, Type: remoteconsoles.ConsoleTypeSerial}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	m.compare(t, g.who, "console", console(c.Type, c.Protocol, c.URL), wantConsole(g.in))
}

func (g gopher) quota(t *testing.T, m *matrix, neutron *gophercloud.ServiceClient) {
	q, err := quotas.GetDetail(t.Context(), neutron, projectID(g.in, "alpha")).Extract()
	if err != nil {
		t.Fatal(err)
	}
	v := values{}
	for resource, d := range map[string]quotas.QuotaDetail{
		"floatingip": q.FloatingIP, "network": q.Network, "port": q.Port, "rbac_policy": q.RBACPolicy, "router": q.Router, "security_group": q.SecurityGroup,
		"security_group_rule": q.SecurityGroupRule, "subnet": q.Subnet, "subnetpool": q.SubnetPool,
	} {
		v.set(resource, "limit", d.Limit)
		v.set(resource, "used", d.Used)
	}
	m.compare(t, g.who, "quotas", v, wantQuota(g.in, simtest.View{Project: "alpha"}, true))
}

func (g gopher) portMadeAndReleased(t *testing.T, m *matrix) {
	neutron := g.service(t, openstack.NewNetworkV2)
	s := roomy(g.in)
	p, err := ports.Create(t.Context(), neutron, ports.CreateOpts{NetworkID: s.NetworkID, FixedIPs: []ports.IP{{SubnetID: s.NeutronID}}}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	v := values{}
	v.port(p.ID, p.NetworkID, p.Status, p.DeviceOwner, p.DeviceID, gopherAddresses(*p))
	m.compare(t, g.who, "port made", v, only(wantPorts(g.in, simtest.View{}), p.ID))
	if err := ports.Delete(t.Context(), neutron, p.ID).ExtractErr(); err != nil {
		t.Fatal(err)
	}
	m.released(t, g.who, "port released", g.in, p.ID)
}
