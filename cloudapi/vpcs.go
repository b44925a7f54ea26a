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
	if !p.provider().Has(provider.VPCs) {
		return func(func(inventory.VPC, error) bool) {}
	}
	return listBy(ctx, p, provider.VPCs, vpcAPIs)
}

var vpcAPIs = listings[inventory.VPC]{
	"vpc/v1": {kind: "vpc", key: "vpcs", granted: true, item: readVPC}, // VPC API, "Querying VPCs"
}

func readVPC(s *page.Scanner, vpcs []inventory.VPC) []inventory.VPC {
	var v inventory.VPC
	s.Fields(page.Fields{
		{"id", func() { v.ID = s.ItemID() }},
		{"name", func() { v.Name = s.Str() }},
		{"cidr", func() { v.CIDR = s.Str() }},
		{"status", func() { v.Status = s.Shared() }},
	})
	return append(vpcs, v)
}

// VPCPrefixes lists the CIDRs of the VPCs, the secondary ones too.
func (p *Project) VPCPrefixes(ctx context.Context) iter.Seq2[inventory.VPCPrefixes, error] {
	return listBy(ctx, p, provider.VPCPrefixes, vpcPrefixAPIs)
}

var vpcPrefixAPIs = listings[inventory.VPCPrefixes]{
	// VPC API v3, "Querying VPCs".
	"vpc/v3": {kind: "vpc", key: "vpcs", granted: true, of: func(ctx context.Context, p *Project, l *listing[inventory.VPCPrefixes]) error {
		own, err := p.ID(ctx)
		l.item = func(s *page.Scanner, all []inventory.VPCPrefixes) []inventory.VPCPrefixes {
			return append(all, readVPCPrefixes(s, own))
		}
		return err
	}},
}

// mostPrefixes is how many CIDRs a VPC or a subnet pool may have. Clouds allow a few.
const mostPrefixes = 1000

// readVPCPrefixes reads a VPC of v3. Where a CIDR cannot be read, or another project has
// the VPC, which shows some of its subnets alone, none is known.
func readVPCPrefixes(s *page.Scanner, own string) (v inventory.VPCPrefixes) {
	known, owner := true, inventory.ID{}
	add := func() {
		p := s.Prefix()
		if known = known && len(v.Prefixes) < mostPrefixes; known && p.Addr().Is4() {
			v.Prefixes = append(v.Prefixes, p)
		}
	}
	s.Fields(page.Fields{
		{"id", func() { v.VPCID = s.ItemID() }},
		{"cidr", func() { known = s.Detail(add) && known }},
		{"extend_cidrs", func() { known = s.Detail(func() { s.Array(add) }) && known }},
		{"project_id", func() { readOwner(s, true, &owner) }},
		{"tenant_id", func() { readOwner(s, false, &owner) }},
	})
	if v.Hidden = !owner.IsZero() && owner != inventory.ParseID(own); v.Hidden || !known {
		v.Prefixes = nil
	}
	return v
}
