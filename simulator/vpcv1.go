package simulator

import (
	"cmp"
	"net/http"
	"strconv"

	"cloudip_exporter/simulator/estate"
)

// vpcRoutes are VPC v1 and v3.
func vpcRoutes(provider string) []route {
	r := func(method, pattern, action, empty string, handle func(*call) reply) route {
		return route{method: method, service: "vpc", pattern: pattern, family: famVPC1, action: action, empty: empty, writes: method != http.MethodGet, handle: handle}
	}
	rows := []route{
		r(http.MethodGet, "/v1/{pid}/vpcs", "vpc:vpcs:list", "vpcs", getVPCs),
		r(http.MethodGet, "/v1/{pid}/vpcs/{id}", "vpc:vpcs:get", "", getVPC),
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
		r(http.MethodGet, "/v3/{pid}/vpc/vpcs", "vpc:vpcs:list", "vpcs", getVPCs3),
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
	var mine []*estate.VPC
	for _, v := range k.cloud.estate.VPCs {
		if id := k.query.Get("id"); v.Project == k.who.project && (id == "" || id == v.ID) {
			mine = append(mine, v)
		}
	}
	return vpcList(k, "vpcs", mine, func(v *estate.VPC) string { return v.ID }, vpcObject)
}

func getVPC(k *call) reply {
	for _, v := range k.cloud.estate.VPCs {
		if v.ID == k.vars["id"] && v.Project == k.who.project {
			return ok(object{{"vpc", vpcObject(v)}})
		}
	}
	return vpcError(http.StatusNotFound, "VPC.0107", "Query resource by id "+k.vars["id"]+" fail.the vpc could not be found.")
}

func vpcObject(v *estate.VPC) object {
	return object{
		{"id", v.ID}, {"name", v.Name}, {"description", ""}, {"cidr", v.CIDR}, {"status", v.Status},
		{"enterprise_project_id", "0"}, {"routes", []any{}}, {"enable_shared_snat", false}, {"tenant_id", v.Project.ID},
		{"created_at", "2026-01-02T03:04:05"}, {"updated_at", "2026-01-02T03:04:05"},
	}
}

// vpcSubnets are the networks that the session's project lists, in order of id.
func (k *call) vpcSubnets() []*estate.Network {
	var mine []*estate.Network
	for _, n := range k.cloud.estate.Networks {
		if n.Project == k.who.project && !n.Unlisted {
			mine = append(mine, n)
		}
	}
	return mine
}

// vpcSubnet finds a VPC subnet by the one id that is right: the network's.
func (k *call) vpcSubnet(id string) *estate.Network {
	for _, n := range k.vpcSubnets() {
		if n.ID == id {
			return n
		}
	}
	return nil
}

func getVPCSubnets(k *call) reply {
	nets := k.vpcSubnets()
	if id := k.query.Get("vpc_id"); id != "" {
		var in []*estate.Network
		for _, n := range nets {
			if n.VPC.ID == id {
				in = append(in, n)
			}
		}
		nets = in
	}
	return vpcList(k, "subnets", nets, func(n *estate.Network) string { return n.ID }, k.vpcSubnetObject)
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
func (k *call) vpcSubnetObject(n *estate.Network) object {
	s, s6 := n.V4(), n.V6()
	o := object{
		{"id", n.ID}, {"name", n.Name}, {"cidr", s.Prefix.String()}, {"status", n.Status}, {"vpc_id", n.VPC.ID},
		{"gateway_ip", s.Gateway.String()}, {"dhcp_enable", true}, {"primary_dns", "192.0.2.53"}, {"secondary_dns", "192.0.2.54"},
		{"dnsList", []string{"192.0.2.53", "192.0.2.54"}}, {"availability_zone", ""}, {"neutron_network_id", n.ID}, {"neutron_subnet_id", s.ID},
	}
	if n.Old {
		return o
	}
	o = append(o, object{
		{"description", ""}, {"ipv6_enable", s6 != nil}, {"extra_dhcp_opts", []any{}}, {"scope", "center"},
		{"tenant_id", cmp.Or(n.Sharer, n.Project.ID)}, {"created_at", "2026-01-02T03:04:05"}, {"updated_at", "2026-01-02T03:04:05"},
	}...)
	if s6 != nil {
		o = append(o, object{{"cidr_v6", s6.Prefix.String()}, {"gateway_ip_v6", s6.Gateway.String()}, {"neutron_subnet_id_v6", s6.ID}}...)
	} else if n.EmptyV6 {
		o = append(o, object{{"cidr_v6", ""}, {"gateway_ip_v6", ""}, {"neutron_subnet_id_v6", ""}}...)
	}
	if k.cloud.opts.Provider == HuaweiCloud {
		o = append(o, object{{"available_ip_address_count", n.Available()}, {"enable_network_address_usage_metrics", false}}...)
	}
	return o
}

func getVPCQuotas(k *call) reply {
	rows := []object{}
	kind := k.query.Get("type")
	for _, q := range k.cloud.estate.Quotas[k.who.project.ID] {
		if q.Resource == kind || kind == "" && !q.ByTypeOnly {
			rows = append(rows, object{{"type", q.Resource}, {"used", q.Used}, {"quota", q.Limit}, {"min", 0}})
		}
	}
	if kind != "" && len(rows) == 0 {
		return vpcError(http.StatusBadRequest, "VPC.1207", "resource type "+kind+" is invalid")
	}
	return ok(object{{"quotas", object{{"resources", rows}}}})
}
