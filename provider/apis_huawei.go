package provider

// What all clouds made by Huawei have in common.

var huaweiResources = []API{
	api(VPCs, "vpc/v1", "vpc", "GET /v1/{project_id}/vpcs", "vpc:vpcs:list").paged("VPCs", VPCPageMax),
	api(VPCPrefixes, "vpc/v3", "vpc", "GET /v3/{project_id}/vpc/vpcs", "vpc:vpcs:list").paged("VPCs of v3", VPCPageMax).
		optional("the space of VPCs is absent"),
	api(Subnets, "vpc/v1", "vpc", "GET /v1/{project_id}/subnets", "vpc:subnets:get").paged("subnets", VPCPageMax).refused(refusedSubnets),
	api(Availability, "neutron/network", "vpc", "GET /v2.0/network-ip-availabilities/{network_id}", "vpc:networks:get").per(Subnet).
		refused("capacity is an estimate, `used` is counted on ports"),
	api(Ports, "vpc/v1", "vpc", "GET /v1/{project_id}/ports", "vpc:ports:get").choice("vpc").paged("ports", VPCPageMax).refused(refusedPorts),
	api(Ports, "neutron", "vpc", "GET /v2.0/ports", "vpc:ports:get").choice("neutron").paged("ports", NeutronPageMax).refused(refusedPorts),
	api(Ports, "workspace", "workspace", "GET /v2/{project_id}/ports", "workspace:networks:listPorts").choice("workspace").ownPorts().
		paged("ports", WorkspacePageMax).refused(refusedPorts),
	api(Servers, "nova", "compute", "GET /v2.1/{project_id}/servers/detail", "ecs:servers:list", "ecs:serverVolumes:use", "ecs:diskConfigs:use",
		"ecs:securityGroups:use", "ecs:serverKeypairs:get", "vpc:securityGroups:get", "vpc:securityGroupRules:get", "vpc:routers:get").
		choice("nova").one("GET /v2.1/{project_id}/servers/{id}").paged("servers", NovaPageMax),
	api(Servers, "bms", "bms", "GET /v1/{project_id}/baremetalservers/detail", "bms:servers:list", "bms:servers:get").choice("bms").
		one("GET /v1/{project_id}/baremetalservers/{id}").paged("servers", BMSPageMax).unconfirmed(),
	api(ServerAddresses, "nova", "compute", "GET /v2.1/{project_id}/servers/{id}/ips", "ecs:servers:get").per(Server).unconfirmed().
		refused(refusedAddresses).usedBy("`server ips`"),
	api(AddressGroups, "vpc/v3", "vpc", "GET /v3/{project_id}/vpc/address-groups", "vpc:addressGroups:list", "vpc:addressGroups:get").
		paged("address groups", VPCPageMax),
	api(PrivateIPs, "vpc/v1", "vpc", "GET /v1/{project_id}/subnets/{id}/privateips", "vpc:privateIps:list", "vpc:privateIps:get").
		one("GET /v1/{project_id}/privateips/{id}").per(Subnet).upTo(VPCPageMax).usedBy("`private-ip list`"),
	api(SubInterfaces, "vpc/v3", "vpc", "GET /v3/{project_id}/vpc/sub-network-interfaces", "vpc:subNetworkInterfaces:list").
		paged("sub-interfaces", VPCPageMax).unconfirmed().optional("the holder `sub_interface` and `cloudip_subnet_addresses_unaccounted` are absent"),
	api(PublicIPs, "eip/v3", "vpc", "GET /v3/{project_id}/eip/publicips", "vpc:publicIps:list").paged("public IPs", VPCPageMax),
	api(PublicIPPools, "eip/v3", "vpc", "GET /v3/{project_id}/eip/publicip-pools", "eip:publicipPools:list").paged("pools", VPCPageMax).unconfirmed().
		optional("`cloudip_public_ip_pool_*` is absent"),
	api(SubnetTags, "vpc/v3", "vpc", "GET /v3/{project_id}/vpc/virsubnets", "vpc:virsubnets:list").paged("subnets", VPCPageMax).unconfirmed().
		optional(refusedTags),
	api(Quotas, "vpc/v1", "vpc", "GET /v1/{project_id}/quotas", "vpc:quotas:list"),
	api(Projects, "iam", Identity, "GET /v3/projects", "iam:projects:listProjects").unconfirmed().
		optional("`/v3/auth/projects` is asked, which needs no permission").usedBy("`projects: [\"*\"]`, project names"),
	api(Assignment, "vpc/v1", "vpc", "POST /v1/{project_id}/privateips", "vpc:privateIps:create"),
	api(Release, "vpc/v1", "vpc", "DELETE /v1/{project_id}/privateips/{id}", "vpc:privateIps:delete", "vpc:publicIps:list"),
	api(Console, "nova/2.1", "compute", "POST /v2.1/{project_id}/servers/{id}/action").choice("nova"),
	api(Console, "bms", "bms", "POST /v1/{project_id}/baremetalservers/{id}/remote_console", "bms:servers:serialConsole").choice("bms"),
}

// otcSubnetTags is how OTC, which does not document subnets of VPC v3, tells tags.
var otcSubnetTags = api(SubnetTags, "vpc/v2", "vpc", "GET /v2.0/{project_id}/subnets/{id}/tags", "vpc:subnetTags:get").per(Subnet).unconfirmed().
	optional(refusedTags)

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
