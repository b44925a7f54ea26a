package cloudapi

import (
	"testing"

	"cloudip_exporter/provider"
)

func TestEveryAPIOfAProviderIsThere(t *testing.T) {
	for _, p := range provider.All() {
		for _, a := range p.Resources {
			serves := map[provider.Resource]bool{
				provider.VPCs: vpcAPIs[a.Name] != nil, provider.Subnets: subnetAPIs[a.Name] != nil, provider.Availability: availabilityAPIs[a.Name] != nil,
				provider.VPCPrefixes: vpcPrefixAPIs[a.Name] != nil, provider.SubnetPools: subnetPoolAPIs[a.Name] != nil,
				provider.Ports: portAPIs[a.Name] != nil, provider.Servers: serverAPIs[a.Name].list != nil, provider.ServerAddresses: a.Name == "nova",
				provider.AddressGroups: addressGroupAPIs[a.Name] != nil, provider.PrivateIPs: privateIPAPIs[a.Name].list != nil,
				provider.SubInterfaces: subInterfaceAPIs[a.Name] != nil, provider.PublicIPs: publicIPAPIs[a.Name] != nil, provider.PublicIPPools: poolAPIs[a.Name] != nil,
				provider.Networks: networkAPIs[a.Name] != nil, provider.Owners: a.Name == "iam", provider.SubnetTags: subnetTagAPIs[a.Name] != nil,
				provider.Quotas: quotaAPIs[a.Name] != nil, provider.Projects: a.Name == "iam", provider.Console: consoleAPIs[a.Name] != nil,
				provider.Assignment: privateIPAPIs[a.Name].assign != nil, provider.Release: privateIPAPIs[a.Name].release != nil,
			}
			if !serves[a.Resource] {
				t.Errorf("%s: %s does not serve %s", p.Name, a.Name, a.Resource)
			}
		}
	}
}
