package cloudapi

import (
	"context"
	"iter"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Services, as endpoints and metrics name them.
const (
	serviceVPC       = "vpc"
	serviceNetwork   = "network"
	serviceCompute   = "compute"
	serviceBMS       = "bms"
	serviceWorkspace = "workspace"
)

// Versions of the APIs as their paths begin. The VPC service has several.
const (
	neutronVersion   = "v2.0"
	vpcV1            = "v1"
	vpcV3            = "v3"
	novaVersion      = "v2.1"
	bmsVersion       = "v1"
	workspaceVersion = "v2"
)

// Largest pages that the APIs serve.
const (
	vpcPageMax       = provider.VPCPageMax // silently
	neutronPageMax   = provider.NeutronPageMax
	novaPageMax      = provider.NovaPageMax
	bmsPageMax       = provider.BMSPageMax
	workspacePageMax = provider.WorkspacePageMax
)

// VPCs lists the VPCs; on OpenStack, which has none, nothing.
func (p *Project) VPCs(ctx context.Context) iter.Seq2[inventory.VPC, error] {
	if vpcs := p.api(provider.VPCs).vpcs; vpcs != nil {
		return vpcs(ctx, p)
	}
	return func(func(inventory.VPC, error) bool) {}
}

// vpcV1VPCs is GET /v1/{project_id}/vpcs (VPC API, "Querying VPCs"). Without
// enterprise_project_id a caller with enterprise projects sees the default one.
func vpcV1VPCs(ctx context.Context, p *Project) iter.Seq2[inventory.VPC, error] {
	return listAt(ctx, p, serviceVPC, vpcV1, page.Listing[inventory.VPC]{
		Operation: "list_vpcs", Kind: "vpc",
		Resource: "vpcs", Key: "vpcs", Rule: page.ByMarker(vpcPageMax),
		Query: url.Values{"enterprise_project_id": {"all_granted_eps"}},
		Item:  readVPC,
	})
}

func readVPC(s *page.Scanner, vpcs []inventory.VPC) []inventory.VPC {
	var v inventory.VPC
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			v.ID = s.ItemID()
		case "name":
			v.Name = s.Str()
		case "cidr":
			v.CIDR = s.Str()
		case "status":
			v.Status = s.Shared()
		default:
			s.Skip()
		}
	})
	return append(vpcs, v)
}
