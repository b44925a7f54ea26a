package cloudapi

import (
	"testing"

	"cloudip_exporter/provider"
)

func TestEveryAPIOfAProviderIsThere(t *testing.T) {
	for _, p := range provider.All() {
		for _, a := range p.Resources {
			serves := map[provider.Resource]bool{
				provider.VPCs: has(vpcAPIs, a.Name), provider.Subnets: has(subnetAPIs, a.Name), provider.Availability: has(availabilityAPIs, a.Name),
				provider.VPCPrefixes: has(vpcPrefixAPIs, a.Name), provider.SubnetPools: has(subnetPoolAPIs, a.Name),
				provider.Ports: has(portQuery{}.listings(), a.Name), provider.Servers: has(serverAPIs, a.Name), provider.ServerAddresses: a.Name == "nova",
				provider.AddressGroups: has(addressGroupAPIs, a.Name), provider.PrivateIPs: privateIPAPIs[a.Name].list != nil,
				provider.SubInterfaces: has(subInterfaceAPIs, a.Name), provider.PublicIPs: has(publicIPAPIs, a.Name), provider.PublicIPPools: has(poolAPIs, a.Name),
				provider.Networks: has(networkAPIs, a.Name), provider.Owners: a.Name == "iam", provider.SubnetTags: has(subnetTagAPIs, a.Name),
				provider.Quotas: has(quotaAPIs, a.Name), provider.Projects: a.Name == "iam", provider.Console: has(consoleAPIs, a.Name),
				provider.Assignment: privateIPAPIs[a.Name].assign != nil, provider.Release: privateIPAPIs[a.Name].release != nil,
			}
			if !serves[a.Resource] {
				t.Errorf("%s: %s does not serve %s", p.Name, a.Name, a.Resource)
			}
		}
	}
}

func has[F any](apis map[string]F, name string) bool {
	_, ok := apis[name]
	return ok
}
