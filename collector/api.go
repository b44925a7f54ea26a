package collector

import (
	"context"
	"iter"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/inventory"
)

// API is what collectors ask of one project of a cloud. *cloudapi.Project is
// one. A listing yields items, and (zero, *apierr.ItemError) for an item that
// cannot be read; any other error ends it.
type API interface {
	Provider() string
	VPCs(context.Context) iter.Seq2[inventory.VPC, error]
	VPCPrefixes(context.Context) iter.Seq2[inventory.VPCPrefixes, error]
	Networks(context.Context) iter.Seq2[inventory.Network, error]
	ProjectNames(context.Context) (map[inventory.ID]string, error)
	SubnetPools(context.Context) iter.Seq2[inventory.SubnetPool, error]
	Subnets(context.Context) iter.Seq2[inventory.Subnet, error]
	Availability(context.Context, []inventory.Subnet) (cloudapi.Availabilities, error)
	PortsInParts(ctx context.Context, last *inventory.Ports) iter.Seq2[inventory.Port, error]
	SeesForeignPorts(ctx context.Context, network inventory.ID) (bool, error)
	Servers(context.Context) iter.Seq2[inventory.Server, error]
	ServerAddresses(ctx context.Context, id string) ([]inventory.ServerAddress, error)
	AddressGroups(context.Context) iter.Seq2[inventory.AddressGroup, error]
	PrivateIPs(ctx context.Context, subnetID string) iter.Seq2[inventory.PrivateIP, error]
	SubInterfaces(context.Context) iter.Seq2[inventory.SubInterface, error]
	PublicIPs(context.Context) iter.Seq2[inventory.PublicIP, error]
	PublicIPPools(context.Context) iter.Seq2[inventory.PublicIPPool, error]
	SubnetTags(ctx context.Context, subnets []inventory.ID) iter.Seq2[inventory.SubnetTags, error]
	Quotas(context.Context) iter.Seq2[inventory.Quota, error]
}
