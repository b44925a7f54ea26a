package cloudapi

import (
	"context"
	"net/url"

	"cloudip_exporter/config"
	"cloudip_exporter/internal/inventory"
)

// PrivateIPByIntent finds the private IP that was assigned with this intent:
// the port with that description (GET /v2.0/ports?description=, Networking API
// v2.0). Only OpenStack keeps the intent; elsewhere it is errors.ErrUnsupported.
func (p *Project) PrivateIPByIntent(ctx context.Context, intent string) (inventory.PrivateIP, bool, error) {
	if p.Provider() != config.OpenStack {
		return inventory.PrivateIP{}, false, p.errNone("private IPs by intent")
	}
	query, err := p.narrowed(ctx, url.Values{"description": {intent}})
	if err != nil {
		return inventory.PrivateIP{}, false, err
	}
	ports := listAt(ctx, p, neutronVersion, listing[inventory.PrivateIP]{
		service: p.provider().neutron, operation: "list_private_ips", kind: "port",
		resource: "ports", key: "ports", rule: byLink(neutronPageMax), query: query,
		item: func(s *scanner, ips []inventory.PrivateIP) []inventory.PrivateIP {
			return readIntentPort(s, intent, ips)
		},
	})
	for ip, err := range ports {
		if err != nil {
			return inventory.PrivateIP{}, false, err
		}
		return ip, true, nil
	}
	return inventory.PrivateIP{}, false, nil
}

// readIntentPort keeps the first address of a port with the description. A
// cloud that does not filter sends the others as well.
func readIntentPort(s *scanner, intent string, ips []inventory.PrivateIP) []inventory.PrivateIP {
	var ip inventory.PrivateIP
	var fixed []inventory.FixedIP
	ours := false
	s.object(func(key []byte) {
		switch string(key) {
		case "id":
			ip.ID = s.itemID()
		case "status":
			ip.Status = s.shared()
		case "device_owner":
			ip.Owner = s.shared()
		case "description":
			ours = s.str() == intent
		case "fixed_ips":
			fixed = new(portReader).fixedIPs(s)
		default:
			s.skip()
		}
	})
	if !ours || len(fixed) == 0 {
		return ips
	}
	ip.SubnetID, ip.Addr = fixed[0].SubnetID, fixed[0].Addr
	return append(ips, ip)
}
