package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"net/url"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
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
		if ip, description := readNamedPort(s); description == intent { // a cloud that does not filter sends the others as well
			ips = append(ips, privateIPsOf(ip)...)
		}
		return ips
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

// neutronHeld lists addresses that ports hold: item makes them of the ports that
// the query finds.
func neutronHeld[T any](ctx context.Context, p *Project, query url.Values, item func(*page.Scanner, []T) []T) iter.Seq2[T, error] {
	query, err := p.narrowed(ctx, query)
	if err != nil {
		return failed[T](err)
	}
	return listAt(ctx, p, p.provider().Neutron, neutronVersion, page.Listing[T]{
		Operation: "list_private_ips", Kind: "port",
		Resource: "ports", Key: "ports", Rule: page.ByLink(provider.NeutronPageMax), Query: query, Item: item,
	})
}

// find takes the first that is wanted of a listing. Where there is none, an item
// that could not be read may have been it.
func find[T any](all iter.Seq2[T, error], wanted func(T) bool) (T, bool, error) {
	var unread error
	var none T
	for v, err := range all {
		switch {
		case errors.Is(err, apierr.ErrAgain):
			unread = nil
		case apierr.IsItem(err):
			unread = err
		case err != nil:
			return none, false, err
		case wanted(v):
			return v, true, nil
		}
	}
	return none, false, unread
}

func readNamedPort(s *page.Scanner) (port inventory.Port, description string) {
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			port.ID = s.ItemID()
		case "status":
			port.Status = s.Shared()
		case "device_owner":
			port.Owner = s.Share(s.TextOr(notReadable))
		case "description":
			description = s.Str()
		case "fixed_ips":
			port.Fixed = new(portReader).fixedIPs(s)
		default:
			s.Skip()
		}
	})
	return port, description
}
