package provider

var openStackResources = []API{
	api(Subnets, "neutron", "network", "GET /v2.0/subnets", "get_subnet").paged("subnets", NeutronPageMax).refused(refusedSubnets),
	api(SubnetPools, "neutron", "network", "GET /v2.0/subnetpools", "get_subnetpool").paged("subnet pools", NeutronPageMax).unconfirmed().
		optional("`cloudip_subnet_pool_*` is absent"),
	api(Networks, "neutron", "network", "GET /v2.0/networks", "get_network").paged("networks", NeutronPageMax).unconfirmed().
		optional("`cloudip_network_info` is absent"),
	api(Owners, "iam", Identity, "GET /v3/projects", "identity:list_projects").unconfirmed().
		optional("`/v3/auth/projects` is asked, and other projects have no `owner_name`"),
	api(Availability, "neutron", "network", "GET /v2.0/network-ip-availabilities", "get_network_ip_availability").paged("networks", NeutronPageMax).
		optional("capacity comes from allocation pools, `used` is counted on ports"),
	api(Ports, "neutron", "network", "GET /v2.0/ports", "get_port").choice("neutron").paged("ports", NeutronPageMax).refused(refusedPorts),
	api(Servers, "nova", "compute", "GET /v2.1/{project_id}/servers/detail", "os_compute_api:servers:detail").choice("nova").
		one("GET /v2.1/{project_id}/servers/{id}").paged("servers", NovaPageMax),
	api(ServerAddresses, "nova", "compute", "GET /v2.1/{project_id}/servers/{id}/ips", "os_compute_api:ips:index").per(Server).
		refused(refusedAddresses).usedBy("`server ips`"),
	api(AddressGroups, "neutron", "network", "GET /v2.0/address-groups", "get_address_group").paged("address groups", NeutronPageMax),
	api(PublicIPs, "neutron", "network", "GET /v2.0/floatingips", "get_floatingip").paged("floating IPs", NeutronPageMax),
	api(Quotas, "neutron", "network", "GET /v2.0/quotas/{project_id}/details.json", "get_quota"),
	api(Projects, "iam", Identity, "GET /v3/auth/projects").refused("names are not resolved: write ids").usedBy("`projects: [\"*\"]`, project names"),
	api(Assignment, "neutron", "network", "POST /v2.0/ports", "create_port"),
	api(Release, "neutron", "network", "DELETE /v2.0/ports/{id}", "delete_port", "get_floatingip"),
	api(Console, "nova/2.6", "compute", "POST /v2.1/{project_id}/servers/{id}/remote-consoles", "os_compute_api:os-remote-consoles").choice("nova"),
}
