package clients

import (
	"maps"
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
	v := values{}
	for _, g := range c.Truth(view).AddressGroups {
		v.group(g.ID, g.Name, g.Texts)
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

// vendorGroup is what only the groups of Huawei Cloud and OTC have.
func (v values) vendorGroup(id string, capacity any, status string, updated int64, version any) {
	v.set(id, "capacity", capacity)
	v.set(id, "status", status)
	v.set(id, "updated", updated)
	v.set(id, "version", version)
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

func wantVPCs(c served) values {
	v := values{}
	for _, x := range c.Truth().VPCs {
		v.vpc(x.ID, x.Name, x.CIDR, x.Status)
	}
	return v
}

func (v values) vpc(id, name, cidr, status string) {
	v.set(id, "name", name)
	v.set(id, "cidr", cidr)
	v.set(id, "status", status)
}

// wantVPCSubnets are the subnets of the VPC API: both families in one.
func wantVPCSubnets(c served) values {
	families := map[string]string{}
	free := map[string]float64{}
	for _, s := range c.Truth().Subnets {
		families[s.NetworkID+s.IPVersion] = s.NeutronID + " " + s.CIDR
		if s.Free != nil {
			free[s.NetworkID] = *s.Free
		}
	}
	v := values{}
	c.Read(func(e *estate.State) {
		for _, n := range e.Networks {
			if four, listed := families[n.ID+"4"]; listed {
				v.vpcSubnet(n.ID, n.Name, n.VPC.ID, n.Status, four, families[n.ID+"6"])
				if !n.Old && c.Provider() == simulator.HuaweiCloud {
					v.set(n.ID, "available", free[n.ID])
				}
			}
		}
	})
	return v
}

func (v values) vpcSubnet(id, name, vpc, status, four, six string) {
	v.set(id, "name", name)
	v.set(id, "vpc", vpc)
	v.set(id, "status", status)
	v.set(id, "IPv4", four)
	v.set(id, "IPv6", six)
}

func wantBareMetal(c served) values {
	all, v := wantServers(c, simtest.View{}), values{}
	for _, s := range c.Truth().Servers {
		if s.Kind == "baremetal" {
			maps.Copy(v, only(all, s.ID))
		}
	}
	return v
}

func wantPrivateIPs(c served) values {
	v := values{}
	for _, p := range c.Truth().PrivateIPs {
		v.privateIP(p.ID, p.SubnetID, p.Status, p.Owner, p.Address)
	}
	return v
}

func (v values) privateIP(id, subnet, status, owner, address string) {
	v.set(id, "subnet", subnet)
	v.set(id, "status", status)
	v.set(id, "owner", owner)
	v.set(id, "address", address)
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

// state says whether the cloud has the port now.
func state(c served, id string) string {
	if len(only(wantPorts(c, simtest.View{}), id)) > 0 {
		return "there"
	}
	return "gone"
}

// setEnviron sets variables of the form NAME=value until the test ends.
func setEnviron(t *testing.T, variables []string) {
	t.Helper()
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}
