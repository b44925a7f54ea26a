package cloudapi

// otc is the Open Telekom Cloud. It has Huawei Cloud's APIs less Workspace, and
// lists ports by Neutron: GET /v1/{project_id}/ports is not documented there
// and is left to those who configure it.
func otc() provider {
	p := huaweiCloud()
	p.ports = map[string]portsAPI{"vpc": vpcV1Ports, "neutron": neutronPorts, "workspace": workspacePorts}
	return p
}
