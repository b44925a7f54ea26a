package simulator

import (
	"net/http"

	"cloudip_exporter/simulator/estate"
)

// eipRoutes are the EIPs of v1 and, on Huawei Cloud, of v3 with their pools.
func eipRoutes(provider string) []route {
	get := func(pattern, action, empty string, family family, handle func(*call) reply) route {
		return route{method: http.MethodGet, service: "vpc", pattern: pattern, family: family, action: action, empty: empty, handle: handle}
	}
	rows := []route{
		get("/v1/{pid}/publicips", "vpc:publicIps:list", "publicips", famVPC1, getPublicIPs),
		get("/v1/{pid}/publicips/{id}", "vpc:publicIps:get", "", famVPC1, getPublicIP),
	}
	if provider == HuaweiCloud {
		rows = append(rows,
			get("/v3/{pid}/eip/publicips", "vpc:publicIps:list", "publicips", famVPC3, getPublicIPs3),
			get("/v3/{pid}/eip/publicip-pools", "eip:publicipPools:list", "publicip_pools", famVPC3, getPools))
	}
	return rows
}

// publicIPs are those that the session sees, in order of id.
func (k *call) publicIPs() []*estate.PublicIP {
	var seen []*estate.PublicIP
	for _, ip := range k.cloud.estate.PublicIPs {
		if k.who.admin() || ip.Project == k.who.project {
			seen = append(seen, ip)
		}
	}
	return seen
}

func publicIPID(ip *estate.PublicIP) string { return ip.ID }

func getPublicIPs(k *call) reply {
	return vpcList(k, "publicips", k.publicIPs(), publicIPID, eipObject)
}

func getPublicIP(k *call) reply {
	for _, ip := range k.publicIPs() {
		if ip.ID == k.vars["id"] {
			return ok(object{{"publicip", eipObject(ip)}})
		}
	}
	return vpcError(http.StatusNotFound, "VPC.0504", "Floating IP could not be found.")
}

// eipObject is an EIP of v1: what is not bound has neither address nor port, and that
// of a dedicated load balancer no port.
func eipObject(ip *estate.PublicIP) object {
	o := object{
		{"id", ip.ID}, {"status", ip.Status}, {"type", ip.Kind()}, {"public_ip_address", ip.Addr.String()}, {"ip_version", 4},
		{"tenant_id", ip.Project.ID}, {"create_time", "2026-01-02 03:04:05"}, {"bandwidth_id", ip.ID}, {"bandwidth_size", 5},
		{"bandwidth_share_type", "PER"}, {"bandwidth_name", "bandwidth"}, {"enterprise_project_id", "0"}, {"profile", object{}}, {"alias", ""},
	}
	switch {
	case ip.Port != nil:
		o = append(o, field{"private_ip_address", ip.Private.String()}, field{"port_id", ip.Port.ID.String()})
	case ip.Private.IsValid():
		o = append(o, field{"private_ip_address", ip.Private.String()}, field{"port_id", nil})
	}
	return o
}

// pagedV3 lists objects as VPC v3 does.
func (k *call) pagedV3(key string, all []object) reply {
	limit, good := k.vpcLimit(0)
	if !good {
		return vpc3Error(k, http.StatusBadRequest, "VPC.0101", "limit is invalid")
	}
	page, _ := pageOf(all, objectID, k.query.Get("marker"), limit, false)
	list := []object{}
	for _, o := range page {
		list = append(list, o.only(k.query["fields"]))
	}
	info := object{{"current_count", len(page)}}
	if len(page) > 0 {
		info = append(object{{"previous_marker", objectID(page[0])}}, info...)
		if last := objectID(page[len(page)-1]); last != objectID(all[len(all)-1]) {
			info = append(info, field{"next_marker", last})
		}
	}
	return ok(object{{"request_id", k.requestID()}, {key, list}, {"page_info", info}})
}

