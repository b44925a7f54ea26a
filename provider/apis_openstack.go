package provider

var openStackResources = []API{
	{
		Resource: Subnets, Name: "neutron", Service: "network", Call: "GET /v2.0/subnets",
		Actions: []string{"get_subnet"}, Refused: refusedSubnets,
		Per: Page, Items: "subnets", PageMax: NeutronPageMax,
	},
	{
		Resource: SubnetPools, Name: "neutron", Service: "network", Call: "GET /v2.0/subnetpools",
		Actions: []string{"get_subnetpool"}, Unconfirmed: true, Optional: true, Refused: "`cloudip_subnet_pool_*` is absent",
		Per: Page, Items: "subnet pools", PageMax: NeutronPageMax,
	},
	{
		Resource: Networks, Name: "neutron", Service: "network", Call: "GET /v2.0/networks",
		Actions: []string{"get_network"}, Unconfirmed: true, Optional: true, Refused: "`cloudip_network_info` is absent",
		Per: Page, Items: "networks", PageMax: NeutronPageMax,
	},
	{
		Resource: Owners, Name: "iam", Service: Identity, Call: "GET /v3/projects",
		Actions: []string{"identity:list_projects"}, Unconfirmed: true, Optional: true, Refused: "`/v3/auth/projects` is asked, and other projects have no `owner_name`",
	},
	{
		Resource: Availability, Name: "neutron", Service: "network", Call: "GET /v2.0/network-ip-availabilities",
		Actions: []string{"get_network_ip_availability"}, Optional: true, Refused: "capacity comes from allocation pools, `used` is counted on ports",
		Per: Page, Items: "networks", PageMax: NeutronPageMax,
	},
	{
		Resource: Ports, Name: "neutron", Choice: "neutron", Service: "network", Call: "GET /v2.0/ports",
		Actions: []string{"get_port"}, Refused: refusedPorts,
		Per: Page, Items: "ports", PageMax: NeutronPageMax,
	},
	{
		Resource: Servers, Name: "nova", Choice: "nova", Service: "compute", Call: "GET /v2.1/{project_id}/servers/detail", One: "GET /v2.1/{project_id}/servers/{id}",
		Actions: []string{"os_compute_api:servers:detail"},
		Per:     Page, Items: "servers", PageMax: NovaPageMax,
	},
	{
		Resource: ServerAddresses, Name: "nova", Service: "compute", Call: "GET /v2.1/{project_id}/servers/{id}/ips",
		Actions: []string{"os_compute_api:ips:index"}, Refused: refusedAddresses, UsedBy: "`server ips`",
		Per: Server,
	},
	{
		Resource: AddressGroups, Name: "neutron", Service: "network", Call: "GET /v2.0/address-groups",
		Actions: []string{"get_address_group"},
		Per:     Page, Items: "address groups", PageMax: NeutronPageMax,
	},
	{
		Resource: PublicIPs, Name: "neutron", Service: "network", Call: "GET /v2.0/floatingips",
		Actions: []string{"get_floatingip"},
		Per:     Page, Items: "floating IPs", PageMax: NeutronPageMax,
	},
	{
		Resource: Quotas, Name: "neutron", Service: "network", Call: "GET /v2.0/quotas/{project_id}/details.json",
		Actions: []string{"get_quota"},
	},
	{
		Resource: Projects, Name: "iam", Service: Identity, Call: "GET /v3/auth/projects", Refused: "names are not resolved: write ids",
		UsedBy: "`projects: [\"*\"]`, project names",
	},
	{
		Resource: Assignment, Name: "neutron", Service: "network", Call: "POST /v2.0/ports",
		Actions: []string{"create_port"},
	},
	{
		Resource: Release, Name: "neutron", Service: "network", Call: "DELETE /v2.0/ports/{id}",
		Actions: []string{"delete_port", "get_floatingip"},
	},
	{
		Resource: Console, Name: "nova/2.6", Choice: "nova", Service: "compute", Call: "POST /v2.1/{project_id}/servers/{id}/remote-consoles",
		Actions: []string{"os_compute_api:os-remote-consoles"},
	},
}
