package cloudapi

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// PortClaim is an address on a Neutron port, with all that may show who made the
// port.
type PortClaim struct {
	inventory.PrivateIP
	Device inventory.ID
	// Described is true where the answer has a description, even an empty one; a
	// cloud that keeps none leaves it out.
	Described   bool
	Description string
	Created     time.Time // zero where the cloud does not say
}

// PortAt finds the port of this project that holds an address of a Neutron
// subnet (GET /v2.0/ports?fixed_ips=ip_address=, Networking API v2.0), and what
// may show who made it. Only OpenStack has it; elsewhere it is
// errors.ErrUnsupported.
func (p *Project) PortAt(ctx context.Context, subnet inventory.ID, addr netip.Addr) (PortClaim, bool, error) {
	if !p.provider().KeepsIntent {
		return PortClaim{}, false, p.errNone("holders of addresses")
	}
	project, err := p.ID(ctx)
	if err != nil {
		return PortClaim{}, false, err
	}
	all := neutronHeld(ctx, p, url.Values{"fixed_ips": {"ip_address=" + addr.String()}}, func(s *page.Scanner, all []PortClaim) []PortClaim {
		port := readNamedPort(s)
		if !port.ProjectID.IsZero() && port.ProjectID != inventory.ParseID(project) {
			return all // which an administrator sees, and who owns a shared network
		}
		for _, ip := range privateIPsOf(port.Port) {
			all = append(all, PortClaim{ip, port.DeviceID, port.described, port.description, port.created})
		}
		return all
	})
	return find(all, func(h PortClaim) bool {
		return h.SubnetID == subnet && h.Addr == addr // a filter that the cloud does not know is ignored, not refused
	})
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

// namedPort is a port with what its maker wrote.
type namedPort struct {
	inventory.Port
	described   bool // null is no description
	description string
	created     time.Time
}

func readNamedPort(s *page.Scanner) (port namedPort) {
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			port.ID = s.ItemID()
		case "status":
			port.Status = s.Shared()
		case "device_id":
			port.DeviceID = inventory.ParseIDBytes(s.TextOr(notReadable))
		case "device_owner":
			port.Owner = s.Share(s.TextOr(notReadable))
		case "project_id", "tenant_id": // two names of one thing
			if id := s.SharedID(); !id.IsZero() {
				port.ProjectID = id
			}
		case "description":
			port.described = s.Peek() == jsontext.KindString
			port.description = s.Str()
		case "created_at":
			port.created = s.Time()
		case "fixed_ips":
			port.Fixed = new(portReader).fixedIPs(s)
		default:
			s.Skip()
		}
	})
	return port
}
