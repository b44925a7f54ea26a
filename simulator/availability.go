package simulator

import (
	"encoding/json"
	"math/big"
	"net/http"
	"strconv"

	"cloudip_exporter/simulator/estate"
)

// getAvailability is GET /v2.0/network-ip-availabilities/{network_id}.
func getAvailability(k *call) reply {
	id := k.vars["id"]
	if _, good := estate.ParseUUID(id); k.cloud.huawei() && !good {
		return vpcError(http.StatusBadRequest, "VPC.2301", "networkId "+id+" is invalid.")
	}
	if !k.cloud.huawei() && !k.who.admin() { // hidden by policy: the bare body
		return jsonReply(http.StatusNotFound, object{{"type", "HTTPNotFound"}, {"message", "The resource could not be found."}, {"detail", ""}})
	}
	for _, n := range k.visibleNetworks() {
		if n.ID == id {
			return ok(object{{"network_ip_availability", k.availabilityObject(n, n.Subnets)}})
		}
	}
	if k.cloud.huawei() {
		return vpcError(http.StatusBadRequest, "VPC.2302", "Network "+id+" could not be found.")
	}
	return neutronError(http.StatusNotFound, "NetworkNotFound", "Network "+id+" could not be found.")
}

// getAvailabilities is the list, which only OpenStack has and only an admin sees.
func getAvailabilities(k *call) reply {
	all := []object{}
	if k.who.admin() {
		for _, n := range k.visibleNetworks() {
			if subnets := k.ofVersion(n.Subnets); len(subnets) > 0 || !k.query.Has("ip_version") {
				all = append(all, k.availabilityObject(n, subnets))
			}
		}
	}
	return k.neutronPage("network_ip_availabilities", "Network", all, "network_id", "network_name", "project_id", "tenant_id", "ip_version")
}

// ofVersion keeps the subnets of the IP versions that are asked for: Neutron
// filters the rows before it adds them up.
func (k *call) ofVersion(subnets []*estate.Subnet) []*estate.Subnet {
	var some []*estate.Subnet
	for _, s := range subnets {
		if in(k.query["ip_version"], strconv.Itoa(s.Version())) {
			some = append(some, s)
		}
	}
	return some
}

// PoolDetails reports whether Neutron has the extension network-ip-availability-details:
// every other seed has it.
func (c *Cloud) PoolDetails() bool { return !c.huawei() && c.opts.Seed%2 == 1 }

// availabilityObject tells how full a network is. Huawei Cloud and OTC speak of
// IPv4 only, and what the platform reserves is in neither number; OpenStack
// counts every address that a port has, in the pools or not.
func (k *call) availabilityObject(n *estate.Network, subnets []*estate.Subnet) object {
	rows := []object{}
	used, total := 0, new(big.Int)
	for _, s := range subnets {
		if k.cloud.huawei() && s.Version() == 6 {
			continue
		}
		u := s.Used(k.cloud.huawei())
		used += u
		total.Add(total, s.Total())
		row := object{
			{"subnet_id", s.ID}, {"ip_version", s.Version()}, {"cidr", s.Prefix.String()}, {"subnet_name", s.Name},
			{"used_ips", u}, {"total_ips", json.Number(s.Total().String())},
		}
		if k.cloud.PoolDetails() {
			row = append(row, field{"ip_availability_details", object{
				{"total_ips_in_subnet", json.Number(s.Total().String())}, {"total_ips_in_allocation_pool", json.Number(s.Total().String())},
				{"used_ips_in_subnet", u}, {"used_ips_in_allocation_pool", s.Used(true)},
			}})
		}
		rows = append(rows, row)
	}
	name := n.Name
	if n.VPC != nil {
		name = n.VPC.ID
	}
	o := object{{"network_id", n.ID}, {"network_name", name}, {"tenant_id", n.Project.ID}}
	if !k.cloud.huawei() {
		o = append(o, field{"project_id", n.Project.ID})
	}
	return append(o, field{"subnet_ip_availability", rows}, field{"used_ips", used}, field{"total_ips", json.Number(total.String())})
}
