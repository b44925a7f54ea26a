package cloudapi

import (
	"context"
	"net/netip"
	"net/url"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/internal/inventory"
)

// Holding is an address on a Neutron port, with all that may tell whose work
// the port is.
type Holding struct {
	inventory.PrivateIP
	Device      inventory.ID
	Description string    // "" also where the cloud keeps none
	Created     time.Time // zero where the cloud does not tell
}

// HolderOf finds the port of this project that holds an address of a Neutron
// subnet (GET /v2.0/ports?fixed_ips=ip_address=, Networking API v2.0): the way
// to an assignment on a cloud that does not keep descriptions. Only OpenStack
// has it; elsewhere it is errors.ErrUnsupported.
func (p *Project) HolderOf(ctx context.Context, subnet inventory.ID, addr netip.Addr) (Holding, bool, error) {
	if p.Provider() != config.OpenStack {
		return Holding{}, false, p.errNone("holders of addresses")
	}
	project, err := p.ID(ctx)
	if err != nil {
		return Holding{}, false, err
	}
	query, err := p.narrowed(ctx, url.Values{"fixed_ips": {"ip_address=" + addr.String()}})
	if err != nil {
		return Holding{}, false, err
	}
	all := listAt(ctx, p, neutronVersion, listing[Holding]{
		service: p.provider().neutron, operation: "list_private_ips", kind: "port",
		resource: "ports", key: "ports", rule: byLink(neutronPageMax), query: query,
		item: func(s *scanner, all []Holding) []Holding {
			port := readNamedPort(s)
			if !port.ProjectID.IsZero() && port.ProjectID != inventory.ParseID(project) {
				return all // which an administrator sees, and who owns a shared network
			}
			for _, ip := range privateIPsOf(port.Port) {
				// A filter that the cloud does not know is ignored, not refused.
				if ip.SubnetID == subnet && ip.Addr == addr {
					all = append(all, Holding{ip, port.DeviceID, port.description, port.created})
				}
			}
			return all
		},
	})
	for h, err := range all {
		return h, err == nil, err
	}
	return Holding{}, false, nil
}

// namedPort is a port with what its maker wrote.
type namedPort struct {
	inventory.Port
	description string
	created     time.Time
}

func readNamedPort(s *scanner) (port namedPort) {
	s.object(func(key []byte) {
		switch string(key) {
		case "id":
			port.ID = s.itemID()
		case "status":
			port.Status = s.shared()
		case "device_id":
			port.DeviceID = s.ident()
		case "device_owner":
			port.Owner = s.shared()
		case "project_id", "tenant_id": // two names of one thing
			if id := s.sharedIdent(); !id.IsZero() {
				port.ProjectID = id
			}
		case "description":
			port.description = s.str()
		case "created_at":
			port.created = s.time()
		case "fixed_ips":
			port.Fixed = new(portReader).fixedIPs(s)
		default:
			s.skip()
		}
	})
	return port
}
