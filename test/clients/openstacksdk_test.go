package clients

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// sdk is openstacksdk with one way to log in.
type sdk struct {
	who
	in          served
	environment []string
}

func testOpenstackSDK(t *testing.T, m *matrix, openstack, otc served) {
	needPython(t)
	for _, login := range pythonLogins(t, openstack, simulator.Exporter) {
		s := sdk{who{"openstacksdk, OpenStack", login.name}, openstack, login.environment}
		s.lists(t, m, simtest.View{}, "servers")
		s.onlyAdmin(t, m)
		s.portMadeAndReleased(t, m)
	}
	member := pythonLogins(t, openstack, simulator.Member)[0]
	sdk{who{"openstacksdk, OpenStack", member.name + ", as a member"}, openstack, member.environment}.lists(t, m, simtest.View{Member: true, Project: "alpha"}, "own_servers")
	for _, login := range pythonLogins(t, otc, simulator.Exporter) {
		s := sdk{who{"openstacksdk, OTC", login.name}, otc, login.environment}
		s.lists(t, m, simtest.View{}, "own_servers")
		s.networkDetails(t, m, "old_console")
		s.portMadeAndReleased(t, m)
	}
}

// sdkAnswers are what testdata/openstacksdk.py prints: items by what was asked.
type sdkAnswers struct {
	Ports, Made []struct {
		ID          string
		NetworkID   string `json:"network_id"`
		Status      string
		DeviceOwner string    `json:"device_owner"`
		DeviceID    any       `json:"device_id"`
		FixedIPs    []fixedIP `json:"fixed_ips"`
	}
	Subnets []struct {
		ID, Name, CIDR string
		NetworkID      string `json:"network_id"`
		IPVersion      int    `json:"ip_version"`
	}
	Networks []struct {
		ID, Name  string
		SubnetIDs []string `json:"subnet_ids"`
		Shared    bool     `json:"is_shared"`
		External  bool     `json:"is_router_external"`
	}
	Servers        sdkServers
	Own            sdkServers `json:"own_servers"`
	Availabilities []sdkAvailability
	Availability   []sdkAvailability
	Groups         []struct {
		ID, Name  string
		Addresses []string
	}
	Quota    []map[string]any
	Projects []struct{ ID, Name string }
	Console  []struct{ Type, Protocol, URL string }
	Old      []struct{ Type, URL string } `json:"old_console"`
}

type sdkServers []struct {
	ID, Name, Status string
	Zone             string `json:"availability_zone"`
	Flavor           struct{ ID string }
	Addresses        map[string][]struct{ Addr string }
}

type sdkAvailability struct {
	Subnets []struct {
		SubnetID string `json:"subnet_id"`
		CIDR     string
		Version  int         `json:"ip_version"`
		Total    json.Number `json:"total_ips"`
		Used     json.Number `json:"used_ips"`
	} `json:"subnet_ip_availability"`
}

func (s sdk) ask(t *testing.T, what ...string) (a sdkAnswers) {
	t.Helper()
	runJSON(t, &a, s.environment, append([]string{python, "testdata/openstacksdk.py"}, what...)...)
	return a
}

// lists are the listings that everybody has.
func (s sdk) lists(t *testing.T, m *matrix, view simtest.View, servers string) {
	t.Helper()
	a := s.ask(t, "ports", "subnets", "networks", servers)
	m.compare(t, s.who, "ports", a.ports(), wantPorts(s.in, view))
	v := values{}
	for _, x := range a.Subnets {
		v.neutronSubnet(x.ID, x.Name, x.NetworkID, x.CIDR, x.IPVersion)
	}
	m.compare(t, s.who, "subnets", v, wantNeutronSubnets(s.in, view))
	v = values{}
	for _, x := range a.Networks {
		v.network(x.ID, x.Name, x.SubnetIDs, x.Shared, x.External)
	}
	m.compare(t, s.who, "networks", v, wantNetworks(s.in, view))
	v = values{}
	for _, x := range slices.Concat(a.Servers, a.Own) {
		var addresses []string
		for network, list := range x.Addresses {
			for _, address := range list {
				addresses = append(addresses, network+"="+address.Addr)
			}
		}
		v.server(x.ID, x.Name, x.Status, x.Flavor.ID, x.Zone, addresses)
	}
	m.compare(t, s.who, "servers", v, wantServers(s.in, view))
}

func (a sdkAnswers) ports() values {
	v := values{}
	for _, x := range slices.Concat(a.Ports, a.Made) {
		v.port(x.ID, x.NetworkID, x.Status, x.DeviceOwner, text(x.DeviceID), pythonAddresses(x.FixedIPs))
	}
	return v
}

// networkDetails are the availability of each network, the projects and a
// console by the given call.
func (s sdk) networkDetails(t *testing.T, m *matrix, consoles string) {
	t.Helper()
	each := "availability"
	for _, id := range slices.Sorted(maps.Keys(listedNetworks(s.in, simtest.View{}))) {
		each += ":" + id
	}
	a := s.ask(t, each, "projects", consoles+":"+serverOf(s.in, "virtual"))
	m.compare(t, s.who, "availability of each network", sdkAvailabilities(a.Availability), wantAvailabilities(s.in, simtest.View{}))
	v := values{}
	for _, x := range a.Projects {
		v.set(x.ID, "name", x.Name)
	}
	m.compare(t, s.who, "projects", v, wantProjects(s.in))
	if len(a.Console) > 0 {
		m.compare(t, s.who, "console", console(a.Console[0].Type, a.Console[0].Protocol, a.Console[0].URL), wantConsole(s.in))
		return
	}
	// The action of older versions does not name the protocol.
	m.compare(t, s.who, "console", console(a.Old[0].Type, "serial", a.Old[0].URL), wantConsole(s.in))
}

func sdkAvailabilities(all []sdkAvailability) values {
	v := values{}
	for _, a := range all {
		for _, x := range a.Subnets {
			v.availability(x.SubnetID, x.CIDR, x.Version, number(x.Total.String()), number(x.Used.String()))
		}
	}
	return v
}

// onlyAdmin is what an admin of an OpenStack has besides.
func (s sdk) onlyAdmin(t *testing.T, m *matrix) {
	t.Helper()
	s.networkDetails(t, m, "console")
	a := s.ask(t, "availabilities", "groups", "quota:"+projectID(s.in, "alpha"))
	m.compare(t, s.who, "availabilities", sdkAvailabilities(a.Availabilities), wantAvailabilities(s.in, simtest.View{}))
	v := values{}
	for _, x := range a.Groups {
		v.group(x.ID, x.Name, x.Addresses)
	}
	m.compare(t, s.who, "address groups", v, wantGroups(s.in, simtest.View{}))
	v = values{}
	for name, resource := range quotaNames {
		if detail, good := a.Quota[0][name].(map[string]any); good {
			v.set(resource, "limit", detail["limit"])
			v.set(resource, "used", detail["used"])
		}
	}
	m.compare(t, s.who, "quotas", v, wantQuota(s.in, simtest.View{Project: "alpha"}, true))
}

func (s sdk) portMadeAndReleased(t *testing.T, m *matrix) {
	t.Helper()
	subnet := roomy(s.in)
	a := s.ask(t, "made:"+subnet.NetworkID+":"+subnet.NeutronID)
	id := a.Made[0].ID
	m.compare(t, s.who, "port made", a.ports(), only(wantPorts(s.in, simtest.View{}), id))
	s.ask(t, "released:"+id)
	m.released(t, s.who, "port released", s.in, id)
}
