package clients

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
	"cloudip_exporter/simulator/simtest"
)

// What each listing must say, after the simulator's truth. A view is whose
// project is asked; names of networks and projects are in no Truth, so they come
// from the estate itself.

func wantPorts(c served, view simtest.View) values {
	v := values{}
	for _, p := range c.Truth(view).Ports {
		v.port(p.ID, p.NetworkID, p.Status, p.Owner, p.Device, fixedOf(p))
	}
	return v
}

func (v values) port(id, network, status, owner, device string, fixed []string) {
	v.set(id, "network", network)
	v.set(id, "status", status)
	v.set(id, "owner", owner)
	v.set(id, "device", device)
	v.set(id, "addresses", joined(fixed))
}

func fixedOf(p simtest.TruthPort) []string {
	var fixed []string
	for _, a := range p.Addresses {
		fixed = append(fixed, a.NeutronID+"="+a.Address)
	}
	return fixed
}

// joined is a list whose order says nothing.
func joined(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(list, " ")
}

func wantNeutronSubnets(c served, view simtest.View) values {
	v := values{}
	for _, s := range c.Truth(view).Subnets {
		v.neutronSubnet(s.NeutronID, s.Name, s.NetworkID, s.CIDR, s.IPVersion)
	}
	return v
}

func (v values) neutronSubnet(id, name, network, cidr string, version any) {
	v.set(id, "name", name)
	v.set(id, "network", network)
	v.set(id, "cidr", cidr)
	v.set(id, "version", version)
}

func wantNetworks(c served, view simtest.View) values {
	v := values{}
	listed := listedNetworks(c, view)
	c.Read(func(e *estate.State) {
		for _, n := range e.Networks {
			// A network without subnets is in no Truth.
			if !listed[n.ID] && (len(n.Subnets) > 0 || view.Project != "" && n.Project.Name != view.Project) {
				continue
			}
			name := n.Name
			if n.VPC != nil {
				name = n.VPC.ID
			}
			var subnets []string
			for _, s := range n.Subnets {
				subnets = append(subnets, s.ID)
			}
			v.network(n.ID, name, subnets, n.Shared, n.External)
		}
	})
	return v
}

func (v values) network(id, name string, subnets []string, shared, external any) {
	v.set(id, "name", name)
	v.set(id, "subnets", joined(subnets))
	v.set(id, "shared", shared)
	v.set(id, "external", external)
}

func listedNetworks(c served, view simtest.View) map[string]bool {
	ids := map[string]bool{}
	for _, s := range c.Truth(view).Subnets {
		ids[s.NetworkID] = true
	}
	return ids
}

// wantAvailabilities are the numbers of the subnets that the cloud counts.
func wantAvailabilities(c served, view simtest.View) values {
	v := values{}
	for _, s := range c.Truth(view).Subnets {
		if s.Source == "availability" {
			v.availability(s.NeutronID, s.CIDR, s.IPVersion, big.NewFloat(*s.Capacity), big.NewFloat(s.Used))
		}
	}
	return v
}

func (v values) availability(id, cidr string, version any, total, used *big.Float) {
	v.set(id, "cidr", cidr)
	v.set(id, "version", version)
	for field, n := range map[string]*big.Float{"total": total, "used": used} {
		f, _ := n.Float64() // the truth has a float's precision
		v.set(id, field, f)
	}
}

func wantServers(c served, view simtest.View) values {
	v := values{}
	for _, s := range c.Truth(view).Servers {
		var addresses []string
		for _, a := range s.Addresses {
			addresses = append(addresses, a.Network+"="+a.Address)
		}
		v.server(s.ID, s.Name, s.Status, s.Flavor, s.Zone, addresses)
	}
	return v
}

func (v values) server(id, name, status, flavor, zone string, addresses []string) {
	v.set(id, "name", name)
	v.set(id, "status", status)
	v.set(id, "flavor", flavor)
	v.set(id, "zone", zone)
	v.set(id, "addresses", joined(addresses))
}

func wantGroups(c served, view simtest.View) values {
	v, texts := values{}, map[string][]string{}
	c.Read(func(e *estate.State) {
		for _, g := range e.Groups {
			for _, entry := range g.Entries {
				texts[g.ID] = append(texts[g.ID], entry.Text)
			}
		}
	})
	for _, g := range c.Truth(view).AddressGroups {
		v.group(g.ID, g.Name, texts[g.ID])
		if g.Max != nil {
			v.vendorGroup(g.ID, *g.Max, g.Status, int64(g.Updated), g.Versions[0])
		}
	}
	return v
}

func (v values) group(id, name string, texts []string) {
	v.set(id, "name", name)
	v.set(id, "addresses", strings.Join(texts, " "))
}

func wantProjects(c served) values {
	v := values{}
	c.Read(func(e *estate.State) {
		for _, p := range e.Projects {
			v.set(p.ID, "name", p.Name)
		}
	})
	return v
}

// projectID is the id of a project by its name.
func projectID(c served, name string) string {
	id := ""
	c.Read(func(e *estate.State) {
		for _, p := range e.Projects {
			if p.Name == name {
				id = p.ID
			}
		}
	})
	return id
}

// wantQuota has the limits, and the numbers in use where used is asked for, of
// the resources that a client knows.
func wantQuota(c served, view simtest.View, used bool, resources ...string) values {
	v := values{}
	for _, q := range c.Truth(view).Quotas {
		if len(resources) > 0 && !slices.Contains(resources, q.Resource) || q.ByTypeOnly {
			continue
		}
		v.set(q.Resource, "limit", q.Limit)
		if used {
			v.set(q.Resource, "used", q.Used)
		}
	}
	return v
}

// serverOf is an ACTIVE server of a kind: one that has a console.
func serverOf(c served, kind string) string {
	for _, s := range c.Truth().Servers {
		if s.Kind == kind && s.Status == "ACTIVE" {
			return s.ID
		}
	}
	panic("the estate has no ACTIVE server of kind " + kind)
}

// wantConsole has a token that nobody knows before.
func wantConsole(c served) values {
	url := "https://console.example.com:8003/?token=(token)"
	if c.Provider() == simulator.OpenStack {
		url = "ws://127.0.0.1:6083/?token=(token)"
	}
	return values{"console type": "serial", "console protocol": "serial", "console url": url}
}

func console(kind, protocol, url string) values {
	before, token, _ := strings.Cut(url, "?token=")
	if len(token) >= 32 {
		url = before + "?token=(token)"
	}
	return values{"console type": kind, "console protocol": protocol, "console url": url}
}

// roomy is an IPv4 subnet that has free addresses.
func roomy(c served) simtest.TruthSubnet {
	for _, s := range c.Truth().Subnets {
		if s.IPVersion == "4" && *s.Free > 100 {
			return s
		}
	}
	panic("the estate has no subnet with free addresses")
}

// only keeps the values of one id.
func only(v values, id string) values {
	own := values{}
	for key, value := range v {
		if strings.HasPrefix(key, id+" ") {
			own[key] = value
		}
	}
	return own
}

// released compares what a client did that released a port: the cloud has it no more.
func (m *matrix) released(t *testing.T, by who, operation string, c served, id string) {
	t.Helper()
	state := "gone"
	if len(only(wantPorts(c, simtest.View{}), id)) > 0 {
		state = "there"
	}
	m.compare(t, by, operation, values{id + " state": "gone"}, values{id + " state": state})
}

// setEnviron sets variables of the form NAME=value until the test ends.
func setEnviron(t *testing.T, variables []string) {
	t.Helper()
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}
