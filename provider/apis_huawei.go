package provider

// What all clouds made by Huawei have in common.

var huaweiResources = []API{
	{
		Resource: VPCs, Name: "vpc/v1", Service: "vpc", Call: "GET /v1/{project_id}/vpcs",
		Actions: []string{"vpc:vpcs:list"},
		Per:     Page, Items: "VPCs", PageMax: VPCPageMax,
	},
	{
		Resource: VPCPrefixes, Name: "vpc/v3", Service: "vpc", Call: "GET /v3/{project_id}/vpc/vpcs",
		Actions: []string{"vpc:vpcs:list"}, Optional: true, Refused: "the space of VPCs is absent",
		Per: Page, Items: "VPCs of v3", PageMax: VPCPageMax,
	},
	{
		Resource: Subnets, Name: "vpc/v1", Service: "vpc", Call: "GET /v1/{project_id}/subnets",
		Actions: []string{"vpc:subnets:get"}, Refused: refusedSubnets,
		Per: Page, Items: "subnets", PageMax: VPCPageMax,
	},
	{
		Resource: Availability, Name: "neutron/network", Service: "vpc", Call: "GET /v2.0/network-ip-availabilities/{network_id}",
		Actions: []string{"vpc:networks:get"}, Refused: "capacity is an estimate, `used` is counted on ports",
		Per: Subnet,
	},
	{
		Resource: Ports, Name: "vpc/v1", Choice: "vpc", Service: "vpc", Call: "GET /v1/{project_id}/ports",
		Actions: []string{"vpc:ports:get"}, Refused: refusedPorts,
		Per: Page, Items: "ports", PageMax: VPCPageMax,
	},
	{
		Resource: Ports, Name: "neutron", Choice: "neutron", Service: "vpc", Call: "GET /v2.0/ports",
		Actions: []string{"vpc:ports:get"}, Refused: refusedPorts,
		Per: Page, Items: "ports", PageMax: NeutronPageMax,
	},
	{
		Resource: Ports, Name: "workspace", Choice: "workspace", Service: "workspace", Call: "GET /v2/{project_id}/ports",
		Actions: []string{"workspace:networks:listPorts"}, OwnPorts: true, Refused: refusedPorts,
		Per: Page, Items: "ports", PageMax: WorkspacePageMax,
	},
	{
		Resource: Servers, Name: "nova", Choice: "nova", Service: "compute", Call: "GET /v2.1/{project_id}/servers/detail", One: "GET /v2.1/{project_id}/servers/{id}",
		Actions: []string{
			"ecs:servers:list", "ecs:serverVolumes:use", "ecs:diskConfigs:use", "ecs:securityGroups:use", "ecs:serverKeypairs:get",
			"vpc:securityGroups:get", "vpc:securityGroupRules:get", "vpc:routers:get",
		},
		Per: Page, Items: "servers", PageMax: NovaPageMax,
	},
	{
		Resource: Servers, Name: "bms", Choice: "bms", Service: "bms", Call: "GET /v1/{project_id}/baremetalservers/detail", One: "GET /v1/{project_id}/baremetalservers/{id}",
		Actions: []string{"bms:servers:list", "bms:servers:get"}, Unconfirmed: true,
		Per: Page, Items: "servers", PageMax: BMSPageMax,
	},
	{
		Resource: ServerAddresses, Name: "nova", Service: "compute", Call: "GET /v2.1/{project_id}/servers/{id}/ips",
		Actions: []string{"ecs:servers:get"}, Unconfirmed: true, Refused: refusedAddresses, UsedBy: "`server ips`",
		Per: Server,
	},
	{
		Resource: AddressGroups, Name: "vpc/v3", Service: "vpc", Call: "GET /v3/{project_id}/vpc/address-groups",
		Actions: []string{"vpc:addressGroups:list", "vpc:addressGroups:get"},
		Per:     Page, Items: "address groups", PageMax: VPCPageMax,
	},
	{
		Resource: PrivateIPs, Name: "vpc/v1", Service: "vpc", Call: "GET /v1/{project_id}/subnets/{id}/privateips", One: "GET /v1/{project_id}/privateips/{id}",
		Actions: []string{"vpc:privateIps:list", "vpc:privateIps:get"}, UsedBy: "`private-ip list`",
		Per: Subnet, PageMax: VPCPageMax,
	},
	{
		Resource: SubInterfaces, Name: "vpc/v3", Service: "vpc", Call: "GET /v3/{project_id}/vpc/sub-network-interfaces",
		Actions: []string{"vpc:subNetworkInterfaces:list"}, Unconfirmed: true, Optional: true, Refused: "the holder `sub_interface` and `cloudip_subnet_addresses_unaccounted` are absent",
		Per: Page, Items: "sub-interfaces", PageMax: VPCPageMax,
	},
	{
		Resource: PublicIPs, Name: "eip/v3", Service: "vpc", Call: "GET /v3/{project_id}/eip/publicips",
		Actions: []string{"vpc:publicIps:list"},
		Per:     Page, Items: "public IPs", PageMax: VPCPageMax,
	},
	{
		Resource: PublicIPPools, Name: "eip/v3", Service: "vpc", Call: "GET /v3/{project_id}/eip/publicip-pools",
		Actions: []string{"eip:publicipPools:list"}, Unconfirmed: true, Optional: true, Refused: "`cloudip_public_ip_pool_*` is absent",
		Per: Page, Items: "pools", PageMax: VPCPageMax,
	},
	{
		Resource: SubnetTags, Name: "vpc/v3", Service: "vpc", Call: "GET /v3/{project_id}/vpc/virsubnets",
		Actions: []string{"vpc:virsubnets:list"}, Unconfirmed: true, Optional: true, Refused: refusedTags,
		Per: Page, Items: "subnets", PageMax: VPCPageMax,
	},
	{
		Resource: Quotas, Name: "vpc/v1", Service: "vpc", Call: "GET /v1/{project_id}/quotas",
		Actions: []string{"vpc:quotas:list"},
	},
	{
		Resource: Projects, Name: "iam", Service: Identity, Call: "GET /v3/projects",
		Actions: []string{"iam:projects:listProjects"}, Unconfirmed: true, Optional: true, Refused: "`/v3/auth/projects` is asked, which needs no permission",
		UsedBy: "`projects: [\"*\"]`, project names",
	},
	{
		Resource: Assignment, Name: "vpc/v1", Service: "vpc", Call: "POST /v1/{project_id}/privateips",
		Actions: []string{"vpc:privateIps:create"},
	},
	{
		Resource: Release, Name: "vpc/v1", Service: "vpc", Call: "DELETE /v1/{project_id}/privateips/{id}",
		Actions: []string{"vpc:privateIps:delete", "vpc:publicIps:list"},
	},
	{
		Resource: Console, Name: "nova/2.1", Choice: "nova", Service: "compute", Call: "POST /v2.1/{project_id}/servers/{id}/action",
	},
	{
		Resource: Console, Name: "bms", Choice: "bms", Service: "bms", Call: "POST /v1/{project_id}/baremetalservers/{id}/remote_console",
		Actions: []string{"bms:servers:serialConsole"},
	},
}

