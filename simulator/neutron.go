package simulator

import (
	"fmt"
	"net/http"

	"cloudip_exporter/simulator/estate"
)

// neutronRoutes are /v2.0 as all three providers have it. Only OpenStack
// lists availabilities, keeps address groups here and makes ports.
func neutronRoutes(service string) []route {
	r := func(method, pattern, action, empty string, handle func(*call) reply) route {
		return route{method: method, service: service, pattern: pattern, family: famNeutron, action: action, empty: empty, writes: method != http.MethodGet, handle: handle}
	}
	rows := []route{
		r(http.MethodGet, "/v2.0/networks", "vpc:networks:get", "networks", getNetworks),
		r(http.MethodGet, "/v2.0/networks/{id}", "vpc:networks:get", "", getNetwork),
		r(http.MethodGet, "/v2.0/subnets", "vpc:subnets:get", "subnets", getSubnets),
		r(http.MethodGet, "/v2.0/subnets/{id}", "vpc:subnets:get", "", getSubnet),
		r(http.MethodGet, "/v2.0/ports", "vpc:ports:get", "ports", getPorts),
		r(http.MethodGet, "/v2.0/ports/{id}", "vpc:ports:get", "", getPort),
		r(http.MethodGet, "/v2.0/network-ip-availabilities/{id}", "vpc:networks:get", "", getAvailability),
		r(http.MethodPost, "/v2.0/ports", "create_port", "", postPort),
		r(http.MethodDelete, "/v2.0/ports/{id}", "delete_port", "", deletePort),
		{method: http.MethodGet, service: service, pattern: "/", open: true, handle: getNeutronVersions},
	}
	if service != "network" {
		return rows
	}
	rows = append(rows,
		r(http.MethodGet, "/v2.0/network-ip-availabilities", "get_network_ip_availability", "network_ip_availabilities", getAvailabilities),
		r(http.MethodGet, "/v2.0/address-groups", "get_address_group", "address_groups", getNeutronGroups),
		r(http.MethodGet, "/v2.0/address-groups/{id}", "get_address_group", "", getNeutronGroup),
		r(http.MethodGet, "/v2.0/subnetpools", "get_subnetpool", "subnetpools", getSubnetPools),
		r(http.MethodGet, "/v2.0/subnetpools/{id}", "get_subnetpool", "", getSubnetPool),
		r(http.MethodGet, "/v2.0/floatingips", "get_floatingip", "floatingips", getFloatingIPs),
		r(http.MethodGet, "/v2.0/floatingips/{id}", "get_floatingip", "", getFloatingIP),
		r(http.MethodGet, "/v2.0/quotas/{project}/details.json", "get_quota", "", getNeutronQuota),
		r(http.MethodGet, "/v2.0/quotas/{project}/details", "get_quota", "", getNeutronQuota),
		r(http.MethodGet, "/v2.0/quotas/{project}", "get_quota", "", getNeutronLimits),
		r(http.MethodGet, "/v2.0/extensions", "", "", getExtensions),
		r(http.MethodGet, "/v2.0/extensions/{id}", "", "", getExtension),
		r(http.MethodGet, "/v2.0", "", "", getNeutronResources),
	)
	for i := range rows { // their own names for the rights
		switch rows[i].action {
		case "vpc:networks:get":
			rows[i].action = "get_network"
		case "vpc:subnets:get":
			rows[i].action = "get_subnet"
		case "vpc:ports:get":
			rows[i].action = "get_port"
		}
	}
	return rows
}

// visibleNetwork reports whether the session may see the network.
func (k *call) visibleNetwork(n *estate.Network) bool {
	return !n.Unlisted && (k.who.admin() || n.Project == k.who.project || n.Shared || n.External)
}

// visibleNetworks are in order of id.
func (k *call) visibleNetworks() []*estate.Network {
	var seen []*estate.Network
	for _, n := range k.cloud.estate.Networks {
		if k.visibleNetwork(n) {
			seen = append(seen, n)
		}
	}
	return seen
}

func getNetworks(k *call) reply {
	var all []object
	for _, n := range k.visibleNetworks() {
		all = append(all, k.networkObject(n))
	}
	return k.neutronPage("networks", "Network", all, "id", "name", "project_id", "tenant_id", "status", "shared", "router:external", "admin_state_up")
}

func (k *call) networkObject(n *estate.Network) object {
	subnets := []string{}
	for _, s := range n.Subnets {
		subnets = append(subnets, s.ID)
	}
	name := n.Name
	if n.VPC != nil { // there the name of a network is its VPC's id
		name = n.VPC.ID
	}
	return object{
		{"id", n.ID}, {"name", name}, {"tenant_id", n.Project.ID}, {"admin_state_up", true}, {"mtu", 1450}, {"status", "ACTIVE"},
		{"subnets", subnets}, {"shared", n.Shared}, {"availability_zone_hints", []any{}}, {"availability_zones", []any{}},
		{"ipv4_address_scope", nil}, {"ipv6_address_scope", nil}, {"router:external", n.External}, {"description", ""},
		{"port_security_enabled", true}, {"tags", []any{}}, {"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"},
		{"revision_number", 2}, {"project_id", n.Project.ID},
	}
}