func getPublicIPs3(k *call) reply {
	var all []object
	for _, ip := range k.publicIPs() {
		all = append(all, eipObject3(ip))
	}
	return k.pagedV3("publicips", all)
}

func eipObject3(ip *estate.PublicIP) object {
	var vnic, instance, instanceID any
	if ip.Private.IsValid() {
		port, device, owner := "", "", ""
		if ip.Port != nil {
			port, device, owner = ip.Port.ID.String(), ip.Port.Device, ip.Port.Owner
		}
		vnic = object{{"private_ip_address", ip.Private.String()}, {"device_id", device}, {"device_owner", owner}, {"port_id", port}, {"instance_type", ""}}
	}
	if ip.Instance != "" {
		instance, instanceID = ip.Instance, ip.ID
	}
	return object{
		{"id", ip.ID}, {"project_id", ip.Project.ID}, {"ip_version", 4}, {"type", "EIP"}, {"public_ip_address", ip.Addr.String()}, {"status", ip.Status},
		{"description", ""}, {"public_border_group", "center"}, {"vnic", vnic}, {"bandwidth", object{{"id", ip.ID}, {"size", 5}, {"share_type", "PER"}}},
		{"associate_instance_type", instance}, {"associate_instance_id", instanceID}, {"publicip_pool_name", ip.Pool}, {"enterprise_project_id", "0"},
		{"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"}, {"billing_info", nil}, {"lock_status", nil}, {"alias", ""},
	}
}

// getPools shows the pools to the region's project.
func getPools(k *call) reply {
	var all []object
	for _, p := range k.cloud.estate.Pools {
		if k.who.project == k.cloud.estate.Projects[0] {
			all = append(all, object{
				{"id", p.ID}, {"name", p.Name}, {"size", p.Size}, {"used", p.Used}, {"type", "private"}, {"status", "available"}, {"shared", false},
				{"project_id", k.who.project.ID}, {"description", ""}, {"created_at", "2026-01-02T03:04:05Z"},
			})
		}
	}
	return k.pagedV3("publicip_pools", all)
}

func getFloatingIPs(k *call) reply {
	all := []object{}
	for _, ip := range k.publicIPs() {
		all = append(all, floatingIPObject(ip))
	}
	return k.neutronPage("floatingips", "FloatingIP", all, "id", "port_id", "floating_ip_address", "fixed_ip_address", "floating_network_id", "router_id", "status", "project_id", "tenant_id")
}

func getFloatingIP(k *call) reply {
	for _, ip := range k.publicIPs() {
		if ip.ID == k.vars["id"] {
			return ok(object{{"floatingip", floatingIPObject(ip)}})
		}
	}
	return neutronError(http.StatusNotFound, "FloatingIPNotFound", "Floating IP "+k.vars["id"]+" could not be found")
}

func floatingIPObject(ip *estate.PublicIP) object {
	var port, fixed, router any
	if ip.Port != nil {
		port, fixed, router = ip.Port.ID.String(), ip.Private.String(), ip.Network.ID
	}
	forwards := []object{}
	if ip.Forwards {
		forwards = append(forwards, object{{"protocol", "tcp"}, {"internal_ip_address", "10.4.0.9"}, {"internal_port", 22}, {"external_port", 2222}})
	}
	return object{
		{"id", ip.ID}, {"tenant_id", ip.Project.ID}, {"floating_ip_address", ip.Addr.String()}, {"floating_network_id", ip.Network.ID},
		{"router_id", router}, {"port_id", port}, {"fixed_ip_address", fixed}, {"status", ip.Status}, {"description", ""}, {"tags", []any{}},
		{"created_at", "2026-01-02T03:04:05Z"}, {"updated_at", "2026-01-02T03:04:05Z"}, {"revision_number", 1}, {"port_details", nil},
		{"port_forwardings", forwards}, {"project_id", ip.Project.ID},
	}
}
