package clients

import (
	"maps"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
	"cloudip_exporter/simulator/simtest"
)

// What the listings of Huawei Cloud and OTC must say, after the simulator's truth.

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

// vendorGroup is what only the groups of Huawei Cloud and OTC have.
func (v values) vendorGroup(id string, capacity any, status string, updated int64, version any) {
	v.set(id, "capacity", capacity)
	v.set(id, "status", status)
	v.set(id, "updated", updated)
	v.set(id, "version", version)
}
