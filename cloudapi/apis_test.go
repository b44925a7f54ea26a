package cloudapi

import (
	"testing"

	"cloudip_exporter/provider"
)

func TestEveryAPIOfAProviderIsThere(t *testing.T) {
	for _, p := range provider.All() {
		for _, a := range p.Resources {
			have := apis[a.Name]
			serves := map[provider.Resource]bool{
				provider.VPCs: have.vpcs != nil, provider.Subnets: have.subnets != nil, provider.Availability: have.availability != nil,
				provider.Ports: have.ports != nil, provider.Servers: have.servers.list != nil, provider.ServerAddresses: a.Name == "nova",
				provider.AddressGroups: have.addressGroups.list != nil, provider.PrivateIPs: have.privateIPs.list != nil,
				provider.Quotas: have.quotas != nil, provider.Projects: a.Name == "iam", provider.Console: have.console != nil,
				provider.Assignment: have.privateIPs.assign != nil, provider.Release: have.privateIPs.release != nil,
			}
			if !serves[a.Resource] {
				t.Errorf("%s: %s does not serve %s", p.Name, a.Name, a.Resource)
			}
		}
	}
}
