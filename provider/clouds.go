package provider

import (
	"slices"
	"strings"
)

var clouds = []Provider{
	{
		Name: "huaweicloud", Title: "Huawei Cloud",
		Services: huaweiServices("bms", "workspace"),
		Hosts: []Hosts{ // from the region lists of Huawei Cloud's SDK
			{Regions: "eu-west-1", URL: "https://{service}.{region}.myhuaweicloud.eu"}, // the European cloud, Dublin
			{URL: "https://{service}.{region}.myhuaweicloud.com"},
		},
		Regions: strings.Fields(`
			cn-north-1 cn-north-2 cn-north-4 cn-north-9 cn-north-11 cn-north-12 cn-east-2 cn-east-3 cn-east-4 cn-east-5
			cn-south-1 cn-south-2 cn-south-4 cn-southwest-2 cn-southwest-3 ap-southeast-1 ap-southeast-2 ap-southeast-3
			ap-southeast-4 ap-southeast-5 af-south-1 af-north-1 sa-brazil-1 la-north-2 la-south-2 na-mexico-1 tr-west-1
			me-east-1 ae-ad-1 eu-west-0 eu-west-101 my-kualalumpur-1 ru-moscow-1 ru-northwest-2`),
		OwnProjects: []string{"MOS"},
		Logins:      huaweiLogins, DoubtfulLogins: []string{"application_credential"},
		Resources: huaweiResources,
		Defaults:  Defaults{PortAPI: "vpc", ServerAPI: "nova", Servers: "baremetal", PageSize: 2000},
		Traits:    huaweiTraits,
	},
	{
		Name: "otc", Title: "Open Telekom Cloud",
		// From the endpoint table and a recorded catalogue of eu-de. Bare metal is there in
		// eu-de only; there is no Workspace.
		Services: huaweiServices("bms", ""),
		Hosts: []Hosts{ // from OTC's "Regions and Endpoints"
			{Regions: "eu-ch", URL: "https://{service}.{region}.sc.otc.t-systems.com", Special: map[string]string{Identity: "iam-pub"}},
			{URL: "https://{service}.{region}.otc.t-systems.com"},
		},
		Regions:     []string{"eu-de", "eu-nl", "eu-ch2"},
		OwnProjects: []string{"MOS"},
		Logins:      huaweiLogins, DoubtfulLogins: []string{"application_credential"},
		Resources: append(except(huaweiResources, PublicIPPools, SubnetTags), otcSubnetTags),
		// OTC does not document GET /v1/{project_id}/ports, so it is no default here.
		Defaults: Defaults{PortAPI: "neutron", ServerAPI: "nova", Servers: "baremetal", PageSize: 2000},
		Traits:   huaweiTraits,
	},
	{
		Name: "openstack", Title: "OpenStack",
		Services: []Service{
			{Name: Identity, Title: "Keystone"},
			{Name: "network", Title: "Neutron", Types: []string{"network"}},
			{Name: "compute", Title: "Nova", Types: []string{"compute"}},
		},
		Logins:    []string{"password", "application_credential", "clouds_yaml", "env"},
		Resources: openStackResources,
		Defaults:  Defaults{PortAPI: "neutron", ServerAPI: "nova", Servers: "all", UserDomain: "Default", PageSize: 1000},
		Traits:    Traits{Neutron: "network", AdminSeesAll: true, BareMetalByPorts: true, KeepsIntent: true},
	},
}

func except(apis []API, without ...Resource) []API {
	return slices.DeleteFunc(slices.Clone(apis), func(a API) bool { return slices.Contains(without, a.Resource) })
}
