package cloudapi

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/netip"
	"net/url"
	"slices"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/inventory"
)

// neutronPrivateIPs makes private IPs of Neutron ports without a device: /v2.0/ports
// and /v2.0/ports/{id} (Networking API v2.0). The port's id is that of the
// private IP, and its Neutron subnet that of the subnet.
func neutronPrivateIPs() privateIPsAPI {
	return privateIPsAPI{list: neutronListPrivateIPs, one: neutronPrivateIP, assign: neutronAssign, release: neutronRelease}
}

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

// readPortIPs reads a port as one private IP for each of its addresses.
func readPortIPs(s *page.Scanner) []inventory.PrivateIP {
	return privateIPsOf(new(portReader).read(s, nil)[0])
}

func privateIPsOf(port inventory.Port) []inventory.PrivateIP {
	var ips []inventory.PrivateIP
	for _, f := range port.Fixed {
		ips = append(ips, inventory.PrivateIP{
			ID: port.ID, SubnetID: f.SubnetID, Status: port.Status, Owner: port.Owner, Addr: f.Addr,
		})
	}
	return ips
}

func neutronPrivateIP(ctx context.Context, p *Project, path string) (ownedIP, error) {
	return page.GetItem(ctx, page.Object{
		At:        p.at(p.provider().Neutron, neutronVersion),
		Operation: "get_private_ip", Kind: "port",
		Path: "ports/" + path, Key: "port",
	}, func(s *page.Scanner, ips []ownedIP) []ownedIP {
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
	err = page.Object{
		At:        p.at(p.provider().Neutron, neutronVersion),
		Operation: "assign_private_ip", Kind: "port",
		Path: "ports", Body: body, Key: "port",
		Read: func(s *page.Scanner) {
			if assigned = addressOf(s, readPortIPs(s), id, addr); assigned.ID.IsZero() {
				s.Refuse(errors.New("it has no id"))
			}
		},
	}.Post(ctx)
	return assigned, err
}

func neutronRelease(ctx context.Context, p *Project, path string) error {
	return page.Object{
		At:        p.at(p.provider().Neutron, neutronVersion),
		Operation: "release_private_ip", Path: "ports/" + path,
	}.Delete(ctx)
}
