package simulator

import (
	"fmt"
	"net/http"
)

// neutronRoutes are /v2.0 as all three providers have it. Only OpenStack
// lists availabilities, keeps address groups here and makes ports.
func neutronRoutes(service string) []route {
	r := func(method, pattern, action, empty string, handle func(*call) reply) route {
		return route{method: method, service: service, pattern: pattern, family: famNeutron, action: action, empty: empty, writes: method != http.MethodGet, handle: handle}
	}
	rows := []route{
		r(http.MethodGet, "/v2.0/networks", "vpc:networks:get", "networks", getNetworks),
		r(http.MethodGet, "/v2.0/subnets", "vpc:subnets:get", "subnets", getSubnets),
		r(http.MethodGet, "/v2.0/subnets/{id}", "vpc:subnets:get", "", getSubnet),
		r(http.MethodGet, "/v2.0/ports", "vpc:ports:get", "ports", getPorts),
		r(http.MethodGet, "/v2.0/ports/{id}", "vpc:ports:get", "", getPort),
		r(http.MethodGet, "/v2.0/network-ip-availabilities/{id}", "vpc:networks:get", "", getAvailability),
	}
	if service != "network" {
		return rows
	}
	rows = append(rows,
		r(http.MethodGet, "/v2.0/network-ip-availabilities", "get_network_ip_availability", "network_ip_availabilities", getAvailabilities),
		r(http.MethodGet, "/v2.0/address-groups", "get_address_group", "address_groups", getNeutronGroups),
		r(http.MethodGet, "/v2.0/address-groups/{id}", "get_address_group", "", getNeutronGroup),
		r(http.MethodGet, "/v2.0/quotas/{project}/details.json", "get_quota", "", getNeutronQuota),
		r(http.MethodPost, "/v2.0/ports", "create_port", "", postPort),
		r(http.MethodDelete, "/v2.0/ports/{id}", "delete_port", "", deletePort),
		route{method: http.MethodGet, service: service, pattern: "/", open: true, handle: getNeutronVersions},
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
func (k *call) visibleNetwork(n *network) bool {
	return !n.unlisted && (k.who.admin() || n.project == k.who.project || n.shared || n.external)
}

// visibleNetworks are in order of id.
func (k *call) visibleNetworks() []*network {
	var seen []*network
	for _, n := range k.cloud.estate.networks {
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
	some, bad := k.wanted(all, "id", "name", "project_id", "tenant_id", "status", "shared", "router:external", "admin_state_up")
	if bad != nil {
		return *bad
	}
	return k.neutronPage("networks", "Network", some)
}

func (k *call) networkObject(n *network) object {
	subnets := []string{}
	for _, s := range n.subnets {
		subnets = append(subnets, s.id)
	}
	name := n.name
	if n.vpc != nil { // there the name of a network is its VPC's id
		name = n.vpc.id
	}
	return object{
		{"id", n.id}, {"name", name}, {"tenant_id", n.project.id}, {"admin_state_up", true}, {"mtu", 1450}, {"status", "ACTIVE"},
		{"subnets", subnets}, {"shared", n.shared}, {"availability_zone_hints", []any{}}, {"availability_zones", []any{}},
		{"ipv4_address_scope", nil}, {"ipv6_address_scope", nil}, {"router:external", n.external}, {"description", ""},
		{"port_security_enabled", true}, {"tags", []any{}}, {"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"},
		{"revision_number", 2}, {"project_id", n.project.id},
	}
}

func getSubnets(k *call) reply {
	var all []object
	for _, s := range k.visibleSubnets() {
		all = append(all, subnetObject(s))
	}
	some, bad := k.wanted(all, "id", "name", "network_id", "project_id", "tenant_id", "ip_version", "cidr", "gateway_ip", "enable_dhcp")
	if bad != nil {
		return *bad
	}
	return k.neutronPage("subnets", "Subnet", some)
}

func getSubnet(k *call) reply {
	for _, s := range k.visibleSubnets() {
		if s.id == k.vars["id"] {
			return ok(object{{"subnet", subnetObject(s)}})
		}
	}
	return neutronError(http.StatusNotFound, "SubnetNotFound", "Subnet "+k.vars["id"]+" could not be found.")
}

// visibleSubnets are in order of id.
func (k *call) visibleSubnets() []*subnet {
	var all []*subnet
	for _, n := range k.visibleNetworks() {
		all = append(all, n.subnets...)
	}
	sortSubnets(all)
	return all
}

func subnetObject(s *subnet) object {
	pools := []object{}
	for _, p := range s.pools {
		pools = append(pools, object{{"start", p.from.String()}, {"end", p.to.String()}})
	}
	var gateway any
	if s.gateway.IsValid() {
		gateway = s.gateway.String()
	}
	n := s.network
	return object{
		{"id", s.id}, {"name", s.name}, {"tenant_id", n.project.id}, {"network_id", n.id}, {"ip_version", s.version()},
		{"subnetpool_id", nil}, {"enable_dhcp", true}, {"ipv6_ra_mode", nil}, {"ipv6_address_mode", nil}, {"gateway_ip", gateway},
		{"cidr", s.prefix.String()}, {"allocation_pools", pools}, {"host_routes", []any{}}, {"dns_nameservers", []any{}},
		{"description", ""}, {"service_types", []any{}}, {"tags", []any{}}, {"created_at", "2026-01-02T03:04:05Z"},
		{"updated_at", "2026-01-02T03:04:05Z"}, {"revision_number", 0}, {"project_id", n.project.id},
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
	if q.started && k.cloud.estate.port(q.marker) == nil {
		return k.markerGone("Port", k.query.Get("marker"))
	}
	q.limit = limit
	var page []*port
	if k.query.Get("page_reverse") != "" {
		page = k.cloud.estate.before(q)
	} else {
		page = k.repeat(q, k.cloud.estate.list(q))
	}
	links := k.neutronLinks("ports", limit, len(page), func(i int) string { return page[i].id.String() })
	return k.portPage(page, k.portShape(), links)
}

// before is the page that ends before the marker, or at the end.
func (e *estate) before(q portQuery) []*port {
	limit := q.limit
	marker, started := q.marker, q.started
	q.limit, q.started = 0, false
	var all []*port
	for _, p := range e.list(q) {
		if !started || comparePortID(p, marker) < 0 {
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
