package simulator

import (
	"encoding/json"
	"math/big"
	"net/http"
)

// getAvailability is GET /v2.0/network-ip-availabilities/{network_id}.
func getAvailability(k *call) reply {
	id := k.vars["id"]
	if _, good := parseUUID(id); k.cloud.huawei() && !good {
		return vpcError(http.StatusBadRequest, "VPC.2301", "networkId "+id+" is invalid.")
	}
	if !k.cloud.huawei() && !k.who.admin() { // hidden by policy: the bare body
		return jsonReply(http.StatusNotFound, object{{"type", "HTTPNotFound"}, {"message", "The resource could not be found."}, {"detail", ""}})
	}
	for _, n := range k.visibleNetworks() {
		if n.id == id {
			return ok(object{{"network_ip_availability", k.availabilityObject(n)}})
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
			all = append(all, k.availabilityObject(n))
		}
	}
	some, bad := k.wanted(all, "network_id", "network_name", "project_id", "tenant_id", "ip_version")
	if bad != nil {
		return *bad
	}
	return k.neutronPage("network_ip_availabilities", "Network", some)
}

// availabilityObject tells how full a network is. Huawei Cloud and OTC speak of
// IPv4 only, and what the platform reserves is in neither number; OpenStack
// counts every address that a port has, in the pools or not.
func (k *call) availabilityObject(n *network) object {
	rows := []object{}
	used, total := 0, new(big.Int)
	for _, s := range n.subnets {
		if k.cloud.huawei() && s.version() == 6 {
			continue
		}
		u := s.used(k.cloud.huawei())
		used += u
		total.Add(total, s.total())
		rows = append(rows, object{
			{"subnet_id", s.id}, {"ip_version", s.version()}, {"cidr", s.prefix.String()}, {"subnet_name", s.name},
			{"used_ips", u}, {"total_ips", json.Number(s.total().String())},
		})
	}
	name := n.name
	if n.vpc != nil {
		name = n.vpc.id
	}
	o := object{{"network_id", n.id}, {"network_name", name}, {"tenant_id", n.project.id}}
	if !k.cloud.huawei() {
		o = append(o, field{"project_id", n.project.id})
	}
	return append(o, field{"subnet_ip_availability", rows}, field{"used_ips", used}, field{"total_ips", json.Number(total.String())})
}
