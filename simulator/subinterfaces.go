package simulator

import (
	"net/http"

	"cloudip_exporter/simulator/estate"
)

// subnetRoutes are what VPC v3 and the API of tags tell of subnets: supplementary
// network interfaces in them, and their tags. OTC tells the tags of one subnet a call.
func subnetRoutes(provider string) []route {
	rows := []route{
		{method: http.MethodGet, service: "vpc", pattern: "/v3/{pid}/vpc/sub-network-interfaces", family: famVPC3, action: "vpc:subNetworkInterfaces:list", empty: "sub_network_interfaces", handle: getSubInterfaces},
		{method: http.MethodGet, service: "vpc", pattern: "/v2.0/{pid}/subnets/{id}/tags", family: famVPC1, action: "vpc:subnetTags:get", handle: getSubnetTags},
	}
	if provider == HuaweiCloud {
		rows = append(rows, route{method: http.MethodGet, service: "vpc", pattern: "/v3/{pid}/vpc/virsubnets", family: famVPC3, action: "vpc:virsubnets:list", empty: "virsubnets", handle: getVirsubnets})
	}
	return rows
}

func getSubInterfaces(k *call) reply {
	var all []object
	for _, i := range k.cloud.estate.SubInterfaces {
		if i.Network.Project == k.who.project {
			all = append(all, subInterfaceObject(i))
		}
	}
	return k.pagedV3("sub_network_interfaces", all)
}

func subInterfaceObject(i *estate.SubInterface) object {
	v4, v6 := "", any(nil)
	for _, a := range i.Addrs {
		if a.Is4() {
			v4 = a.String()
		} else {
			v6 = a.String()
		}
	}
	return object{
		{"id", i.ID}, {"virsubnet_id", i.Network.ID}, {"private_ip_address", v4}, {"ipv6_ip_address", v6}, {"mac_address", i.Parent.MAC()},
		{"parent_device_id", i.Parent.Device}, {"parent_id", i.Parent.ID.String()}, {"description", ""}, {"vpc_id", i.Network.VPC.ID},
		{"vlan_id", i.VLAN}, {"security_groups", []any{}}, {"tags", []any{}}, {"project_id", i.Network.Project.ID},
		{"created_at", "2026-01-02T03:04:05Z"}, {"security_enabled", true}, {"scope", "center"},
	}
}

func tagObjects(tags []estate.Tag) []object {
	all := []object{}
	for _, t := range tags {
		all = append(all, object{{"key", t.Key}, {"value", t.Value}})
	}
	return all
}

func getSubnetTags(k *call) reply {
	n := k.vpcSubnet(k.vars["id"])
	if n == nil {
		return noSubnet(k.vars["id"])
	}
	return ok(object{{"tags", tagObjects(n.Tags)}})
}

func getVirsubnets(k *call) reply {
	var all []object
	for _, n := range k.vpcSubnets() {
		cidrs := []object{}
		for _, s := range n.Subnets {
			cidrs = append(cidrs, object{{"id", s.ID}, {"ip_version", map[int]string{4: "4", 6: "6"}[s.Version()]}, {"cidr", s.Prefix.String()}, {"gateway_ip", s.Gateway.String()}, {"enable_dhcp", true}})
		}
		all = append(all, object{
			{"id", n.ID}, {"name", n.Name}, {"description", ""}, {"vpc_id", n.VPC.ID}, {"status", n.Status}, {"project_id", n.Project.ID}, {"scope", "center"},
			{"subnet_cidrs", cidrs}, {"tags", tagObjects(n.Tags)}, {"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"},
		})
	}
	return k.pagedV3("virsubnets", all)
}

// neutronTags are tags as Neutron has them: texts, "key=value" by habit.
func neutronTags(tags []estate.Tag) []string {
	all := []string{}
	for _, t := range tags {
		text := t.Key
		if t.Value != "" {
			text += "=" + t.Value
		}
		all = append(all, text)
	}
	return all
}
