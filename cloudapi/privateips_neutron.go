package cloudapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"net/url"
	"slices"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// neutronListPrivateIPs lists every address of the subnet that a port holds.
func neutronListPrivateIPs(ctx context.Context, p *Project, subnetID string) iter.Seq2[inventory.PrivateIP, error] {
	subnet, reader := inventory.ParseID(subnetID), new(portReader)
	return neutronHeld(ctx, p, url.Values{"fixed_ips": {"subnet_id=" + subnetID}}, func(s *page.Scanner, ips []inventory.PrivateIP) []inventory.PrivateIP {
		for _, ip := range privateIPsOf(reader.read(s, nil)[0]) {
			if ip.SubnetID == subnet {
				ips = append(ips, ip)
			}
		}
		return ips
	})
}

// privateIPsOf is a port as one private IP for each of its addresses.
func privateIPsOf(port inventory.Port) []inventory.PrivateIP {
	var ips []inventory.PrivateIP
	for _, f := range port.Fixed {
		ips = append(ips, inventory.PrivateIP{
			ID: port.ID, SubnetID: f.SubnetID, Status: port.Status, Owner: port.Owner, Addr: f.Addr,
		})
	}
	return ips
}

func neutronPrivateIP(ctx context.Context, p *Project, id string) (ownedIP, error) {
	o := p.neutron("GET /v2.0/ports/{id}", id)
	o.Operation, o.Kind, o.Key = "get_private_ip", "port", "port"
	return page.GetItem(ctx, o, func(s *page.Scanner, ips []ownedIP) []ownedIP {
		port := new(portReader).read(s, nil)[0]
		ip := addressOf(s, privateIPsOf(port), "", netip.Addr{})
		return append(ips, ownedIP{ip, port.ProjectID})
	})
}

// addressOf is the one of a port's addresses that was asked for, else one in the
// subnet, else the first: networks add addresses of their own to a port.
func addressOf(s *page.Scanner, all []inventory.PrivateIP, subnetID string, addr netip.Addr) inventory.PrivateIP {
	if len(all) == 0 {
		s.Refuse(errors.New("it has no address"))
		return inventory.PrivateIP{}
	}
	subnet := inventory.ParseID(subnetID)
	at := slices.IndexFunc(all, func(ip inventory.PrivateIP) bool { return ip.SubnetID == subnet && ip.Addr == addr })
	if at < 0 {
		at = slices.IndexFunc(all, func(ip inventory.PrivateIP) bool { return ip.SubnetID == subnet })
	}
	return all[max(at, 0)]
}

func neutronAssign(ctx context.Context, p *Project, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	id := subnet.ID.String()
	project, err := p.Narrow(ctx)
	if err != nil {
		return inventory.PrivateIP{}, err
	}
	type port struct {
		Network     string        `json:"network_id"`
		Project     string        `json:"project_id,omitempty"`
		Description string        `json:"description"`
		FixedIPs    []wireAddress `json:"fixed_ips"`
	}
	body, err := json.Marshal(map[string]port{"port": {
		Network: subnet.NetworkID.String(), Project: project, Description: intent,
		FixedIPs: []wireAddress{{Subnet: id, Address: addr}},
	}})
	if err != nil {
		return inventory.PrivateIP{}, err
	}
	var assigned inventory.PrivateIP
	o := p.neutron("POST /v2.0/ports", "")
	o.Operation, o.Kind, o.Key, o.Body = "assign_private_ip", "port", "port", body
	o.Read = func(s *page.Scanner) {
		if assigned = addressOf(s, privateIPsOf(new(portReader).read(s, nil)[0]), id, addr); assigned.ID.IsZero() {
			s.Refuse(errors.New("it has no id"))
		}
	}
	err = o.Post(ctx)
	return assigned, err
}

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
		reader := new(portReader)
		if port := reader.read(s, nil)[0]; reader.description == intent { // a cloud that does not filter sends the others as well
			ips = append(ips, privateIPsOf(port)...)
		}
		return ips
	})
	var none, other inventory.PrivateIP
	var unread error // of an item that may have been it
	for ip, err := range ports {
		switch {
		case errors.Is(err, apierr.ErrAgain):
			other, unread = none, nil
		case apierr.Is[*apierr.ItemError](err):
			unread = err
		case err != nil:
			return none, false, err
		case ip.Addr == addr:
			return ip, true, nil
		default:
			other = ip
		}
	}
	if unread == nil && !other.ID.IsZero() {
		return none, false, fmt.Errorf("find port of intent %s: port %s bears it and holds %s, not %s: look at it", intent, text.Quote(other.ID.String()), other.Addr, addr)
	}
	return none, false, unread
}

// neutronHeld lists addresses that ports hold: item makes them of the ports that
// the query finds.
func neutronHeld(ctx context.Context, p *Project, query url.Values, item func(*page.Scanner, []inventory.PrivateIP) []inventory.PrivateIP) iter.Seq2[inventory.PrivateIP, error] {
	l := listing[inventory.PrivateIP]{operation: "list_private_ips", kind: "port", key: "ports", query: query, item: item}
	return listBy(ctx, p, provider.Ports, listings[inventory.PrivateIP]{"neutron": l})
}