func getSubnets(k *call) reply {
	var all []object
	for _, s := range k.visibleSubnets() {
		all = append(all, subnetObject(s))
	}
	return k.neutronPage("subnets", "Subnet", all, "id", "name", "network_id", "project_id", "tenant_id", "ip_version", "cidr", "gateway_ip", "enable_dhcp")
}

func getNetwork(k *call) reply {
	for _, n := range k.visibleNetworks() {
		if n.ID == k.vars["id"] {
			return ok(object{{"network", k.networkObject(n)}})
		}
	}
	return neutronError(http.StatusNotFound, "NetworkNotFound", "Network "+k.vars["id"]+" could not be found.")
}

func getSubnet(k *call) reply {
	for _, s := range k.visibleSubnets() {
		if s.ID == k.vars["id"] {
			return ok(object{{"subnet", subnetObject(s)}})
		}
	}
	return neutronError(http.StatusNotFound, "SubnetNotFound", "Subnet "+k.vars["id"]+" could not be found.")
}

// visibleSubnets are in order of id.
func (k *call) visibleSubnets() []*estate.Subnet {
	var all []*estate.Subnet
	for _, n := range k.visibleNetworks() {
		all = append(all, n.Subnets...)
	}
	sortSubnets(all)
	return all
}

func subnetObject(s *estate.Subnet) object {
	pools := []object{}
	for _, p := range s.Pools {
		pools = append(pools, object{{"start", p.From.String()}, {"end", p.To.String()}})
	}
	var gateway, mode, pool any
	if s.Pool != nil {
		pool = s.Pool.ID
	}
	if s.Gateway.IsValid() {
		gateway = s.Gateway.String()
	}
	if s.Slaac {
		mode = "slaac"
	}
	n := s.Network
	return object{
		{"id", s.ID}, {"name", s.Name}, {"tenant_id", n.Project.ID}, {"network_id", n.ID}, {"ip_version", s.Version()},
		{"subnetpool_id", pool}, {"enable_dhcp", true}, {"ipv6_ra_mode", mode}, {"ipv6_address_mode", mode}, {"gateway_ip", gateway},
		{"cidr", s.Prefix.String()}, {"allocation_pools", pools}, {"host_routes", []any{}}, {"dns_nameservers", []any{}},
		{"description", ""}, {"service_types", []any{}}, {"tags", neutronTags(n.Tags)}, {"created_at", "2026-01-02T03:04:05Z"},
		{"updated_at", "2026-01-02T03:04:05Z"}, {"revision_number", 0}, {"project_id", n.Project.ID},
	}
}

// getPorts is GET /v2.0/ports.
func getPorts(k *call) reply { return k.cached(k.neutronPorts) }

func (k *call) neutronPorts() reply {
	q, unknown, badFixed := k.portQuery()
	switch {
	case unknown != "":
		return neutronError(http.StatusBadRequest, "HTTPBadRequest", fmt.Sprintf("['%s'] is invalid attribute for filtering", unknown))
	case badFixed != "":
		return neutronError(http.StatusBadRequest, "InvalidInput", fmt.Sprintf("Invalid input for operation: '%s' is not of the form <key>=[value].", badFixed))
	}
	if bad := k.badSort(); bad != nil {
		return *bad
	}
	limit, bad := k.neutronLimit()
	if bad != nil {
		return *bad
	}
	if q.started && k.cloud.estate.Port(q.marker) == nil {
		return k.markerGone("Port", k.query.Get("marker"))
	}
	q.limit = limit
	var page []*estate.Port
	if k.query.Get("page_reverse") != "" {
		page = portsBefore(k.cloud.estate, q)
	} else {
		page = k.repeat(q, listPorts(k.cloud.estate, q))
	}
	links := k.neutronLinks("ports", limit, len(page), func(i int) string { return page[i].ID.String() })
	return k.portPage(page, k.portShape(), links)
}

// portsBefore is the page that ends before the marker, or at the end.
func portsBefore(e *estate.State, q portQuery) []*estate.Port {
	limit := q.limit
	marker, started := q.marker, q.started
	q.limit, q.started = 0, false
	var all []*estate.Port
	for _, p := range listPorts(e, q) {
		if !started || estate.ComparePortID(p, marker) < 0 {
			all = append(all, p)
		}
	}
	if limit > 0 && len(all) > limit {
		all = all[len(all)-limit:]
	}
	return all
}

// portShape leaves out what only an admin sees.
func (k *call) portShape() []portField {
	if k.who.admin() || k.cloud.huawei() {
		return neutronPortShape
	}
	var kept []portField
	for _, f := range neutronPortShape {
		switch f.key {
		case "binding:host_id", "binding:profile", "binding:vif_type", "binding:vif_details":
		default:
			kept = append(kept, f)
		}
	}
	return kept
}

func getNeutronVersions(k *call) reply {
	return ok(object{{"versions", []object{{{"id", "v2.0"}, {"status", "CURRENT"}, {"links", []object{{{"rel", "self"}, {"href", k.base + "/network/v2.0/"}}}}}}}})
}

func getNeutronResources(k *call) reply {
	rows := []object{}
	for _, name := range []string{"network", "subnet", "port"} {
		rows = append(rows, object{{"name", name}, {"collection", name + "s"}, {"links", []object{{{"rel", "self"}, {"href", k.base + "/network/v2.0/" + name + "s"}}}}})
	}
	return ok(object{{"resources", rows}})
}
