package cloudapi

import (
	"context"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// PublicIPs lists the public IPs of the project.
func (p *Project) PublicIPs(ctx context.Context) iter.Seq2[inventory.PublicIP, error] {
	return listBy(ctx, p, provider.PublicIPs, publicIPAPIs)
}

var publicIPAPIs = map[string]lister[inventory.PublicIP]{"eip/v3": vpcPublicIPs, "neutron": neutronPublicIPs}

// PublicIPsOf lists the public IPs that point at a port.
func (p *Project) PublicIPsOf(ctx context.Context, port string) iter.Seq2[netip.Addr, error] {
	query := url.Values{"port_id": {port}}
	ips := vpcV1PublicIPs(ctx, p, query)
	if !p.provider().Has(provider.PrivateIPs) {
		ips = listAt(ctx, p, p.provider().Neutron, neutronVersion, floatingIPs(query))
	}
	return func(yield func(netip.Addr, error) bool) {
		pointing := func(ip inventory.PublicIP) bool { return ip.PortID == inventory.ParseID(port) }
		for ip, err := range only(ips, pointing) {
			if !yield(ip.Addr, err) {
				return
			}
		}
	}
}

// vpcPublicIPs lists EIPs by v3, which names their pools, or by v1 where v3 is refused
// or not there; then from then on by v1.
func vpcPublicIPs(ctx context.Context, p *Project) iter.Seq2[inventory.PublicIP, error] {
	if p.withoutEIPv3.Load() {
		return vpcV1PublicIPs(ctx, p, nil)
	}
	return func(yield func(inventory.PublicIP, error) bool) {
		begun := false
		for ip, err := range vpcV3PublicIPs(ctx, p) {
			if !begun && isRefused(err) {
				p.withoutEIPv3.Store(apierr.IsStatus(err, http.StatusNotFound))
				vpcV1PublicIPs(ctx, p, nil)(yield)
				return
			}
			if begun = true; !yield(ip, err) {
				return
			}
		}
	}
}

// vpcV3PublicIPs is GET /v3/{project_id}/eip/publicips (EIP API v3, "Querying EIPs"). It
// lists those of all enterprise projects that the credential may see; there the key
// takes ids alone.
func vpcV3PublicIPs(ctx context.Context, p *Project) iter.Seq2[inventory.PublicIP, error] {
	query := url.Values{"fields": {
		"id", "ip_version", "type", "public_ip_address", "public_ipv6_address", "status", "vnic", "associate_instance_type",
		"associate_instance_id", "publicip_pool_name",
	}}
	if one := p.cloud.cfg.EnterpriseProject; one != "" {
		query.Set(enterpriseProjects, one)
	}
	return listAt(ctx, p, serviceVPC, vpcV3, page.Listing[inventory.PublicIP]{
		Operation: "list_public_ips", Kind: "public IP", Query: query,
		Resource: "eip/publicips", Key: "publicips", Rule: page.ByPageInfo(provider.VPCPageMax),
		Item: readEIP,
	})
}

// vpcV1PublicIPs is GET /v1/{project_id}/publicips (EIP API, "Querying EIPs").
func vpcV1PublicIPs(ctx context.Context, p *Project, query url.Values) iter.Seq2[inventory.PublicIP, error] {
	return listGranted(ctx, p, serviceVPC, vpcV1, page.Listing[inventory.PublicIP]{
		Operation: "list_public_ips", Kind: "public IP", Query: query,
		Resource: "publicips", Key: "publicips", Rule: page.ByMarker(provider.VPCPageMax), Item: readEIP,
	})
}

// neutronPublicIPs lists the floating IPs of the project.
func neutronPublicIPs(ctx context.Context, p *Project) iter.Seq2[inventory.PublicIP, error] {
	return listNeutron(ctx, p, floatingIPs(url.Values{"fields": {
		"id", "floating_ip_address", "fixed_ip_address", "floating_network_id", "port_id", "status", "port_forwardings",
	}}))
}

// floatingIPs is GET /v2.0/floatingips (Networking API v2.0, "List floating IPs").
func floatingIPs(query url.Values) page.Listing[inventory.PublicIP] {
	return page.Listing[inventory.PublicIP]{
		Operation: "list_public_ips", Kind: "public IP", Query: query,
		Resource: "floatingips", Key: "floatingips", Rule: page.ByLink(provider.NeutronPageMax), Item: readFloatingIP,
	}
}

// usedStatuses are those of EIPs that something uses.
func usedStatuses() []string { return []string{"ACTIVE", "ELB", "VPN"} }

// readEIP reads an EIP of v1, or of v3, which has what it points at in vnic.
func readEIP(s *page.Scanner, ips []inventory.PublicIP) []inventory.PublicIP {
	var ip inventory.PublicIP
	var v6 netip.Addr
	var kind, version string
	var instance bool
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			ip.ID = s.ItemID()
		case "status":
			ip.Status = s.Shared()
		case "type":
			kind = s.Shared()
		case "publicip_pool_name":
			ip.Pool = s.Shared()
		case "ip_version":
			version = readIPVersion(s)
		case "public_ip_address":
			s.Detail(func() { ip.Addr = s.Addr() })
		case "public_ipv6_address":
			s.Detail(func() { v6 = s.Addr() })
		case "private_ip_address", "port_id":
			readTarget(s, string(key), &ip)
		case "vnic":
			s.Detail(func() { s.Object(func(key []byte) { readTarget(s, string(key), &ip) }) })
		case "associate_instance_id":
			instance = len(s.TextOr(notReadable)) > 0
		}
	})
	if v6.IsValid() && (version == "6" || !ip.Addr.IsValid()) {
		ip.Addr = v6
	}
	if ip.Pool == "" {
		ip.Pool = kind
	}
	ip.Attached = instance || !ip.PortID.IsZero() || ip.Private.IsValid() || slices.Contains(usedStatuses(), ip.Status)
	return append(ips, ip)
}

