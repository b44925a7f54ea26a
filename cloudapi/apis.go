package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// resources is what one API serves; what it does not serve is nil.
type resources struct {
	vpcs          func(context.Context, *Project) iter.Seq2[inventory.VPC, error]
	subnets       func(context.Context, *Project) iter.Seq2[inventory.Subnet, error]
	availability  func(context.Context, *Project, []inventory.Subnet) (Availabilities, error)
	ports         func(context.Context, *Project, portQuery) iter.Seq2[inventory.Port, error]
	servers       serversAPI
	addressGroups addressGroupsAPI
	privateIPs    privateIPsAPI
	quotas        func(context.Context, *Project) iter.Seq2[inventory.Quota, error]
	console       func(ctx context.Context, p *Project, serverID string) (Console, error)
}

// apis are all APIs by the name that package provider gives them.
var apis = map[string]resources{
	"vpc/v1":          {vpcs: vpcV1VPCs, subnets: vpcV1Subnets, ports: vpcV1Ports, privateIPs: vpcV1PrivateIPs(), quotas: vpcV1Quotas},
	"vpc/v3":          {addressGroups: vpcV3AddressGroups()},
	"neutron":         {subnets: neutronSubnets, availability: availabilityList, ports: neutronPorts, addressGroups: neutronAddressGroups(), privateIPs: neutronPrivateIPs(), quotas: neutronQuotas},
	"neutron/network": {availability: availabilityByNetwork},
	"nova":            {servers: novaServers()},
	"nova/2.1":        {console: novaSerialAction},
	"nova/2.6":        {console: novaRemoteConsole},
	"bms":             {servers: bmsServers(), console: bmsRemoteConsole},
	"workspace":       {ports: workspacePorts},
}

// api returns the API that serves a resource by the configuration. Where there
// is none, it serves nothing.
func (p *Project) api(r provider.Resource) resources {
	chosen, _ := p.Config().API(r)
	return apis[chosen.Name]
}

func (c *Cloud) provider() *provider.Provider { return provider.Named(c.cfg.Provider) }

func (p *Project) provider() *provider.Provider { return p.cloud.provider() }

// errNone says that the provider has no such resource.
func (p *Project) errNone(what string) error {
	return fmt.Errorf("%s %s: %w", p.Provider(), what, errors.ErrUnsupported)
}
