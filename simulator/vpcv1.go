package simulator

import (
	"net/http"
	"strconv"
)

// vpcRoutes are VPC v1 and v3.
func vpcRoutes(provider string) []route {
	r := func(method, pattern, action, empty string, handle func(*call) reply) route {
		return route{method: method, service: "vpc", pattern: pattern, family: famVPC1, action: action, empty: empty, writes: method != http.MethodGet, handle: handle}
	}
	rows := []route{
		r(http.MethodGet, "/v1/{pid}/vpcs", "vpc:vpcs:list", "vpcs", getVPCs),
		r(http.MethodGet, "/v1/{pid}/subnets", "vpc:subnets:get", "subnets", getVPCSubnets),
		r(http.MethodGet, "/v1/{pid}/subnets/{id}", "vpc:subnets:get", "", getVPCSubnet),
		r(http.MethodGet, "/v1/{pid}/subnets/{id}/privateips", "vpc:privateIps:list", "privateips", getPrivateIPs),
		r(http.MethodPost, "/v1/{pid}/privateips", "vpc:privateIps:create", "", postPrivateIPs),
		r(http.MethodGet, "/v1/{pid}/privateips/{id}", "vpc:privateIps:get", "", getPrivateIP),
		r(http.MethodDelete, "/v1/{pid}/privateips/{id}", "vpc:privateIps:delete", "", deletePrivateIP),
		r(http.MethodGet, "/v1/{pid}/quotas", "vpc:quotas:list", "", getVPCQuotas),
	}
	if provider == HuaweiCloud {
		rows = append(rows, r(http.MethodGet, "/v1/{pid}/ports", "vpc:ports:get", "ports", getVPCPorts))
	}
	groups := []route{
		r(http.MethodGet, "/v3/{pid}/vpc/address-groups", "vpc:addressGroups:list", "address_groups", getAddressGroups),
		r(http.MethodGet, "/v3/{pid}/vpc/address-groups/{id}", "vpc:addressGroups:get", "", getAddressGroup),
	}
	for i := range groups {
		groups[i].family = famVPC3
	}
	return append(rows, groups...)
}

// vpcList answers a VPC v1 listing: by id, no links, no total.
func vpcList[T any](k *call, key string, items []T, id func(T) string, show func(T) object) reply {
	limit, good := k.vpcLimit(0)
	if !good {
		return vpcError(http.StatusBadRequest, "VPC.0101", "limit "+strconv.Quote(k.query.Get("limit"))+" is invalid")
	}
	list := []object{}
	if limit > 0 {
		page, _ := pageOf(items, id, k.query.Get("marker"), limit, false)
		for _, item := range page {
			list = append(list, show(item))
		}
	}
	return ok(object{{key, list}})
}

func getVPCs(k *call) reply {
	var mine []*vpc
	for _, v := range k.cloud.estate.vpcs {
		if id := k.query.Get("id"); v.project == k.who.project && (id == "" || id == v.id) {
			mine = append(mine, v)
		}
	}
	return vpcList(k, "vpcs", mine, func(v *vpc) string { return v.id }, vpcObject)
}

func vpcObject(v *vpc) object {
	return object{
		{"id", v.id}, {"name", v.name}, {"description", ""}, {"cidr", v.cidr}, {"status", v.status},
		{"enterprise_project_id", "0"}, {"routes", []any{}}, {"enable_shared_snat", false}, {"tenant_id", v.project.id},
		{"created_at", "2026-01-02T03:04:05"}, {"updated_at", "2026-01-02T03:04:05"},
	}
}

// vpcSubnets are the networks that the session's project lists, in order of id.
func (k *call) vpcSubnets() []*network {
	var mine []*network
	for _, n := range k.cloud.estate.networks {
		if n.project == k.who.project && !n.unlisted {
			mine = append(mine, n)
		}
	}
	return mine
}

// vpcSubnet finds a VPC subnet by the one id that is right: the network's.
func (k *call) vpcSubnet(id string) *network {
	for _, n := range k.vpcSubnets() {
		if n.id == id {
			return n
		}
	}
	return nil
}

func getVPCSubnets(k *call) reply {
	nets := k.vpcSubnets()
	if id := k.query.Get("vpc_id"); id != "" {
		var in []*network
		for _, n := range nets {
			if n.vpc.id == id {
				in = append(in, n)
			}
		}
		nets = in
	}
	return vpcList(k, "subnets", nets, func(n *network) string { return n.id }, k.vpcSubnetObject)
}

func getVPCSubnet(k *call) reply {
	n := k.vpcSubnet(k.vars["id"])
	if n == nil {
		return noSubnet(k.vars["id"])
	}
	return ok(object{{"subnet", k.vpcSubnetObject(n)}})
}

func noSubnet(id string) reply {
	return vpcError(http.StatusNotFound, "VPC.0202", "Query resource by id "+id+" fail.the subnet could not be found.")
}

// vpcSubnetObject is a network as VPC v1 shows it, or as it did years ago.
func (k *call) vpcSubnetObject(n *network) object {
	s, s6 := n.v4(), n.v6()
	o := object{
		{"id", n.id}, {"name", n.name}, {"cidr", s.prefix.String()}, {"status", n.status}, {"vpc_id", n.vpc.id},
		{"gateway_ip", s.gateway.String()}, {"dhcp_enable", true}, {"primary_dns", "192.0.2.53"}, {"secondary_dns", "192.0.2.54"},
		{"dnsList", []string{"192.0.2.53", "192.0.2.54"}}, {"availability_zone", ""}, {"neutron_network_id", n.id}, {"neutron_subnet_id", s.id},
	}
	if n.old {
		return o
	}
	o = append(o, object{
		{"description", ""}, {"ipv6_enable", s6 != nil}, {"extra_dhcp_opts", []any{}}, {"scope", "center"},
		{"tenant_id", n.project.id}, {"created_at", "2026-01-02T03:04:05"}, {"updated_at", "2026-01-02T03:04:05"},
	}...)
	if s6 != nil {
		o = append(o, object{{"cidr_v6", s6.prefix.String()}, {"gateway_ip_v6", s6.gateway.String()}, {"neutron_subnet_id_v6", s6.id}}...)
	} else if n.emptyV6 {
		o = append(o, object{{"cidr_v6", ""}, {"gateway_ip_v6", ""}, {"neutron_subnet_id_v6", ""}}...)
	}
	if k.cloud.opts.Provider == HuaweiCloud {
		o = append(o, object{{"available_ip_address_count", n.available()}, {"enable_network_address_usage_metrics", false}}...)
	}
	return o
}

// available is what is left of a network's IPv4 subnet, as the listing says it.
func (n *network) available() int64 {
	s := n.v4()
	return s.total().Int64() - int64(s.used(true)) - int64(n.withheld)
}

func getVPCQuotas(k *call) reply {
	rows := []object{}
	kind := k.query.Get("type")
	for _, q := range k.cloud.estate.quotas[k.who.project.id] {
		if q.resource == kind || kind == "" && !q.byTypeOnly {
			rows = append(rows, object{{"type", q.resource}, {"used", q.used}, {"quota", q.limit}, {"min", 0}})
		}
	}
	if kind != "" && len(rows) == 0 {
		return vpcError(http.StatusBadRequest, "VPC.1207", "resource type "+kind+" is invalid")
	}
	return ok(object{{"quotas", object{{"resources", rows}}}})
}
