package cloudapi

// huaweiCloud is Huawei Cloud: VPC v1 and v3, Neutron v2.0 on the VPC host,
// Nova on the ECS host, BMS v1, Workspace v2.
func huaweiCloud() provider {
	return provider{
		neutron:       serviceVPC,
		microversion:  tagsMicroversion,
		vpcs:          vpcV1VPCs,
		subnets:       vpcV1Subnets,
		availability:  availabilityByNetwork,
		ports:         map[string]portsAPI{"vpc": vpcV1Ports, "neutron": neutronPorts, "workspace": workspacePorts},
		servers:       map[string]serversAPI{"nova": novaServers(), "bms": bmsServers()},
		addressGroups: vpcV3AddressGroups(),
		privateIPs:    vpcV1PrivateIPs(),
		quotas:        vpcV1Quotas,
		consoles:      map[string]consoleFunc{"nova": novaSerialAction, "bms": bmsRemoteConsole},
	}
}
