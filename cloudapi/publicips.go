package cloudapi

import (
	"context"
	"iter"
	"net/netip"
	"net/url"
	"slices"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// PublicIPs lists the public IPs of the project: EIPs by v3, which names their pools,
// or by v1 where v3 is refused or not there.
func (p *Project) PublicIPs(ctx context.Context) iter.Seq2[inventory.PublicIP, error] {
	l, api, err := choose(p, provider.PublicIPs, publicIPAPIs)
	if err != nil {
		return failed[inventory.PublicIP](err)
	}
	refused := func(err error) bool { return api.Name == "eip/v3" && isRefused(err) }
	return orElse(l.list(ctx, p, api), refused, p.vpcV1PublicIPs(ctx, nil))
}

// v3 lists those of all enterprise projects that the credential may see; there the key
// takes ids alone.
var publicIPAPIs = listings[inventory.PublicIP]{
	// EIP API v3, "Querying EIPs".
	"eip/v3": {kind: "public IP", key: "publicips", item: readEIP, query: url.Values{"fields": {
		"id", "ip_version", "type", "public_ip_address", "public_ipv6_address", "status", "vnic", "associate_instance_type",
		"associate_instance_id", "publicip_pool_name",
	}}, of: func(_ context.Context, p *Project, l *listing[inventory.PublicIP]) error {
		if one := p.cloud.cfg.EnterpriseProject; one != "" {
			*l = l.with(enterpriseProjects, one)
		}
		return nil
	}},
	// Networking API v2.0, "List floating IPs".
	"neutron": {kind: "public IP", key: "floatingips", item: readFloatingIP, query: url.Values{"fields": {
		"id", "floating_ip_address", "fixed_ip_address", "floating_network_id", "port_id", "status", "port_forwardings",
	}}},
}

// PublicIPsOf lists the public IPs that point at a port.
func (p *Project) PublicIPsOf(ctx context.Context, port string) iter.Seq2[netip.Addr, error] {
	query := url.Values{"port_id": {port}}
	ips := p.vpcV1PublicIPs(ctx, query)
	if l, api, err := choose(p, provider.PublicIPs, publicIPAPIs); err == nil && api.Name == "neutron" {
		l.query = query
		ips = l.listAll(ctx, p, api)
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

// vpcV1PublicIPs lists by v1 of the EIP API, "Querying EIPs".
func (p *Project) vpcV1PublicIPs(ctx context.Context, query url.Values) iter.Seq2[inventory.PublicIP, error] {
	l := listing[inventory.PublicIP]{kind: "public IP", key: "publicips", granted: true, query: query, item: readEIP}
	return l.list(ctx, p, provider.API{
		Resource: provider.PublicIPs, Name: "vpc/v1", Service: "vpc", Call: "GET /v1/{project_id}/publicips", PageMax: provider.VPCPageMax,
	})
}

// readEIP reads an EIP of v1, or of v3, which has what it points at in vnic.
func readEIP(s *page.Scanner, ips []inventory.PublicIP) []inventory.PublicIP {
	var ip inventory.PublicIP
	var v6 netip.Addr
	var kind string
	var six, instance bool
	pointsAt := func(key []byte) {
		switch string(key) {
		case "private_ip_address":
			s.Detail(func() { ip.Private = s.Addr() })
		case "port_id":
			ip.PortID = s.ID()
		}
	}
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
			six = string(s.TextOr("")) == "6"
		case "public_ip_address":
			s.Detail(func() { ip.Addr = s.Addr() })
		case "public_ipv6_address":
			s.Detail(func() { v6 = s.Addr() })
		case "associate_instance_id":
			instance = len(s.TextOr(notReadable)) > 0
		case "vnic":
			s.Detail(func() { s.Object(pointsAt) })
		default:
			pointsAt(key)
		}
	})
	if v6.IsValid() && (six || !ip.Addr.IsValid()) {
		ip.Addr = v6
	}
	if ip.Pool == "" {
		ip.Pool = kind
	}
	ip.Attached = instance || !ip.PortID.IsZero() || ip.Private.IsValid() || slices.Contains([]string{"ACTIVE", "ELB", "VPN"}, ip.Status)
	return append(ips, ip)
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
		case "fixed_ip_address":
			s.Detail(func() { ip.Private = s.Addr() })
		case "port_id":
			ip.PortID = s.ID()
		case "port_forwardings":
			s.Detail(func() { s.Array(func() { ip.Attached = true }) })
		}
	})
	ip.Attached = ip.Attached || !ip.PortID.IsZero()
	return append(ips, ip)
}

// PublicIPPools lists the pools of public IPs that the project may use.
func (p *Project) PublicIPPools(ctx context.Context) iter.Seq2[inventory.PublicIPPool, error] {
	return listBy(ctx, p, provider.PublicIPPools, poolAPIs)
}

var poolAPIs = listings[inventory.PublicIPPool]{
	"eip/v3": {kind: "pool of public IPs", key: "publicip_pools", item: readPool}, // EIP API v3
}

func readPool(s *page.Scanner, pools []inventory.PublicIPPool) []inventory.PublicIPPool {
	var pool inventory.PublicIPPool
	s.Fields(page.Fields{
		{"id", func() { pool.ID = s.ItemID() }},
		{"name", func() { pool.Name = s.Str() }},
		{"size", func() { pool.Size = s.Number(0) }},
		{"used", func() { pool.Used = s.Number(0) }},
	})
	return append(pools, pool)
}
