package provider

var openStackResources = []API{
	{
		Resource: Subnets, Name: "neutron", Service: "network", Call: "GET /v2.0/subnets",
		Actions: []string{"get_subnet"}, Backed: ownPolicy, Refused: refusedSubnets,
		Per: Page, Items: "subnets", PageMax: NeutronPageMax,
	},
	{
		Resource: SubnetPools, Name: "neutron", Service: "network", Call: "GET /v2.0/subnetpools",
		Actions: []string{"get_subnetpool"}, Backed: "policy", Optional: true, Refused: "no failure: `cloudip_subnet_pool_*` is absent",
		Per: Page, Items: "subnet pools", PageMax: NeutronPageMax,
	},
	{
		Resource: Networks, Name: "neutron", Service: "network", Call: "GET /v2.0/networks",
		Actions: []string{"get_network"}, Backed: "policy", Optional: true, Refused: "no failure: `cloudip_network_info` is absent",
		Per: Page, Items: "networks", PageMax: NeutronPageMax,
	},
	{
		Resource: Owners, Name: "iam", Service: Identity, Call: "GET /v3/projects",
		Actions: []string{"identity:list_projects"}, Backed: "policy", Optional: true, Refused: "no failure: `GET /v3/auth/projects` is asked, and other projects have no `owner_name`. Without the role admin that is asked at once",
	},
	{
		Resource: Availability, Name: "neutron", Service: "network", Call: "GET /v2.0/network-ip-availabilities",
		Actions: []string{"get_network_ip_availability"}, Backed: ownPolicy, Optional: true, Refused: "no failure, nor with an empty list: capacity comes from allocation pools, `used` is counted on ports",
		Per: Page, Items: "networks", PageMax: NeutronPageMax,
	},
	{
		Resource: Ports, Name: "neutron", Choice: "neutron", Service: "network", Call: "GET /v2.0/ports",
		Actions: []string{"get_port"}, Backed: ownPolicy, Refused: refusedPorts,
		Per: Page, Items: "ports", PageMax: NeutronPageMax,
	},
	{
		Resource: Servers, Name: "nova", Choice: "nova", Service: "compute", Call: "GET /v2.1/{project_id}/servers/detail", One: "GET /v2.1/{project_id}/servers/{id}",
		Actions: []string{"os_compute_api:servers:detail"}, Backed: ownPolicy,
		Per: Page, Items: "servers", PageMax: NovaPageMax,
	},
	{
		Resource: ServerAddresses, Name: "nova", Service: "compute", Call: "GET /v2.1/{project_id}/servers/{id}/ips",
		Actions: []string{"os_compute_api:ips:index"}, Backed: ownPolicy, Refused: refusedAddresses, UsedBy: "`server ips`",
		Per: Server,
	},
	{
		Resource: AddressGroups, Name: "neutron", Service: "network", Call: "GET /v2.0/address-groups",
		Actions: []string{"get_address_group"}, Backed: ownPolicy, Refused: "`address_groups` fails: leave it out of `collectors` where the cloud has no address groups (404)",
		Per: Page, Items: "address groups", PageMax: NeutronPageMax,
	},
	{
		Resource: PublicIPs, Name: "neutron", Service: "network", Call: "GET /v2.0/floatingips",
		Actions: []string{"get_floatingip"}, Backed: ownPolicy,
		Per: Page, Items: "floating IPs", PageMax: NeutronPageMax,
	},
	{
		Resource: Quotas, Name: "neutron", Service: "network", Call: "GET /v2.0/quotas/{project_id}/details.json",
		Actions: []string{"get_quota"}, Backed: ownPolicy,
	},
	{
		Resource: Projects, Name: "iam", Service: Identity, Call: "GET /v3/auth/projects", Refused: "names are not resolved: write ids",
		UsedBy: "`projects: [\"*\"]`, project names",
	},
	{
		Resource: Assignment, Name: "neutron", Service: "network", Call: "POST /v2.0/ports",
		Actions: []string{"create_port"}, Backed: ownPolicy,
	},
	{
		Resource: Release, Name: "neutron", Service: "network", Call: "DELETE /v2.0/ports/{id}",
		Actions: []string{"delete_port", "get_floatingip"}, Backed: ownPolicy,
	},
	{
		Resource: Console, Name: "nova/2.6", Choice: "nova", Service: "compute", Call: "POST /v2.1/{project_id}/servers/{id}/remote-consoles",
		Actions: []string{"os_compute_api:os-remote-consoles"}, Backed: ownPolicy,
	},
}
