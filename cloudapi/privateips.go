package cloudapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strings"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// privateIPsAPI is one API that serves private IPs.
type privateIPsAPI struct {
	list   func(ctx context.Context, p *Project, subnetID string) iter.Seq2[inventory.PrivateIP, error]
	one    func(ctx context.Context, p *Project, id string) (ownedIP, error)
	assign func(ctx context.Context, p *Project, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error)
}

var privateIPAPIs = map[string]privateIPsAPI{
	// The VPC API's "Private IP Address".
	"vpc/v1": {list: vpcV1ListPrivateIPs, one: vpcV1PrivateIP, assign: vpcV1Assign},
	// Neutron ports without a device (Networking API v2.0): the port's id is that of the
	// private IP, and its Neutron subnet that of the subnet.
	"neutron": {list: neutronListPrivateIPs, one: neutronPrivateIP, assign: neutronAssign},
}

// privateIPs is the API that serves private IPs; all providers have one.
func (p *Project) privateIPs() privateIPsAPI {
	api, _, _ := choose(p, provider.Assignment, privateIPAPIs)
	return api
}

// PrivateIPs lists the private IPs of one subnet, which is named as Subnet.ID
// names it. A subnet that is not there, or was deleted meanwhile, is the
// cloud's 404.
func (p *Project) PrivateIPs(ctx context.Context, subnetID string) iter.Seq2[inventory.PrivateIP, error] {
	return p.privateIPs().list(ctx, p, subnetID)
}

// ownedIP is a private IP with the project that has it, zero where the cloud
// does not say.
type ownedIP struct {
	inventory.PrivateIP
	project inventory.ID
}

// PrivateIP asks for one private IP of the project. Neutron shows those of other
// projects as well, to administrators and to the owner of a network: they are
// apierr.ErrForeign, but where all of the cloud is watched.
func (p *Project) PrivateIP(ctx context.Context, id string) (inventory.PrivateIP, error) {
	ip, err := p.privateIPs().one(ctx, p, id)
	if err != nil {
		return inventory.PrivateIP{}, err
	}
	if !strings.EqualFold(ip.ID.String(), id) {
		return inventory.PrivateIP{}, fmt.Errorf("get private ip: the cloud answered with %s instead", text.Quote(ip.ID.String()))
	}
	if ip.project.IsZero() { // the path names the project, or the cloud does not say
		return ip.PrivateIP, nil
	}
	all, err := p.AllTenants(ctx)
	if err != nil || all {
		return ip.PrivateIP, err
	}
	home, err := p.ID(ctx)
	if err == nil && ip.project != inventory.ParseID(home) {
		err = fmt.Errorf("private ip %s: %w", text.Quote(id), apierr.ErrForeign)
	}
	return ip.PrivateIP, err
}

// AssignPrivateIP assigns an address of a subnet as its listing has it, with
// the id and the network; the cloud chooses where addr is the zero Addr. The
// request is sent once: after an error that is not a refusal (a *apierr.StatusError
// below 500) it may have been executed all the same.
// The intent names the request to a later reconcile; where the API has room
// for it, on OpenStack, the new port has it as its description.
func (p *Project) AssignPrivateIP(ctx context.Context, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	return p.privateIPs().assign(ctx, p, subnet, addr, intent)
}

// ReleasePrivateIP releases a private IP. It does not ask who uses it.
func (p *Project) ReleasePrivateIP(ctx context.Context, id string) error {
	api, _ := p.Config().API(provider.Release)
	o := p.object(api.Service, api.Call, id)
	o.Operation = "release_private_ip"
	return o.Delete(ctx)
}

func vpcV1ListPrivateIPs(ctx context.Context, p *Project, subnetID string) iter.Seq2[inventory.PrivateIP, error] {
	return listBy(ctx, p, provider.PrivateIPs, listings[inventory.PrivateIP]{"vpc/v1": {
		kind: "private ip", id: subnetID, key: "privateips",
		item: func(s *page.Scanner, ips []inventory.PrivateIP) []inventory.PrivateIP {
			ips = readPrivateIP(s, ips)
			if ip := &ips[len(ips)-1]; ip.SubnetID.IsZero() { // it stands in the path
				ip.SubnetID = inventory.ParseID(subnetID)
			}
			return ips
		},
	}})
}

func vpcV1PrivateIP(ctx context.Context, p *Project, id string) (ownedIP, error) {
	o := p.object("vpc", "GET /v1/{project_id}/privateips/{id}", id)
	o.Operation, o.Kind, o.Key = "get_private_ip", "private ip", "privateip"
	ip, err := page.GetItem(ctx, o, readPrivateIP)
	return ownedIP{PrivateIP: ip}, err
}

func vpcV1Assign(ctx context.Context, p *Project, subnet inventory.Subnet, addr netip.Addr, _ string) (inventory.PrivateIP, error) {
	body, err := assignBody(subnet.ID.String(), addr)
	if err != nil {
		return inventory.PrivateIP{}, err
	}
	var assigned []inventory.PrivateIP
	o := p.object("vpc", "POST /v1/{project_id}/privateips", "")
	o.Operation, o.Kind, o.Key, o.Body = "assign_private_ip", "private ip", "privateips", body
	o.Read = func(s *page.Scanner) {
		s.Array(func() { assigned = readPrivateIP(s, assigned) })
		if len(assigned) != 1 || assigned[0].ID.IsZero() {
			s.Refuse(errors.New("the answer has not exactly the one that was asked for"))
		}
	}
	err = o.Post(ctx)
	if err != nil {
		return inventory.PrivateIP{}, err
	}
	return assigned[0], nil
}

// wireAddress asks for an address of a subnet, or for any where it is zero.
type wireAddress struct {
	Subnet  string     `json:"subnet_id"`
	Address netip.Addr `json:"ip_address,omitzero"`
}

func assignBody(subnetID string, addr netip.Addr) ([]byte, error) {
	return json.Marshal(map[string][]wireAddress{"privateips": {{Subnet: subnetID, Address: addr}}})
}

func readPrivateIP(s *page.Scanner, ips []inventory.PrivateIP) []inventory.PrivateIP {
	var ip inventory.PrivateIP
	s.Object(func(key []byte) {
		switch string(key) {
		case "id":
			ip.ID = s.ItemID()
		case "status":
			ip.Status = s.Shared()
		case "subnet_id":
			ip.SubnetID = s.SharedID()
		case "device_owner":
			ip.Owner = s.Share(s.TextOr(notReadable))
		case "ip_address":
			ip.Addr = s.Addr()
		}
	})
	if !ip.Addr.IsValid() {
		s.Refuse(errors.New("it has no address"))
	}
	return append(ips, ip)
}
