package clients

import (
	"encoding/json"
	"fmt"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// cli is openstackclient with one way to log in: by variables, or by options.
type cli struct {
	who
	in          served
	environment []string
	options     []string
}

func testOpenstackClient(t *testing.T, m *matrix, openstack, otc served) {
	needPython(t)
	for _, login := range pythonLogins(t, openstack, simulator.Exporter) {
		c := cli{who: who{"openstackclient, OpenStack", login.name}, in: openstack, environment: login.environment}
		c.subnets(t, m)
	}
	id := openstack.Credentials(simulator.Exporter)
	c := cli{who: who{"openstackclient, OpenStack", "options"}, in: openstack, options: []string{
		"--os-auth-url", openstack.IdentityURL(openstack.url), "--os-username", id.Username, "--os-password", id.Password, "--os-user-domain-name", id.UserDomain,
		"--os-project-name", id.DefaultProject, "--os-project-domain-name", id.UserDomain, "--os-region-name", openstack.region,
	}}
	c.subnets(t, m)
	c.lists(t, m, "--all-projects")
	c.numbers(t, m)
	c.portMadeAndReleased(t, m)
	login := pythonLogins(t, otc, simulator.Exporter)[0]
	c = cli{who: who{"openstackclient, OTC", login.name}, in: otc, environment: login.environment}
	c.subnets(t, m)
	// It makes no port there: it asks for Neutron's extensions first, and OTC
	// documents no such call.
	c.lists(t, m)
}

// ask runs one command and decodes the JSON that it prints.
func (c cli) ask(t *testing.T, into any, command ...string) {
	t.Helper()
	all := append([]string{osc}, c.options...)
	runJSON(t, into, c.environment, append(append(all, command...), "-f", "json")...)
}

func (c cli) subnets(t *testing.T, m *matrix) {
	t.Helper()
	var rows []struct {
		ID, Name, Network, Subnet string
		Version                   int `json:"IP Version"`
	}
	c.ask(t, &rows, "subnet", "list", "--long")
	v := values{}
	for _, x := range rows {
		v.neutronSubnet(x.ID, x.Name, x.Network, x.Subnet, x.Version)
	}
	m.compare(t, c.who, "subnets", v, wantNeutronSubnets(c.in, simtest.View{}))
}

// lists are ports, networks, projects and servers. "port list" prints neither
// the network nor the device.
func (c cli) lists(t *testing.T, m *matrix, servers ...string) {
	t.Helper()
	var ports []struct {
		ID, Status string
		Owner      string    `json:"Device Owner"`
		Fixed      []fixedIP `json:"Fixed IP Addresses"`
	}
	c.ask(t, &ports, "port", "list", "--long")
	v := values{}
	for _, x := range ports {
		v.port(x.ID, "", x.Status, x.Owner, "", pythonAddresses(x.Fixed))
	}
	printed := []string{"status", "owner", "addresses"}
	m.compare(t, c.who, "ports", pick(v, printed...), pick(wantPorts(c.in, simtest.View{}), printed...))
	var networks []struct {
		ID, Name string
		Subnets  []string
		Shared   bool
		External bool `json:"Router Type"`
	}
	c.ask(t, &networks, "network", "list", "--long")
	v = values{}
	for _, x := range networks {
		v.network(x.ID, x.Name, x.Subnets, x.Shared, x.External)
	}
	m.compare(t, c.who, "networks", v, wantNetworks(c.in, simtest.View{}))
	var projects []struct{ ID, Name string }
	c.ask(t, &projects, "project", "list")
	v = values{}
	for _, x := range projects {
		v.set(x.ID, "name", x.Name)
	}
	m.compare(t, c.who, "projects", v, wantProjects(c.in))
	c.servers(t, m, servers...)
}

func (c cli) servers(t *testing.T, m *matrix, options ...string) {
	t.Helper()
	var servers []struct {
		ID, Name, Status string
		Flavor           string `json:"Flavor ID"`
		Zone             string `json:"Availability Zone"`
		Networks         map[string][]string
	}
	c.ask(t, &servers, append([]string{"server", "list", "--long", "--limit", "-1"}, options...)...)
	v := values{}
	for _, x := range servers {
		var addresses []string
		for network, list := range x.Networks {
			for _, address := range list {
				addresses = append(addresses, network+"="+address)
			}
		}
		v.server(x.ID, x.Name, x.Status, x.Flavor, x.Zone, addresses)
	}
	m.compare(t, c.who, "servers", v, wantServers(c.in, simtest.View{}))
}

// numbers are availabilities of both families, address groups, quotas, and a console.
func (c cli) numbers(t *testing.T, m *matrix) {
	t.Helper()
	v := values{}
	for _, version := range []string{"4", "6"} {
		var rows []struct {
			ID    string      `json:"Network ID"`
			Total json.Number `json:"Total IPs"`
			Used  json.Number `json:"Used IPs"`
		}
		c.ask(t, &rows, "ip", "availability", "list", "--ip-version", version)
		for _, x := range rows {
			v.availability(x.ID+" IPv"+version, "", version, number(x.Total.String()), number(x.Used.String()))
		}
	}
	printed := []string{"IPv4 total", "IPv4 used", "IPv6 total", "IPv6 used"}
	m.compare(t, c.who, "availabilities", pick(v, printed...), wantNetworkSums(c.in))
	var groups []struct {
		ID, Name  string
		Addresses []string
	}
	c.ask(t, &groups, "address", "group", "list")
	v = values{}
	for _, x := range groups {
		v.group(x.ID, x.Name, x.Addresses)
	}
	m.compare(t, c.who, "address groups", v, wantGroups(c.in, simtest.View{}))
	var quotas []struct {
		Resource string
		Limit    int
		Used     int `json:"In Use"`
	}
	c.ask(t, &quotas, "quota", "list", "--network", "--detail", "--project", "alpha")
	v = values{}
	for _, x := range quotas {
		v.set(quotaNames[x.Resource], "limit", x.Limit)
		v.set(quotaNames[x.Resource], "used", x.Used)
	}
	m.compare(t, c.who, "quotas", v, wantQuota(c.in, simtest.View{Project: "alpha"}, true))
	var url struct{ Type, Protocol, URL string }
	c.ask(t, &url, "console", "url", "show", "--serial", serverOf(c.in, "virtual"))
	m.compare(t, c.who, "console", console(url.Type, url.Protocol, url.URL), wantConsole(c.in))
}

// wantNetworkSums are the availabilities of networks, by family.
func wantNetworkSums(c served) values {
	total, used := map[string]float64{}, map[string]float64{}
	for _, s := range c.Truth().Subnets {
		key := s.NetworkID + " IPv" + s.IPVersion
		total[key], used[key] = total[key]+*s.Capacity, used[key]+s.Used
	}
	v := values{}
	for key := range total {
		v[key+" total"], v[key+" used"] = fmt.Sprint(total[key]), fmt.Sprint(used[key])
	}
	return v
}

func (c cli) portMadeAndReleased(t *testing.T, m *matrix) {
	t.Helper()
	subnet := roomy(c.in)
	var x struct {
		ID, Status string
		Network    string    `json:"network_id"`
		Owner      string    `json:"device_owner"`
		Device     string    `json:"device_id"`
		Fixed      []fixedIP `json:"fixed_ips"`
	}
	c.ask(t, &x, "port", "create", "--network", subnet.NetworkID, "--fixed-ip", "subnet="+subnet.NeutronID, "made")
	v := values{}
	v.port(x.ID, x.Network, x.Status, x.Owner, x.Device, pythonAddresses(x.Fixed))
	m.compare(t, c.who, "port made", v, only(wantPorts(c.in, simtest.View{}), x.ID))
	run(t, c.environment, append(append([]string{osc}, c.options...), "port", "delete", x.ID)...)
	m.released(t, c.who, "port released", c.in, x.ID)
}