// otcSubnetTags is how OTC, which does not document subnets of VPC v3, tells tags.
var otcSubnetTags = API{
	Resource: SubnetTags, Name: "vpc/v2", Service: "vpc", Call: "GET /v2.0/{project_id}/subnets/{id}/tags",
	Actions: []string{"vpc:subnetTags:get"}, Unconfirmed: true, Optional: true, Refused: refusedTags,
	Per: Subnet,
}

var huaweiLogins = []string{"access_key", "password", "application_credential", "instance_metadata", "clouds_yaml", "env"}

var huaweiTraits = Traits{
	Regional: true, HuaweiVariables: true, ProjectsByDomain: true,
	Neutron:         "vpc",
	Microversion:    "2.26", // the first that shows a server's tags, by which bare metal is marked; later ones hide the flavor's id
	NetworkIsSubnet: true, IPv4UsageOnly: true, ReservesAddresses: true, EnterpriseProjects: true, AssignsIPv4Only: true,
}

// huaweiServices returns the services by the names of their hosts. Bare metal
// and Workspace are called by "" where the provider has no host for them.
func huaweiServices(bms, workspace string) []Service {
	return []Service{
		{Name: Identity, Title: "IAM", Host: "iam"},
		{Name: "vpc", Title: "VPC, with Neutron's `/v2.0`,", Host: "vpc", Types: []string{"vpc", "network"}},
		{Name: "compute", Title: "ECS", Host: "ecs", Types: []string{"compute", "ecs"}},
		{Name: "bms", Title: "Bare Metal", Host: bms, Types: []string{"bms"}},
		{Name: "workspace", Title: "Workspace", Host: workspace, Types: []string{"workspace"}},
	}
}
