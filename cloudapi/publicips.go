package cloudapi

import (
	"context"
	"iter"
	"net/netip"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// PublicIPsOf lists the public IPs that point at a port: the floating IPs of Neutron
// (GET /v2.0/floatingips?port_id=, Networking API v2.0), the EIPs of VPC v1
// (GET /v1/{project_id}/publicips?port_id=, "Querying EIPs").
func (p *Project) PublicIPsOf(ctx context.Context, port string) iter.Seq2[netip.Addr, error] {
	l := page.Listing[netip.Addr]{
		Operation: "list_public_ips", Kind: "public IP", Query: url.Values{"port_id": {port}},
		Item: func(s *page.Scanner, addrs []netip.Addr) []netip.Addr {
			// A filter that the API does not know is ignored, not refused.
			if a, at := readPublicIP(s); at == inventory.ParseID(port) {
				addrs = append(addrs, a)
			}
			return addrs
		},
	}
	if p.provider().Has(provider.PrivateIPs) {
		l.Resource, l.Key, l.Rule = "publicips", "publicips", page.ByMarker(provider.VPCPageMax)
		return listGranted(ctx, p, serviceVPC, vpcV1, l)
	}
	l.Resource, l.Key, l.Rule = "floatingips", "floatingips", page.ByLink(provider.NeutronPageMax)
	return listAt(ctx, p, p.provider().Neutron, neutronVersion, l)
}

// readPublicIP reads a public IP and the port at which it points. The address may be
// unreadable: that it points at the port is what counts.
func readPublicIP(s *page.Scanner) (addr netip.Addr, port inventory.ID) {
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			s.ItemID()
		case "floating_ip_address", "public_ip_address":
			s.Detail(func() { addr = s.Addr() })
		case "port_id":
			port = s.ID()
		default:
			s.Skip()
		}
	})
	return addr, port
}
