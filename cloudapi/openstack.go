package cloudapi

// openStack is plain OpenStack: Neutron and Nova. It has no VPCs; its private
// IPs are Neutron ports, which the ports collector already shows.
func openStack() provider {
	return provider{
		neutron:       serviceNetwork,
		subnets:       neutronSubnets,
		availability:  availabilityList,
		ports:         map[string]portsAPI{"neutron": neutronPorts},
		servers:       map[string]serversAPI{"nova": novaServers()},
		addressGroups: neutronAddressGroups(),
		privateIPs:    neutronPrivateIPs(),
		quotas:        neutronQuotas,
		consoles:      map[string]consoleFunc{"nova": novaRemoteConsole},
	}
}