// readTarget reads a field of what a public IP points at.
func readTarget(s *page.Scanner, key string, ip *inventory.PublicIP) {
	switch key {
	case "private_ip_address", "fixed_ip_address":
		s.Detail(func() { ip.Private = s.Addr() })
	case "port_id":
		ip.PortID = s.ID()
	}
}

// readFloatingIP reads a floating IP. One with port forwardings points at no port and
// is used all the same.
func readFloatingIP(s *page.Scanner, ips []inventory.PublicIP) []inventory.PublicIP {
	var ip inventory.PublicIP
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			ip.ID = s.ItemID()
		case "status":
			ip.Status = s.Shared()
		case "floating_network_id":
			ip.Pool = s.Shared()
		case "floating_ip_address":
			s.Detail(func() { ip.Addr = s.Addr() })
		case "port_forwardings":
			s.Detail(func() { s.Array(func() { ip.Attached = true }) })
		default:
			readTarget(s, string(key), &ip)
		}
	})
	ip.Attached = ip.Attached || !ip.PortID.IsZero()
	return append(ips, ip)
}

// PublicIPPools lists the pools of public IPs that the project may use.
func (p *Project) PublicIPPools(ctx context.Context) iter.Seq2[inventory.PublicIPPool, error] {
	return listBy(ctx, p, provider.PublicIPPools, poolAPIs)
}

var poolAPIs = map[string]lister[inventory.PublicIPPool]{"eip/v3": vpcV3Pools}

// vpcV3Pools is GET /v3/{project_id}/eip/publicip-pools (EIP API v3).
func vpcV3Pools(ctx context.Context, p *Project) iter.Seq2[inventory.PublicIPPool, error] {
	return listAt(ctx, p, serviceVPC, vpcV3, page.Listing[inventory.PublicIPPool]{
		Operation: "list_public_ip_pools", Kind: "pool of public IPs",
		Resource: "eip/publicip-pools", Key: "publicip_pools", Rule: page.ByPageInfo(provider.VPCPageMax),
		Item: func(s *page.Scanner, pools []inventory.PublicIPPool) []inventory.PublicIPPool {
			var pool inventory.PublicIPPool
			s.Object(func(key []byte) {
				switch string(key) {
				case "id":
					pool.ID = s.ItemID()
				case "name":
					pool.Name = s.Str()
				case "size":
					pool.Size = s.Number(0)
				case "used":
					pool.Used = s.Number(0)
				}
			})
			return append(pools, pool)
		},
	})
}
