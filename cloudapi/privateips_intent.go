package cloudapi

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// PrivateIPByIntent finds the private IP that was assigned with this intent:
// the port with that description (GET /v2.0/ports?description=, Networking API
// v2.0) that holds the address. Only OpenStack keeps the intent; elsewhere it is
// errors.ErrUnsupported. A description can be copied: a port that has it without
// the address decides nothing, and is an error.
func (p *Project) PrivateIPByIntent(ctx context.Context, intent string, addr netip.Addr) (inventory.PrivateIP, bool, error) {
	if !p.provider().KeepsIntent {
		return inventory.PrivateIP{}, false, p.errNone("private IPs by intent")
	}
	ports := neutronHeld(ctx, p, url.Values{"description": {intent}}, func(s *page.Scanner, ips []inventory.PrivateIP) []inventory.PrivateIP {
		return readIntentPort(s, intent, ips)
	})
	var other inventory.PrivateIP
	ip, found, err := find(ports, func(ip inventory.PrivateIP) bool {
		if ip.Addr != addr {
			other = ip
		}
		return ip.Addr == addr
	})
	if err == nil && !found && !other.ID.IsZero() {
		err = fmt.Errorf("find port of intent %s: port %s bears it and holds %s, not %s: look at it", intent, text.Quote(other.ID.String()), other.Addr, addr)
	}
	return ip, found, err
}

// readIntentPort keeps the addresses of a port with the description. A cloud
// that does not filter sends the others as well.
func readIntentPort(s *page.Scanner, intent string, ips []inventory.PrivateIP) []inventory.PrivateIP {
	port := readNamedPort(s)
	if port.description != intent {
		return ips
	}
	return append(ips, privateIPsOf(port.Port)...)
}
