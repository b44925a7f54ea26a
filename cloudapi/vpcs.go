package cloudapi

import (
	"context"
	"iter"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// VPCs lists the VPCs; on OpenStack, which has none, nothing.
func (p *Project) VPCs(ctx context.Context) iter.Seq2[inventory.VPC, error] {
	if vpcs, err := choose(p, provider.VPCs, vpcAPIs); err == nil {
		return vpcs(ctx, p)
	}
	return func(func(inventory.VPC, error) bool) {}
}

var vpcAPIs = map[string]lister[inventory.VPC]{"vpc/v1": vpcV1VPCs}

// vpcV1VPCs is GET /v1/{project_id}/vpcs (VPC API, "Querying VPCs").
func vpcV1VPCs(ctx context.Context, p *Project) iter.Seq2[inventory.VPC, error] {
	return listGranted(ctx, p, serviceVPC, vpcV1, page.Listing[inventory.VPC]{
		Operation: "list_vpcs", Kind: "vpc",
		Resource: "vpcs", Key: "vpcs", Rule: page.ByMarker(provider.VPCPageMax),
		Item: readVPC,
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
