// Package fakecloud is a project of a cloud in memory. Tests of all packages that
// collect use it, so that a new listing is faked once.
package fakecloud

import (
	"context"
	"errors"
	"iter"
	"maps"
	"sync"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// ErrUnreadable is why an item of Bad cannot be read.
var ErrUnreadable = errors.New("id is a number")

// Estate is what a project holds.
type Estate struct {
	VPCs             []inventory.VPC
	VPCPrefixes      []inventory.VPCPrefixes
	SubnetPools      []inventory.SubnetPool
	Networks         []inventory.Network
	ProjectNames     map[inventory.ID]string
	Subnets          []inventory.Subnet
	Availability     cloudapi.Availabilities
	Ports            []inventory.Port
	SeesForeignPorts bool
	Servers          []inventory.Server
	ServerAddresses  map[string][]inventory.ServerAddress // by server; nil: those of Servers
	AddressGroups    []inventory.AddressGroup
	PrivateIPs       map[string][]inventory.PrivateIP // by subnet
	SubInterfaces    []inventory.SubInterface
	PublicIPs        []inventory.PublicIP
	PublicIPPools    []inventory.PublicIPPool
	SubnetTags       []inventory.SubnetTags
	Quotas           []inventory.Quota
}

// Project answers from memory and counts the calls. Calls go by the name of the
// resource that is asked for, or "foreign ports".
type Project struct {
	On  string // the provider
	Has Estate
	// Now, where it is set, makes the estate at each call.
	Now  func() Estate
	Bad  map[string]int                                   // unreadable items at the end of a listing
	Fail map[string]error                                 // by call, or by call/id: how it ends
	Hook func(ctx context.Context, call, id string) error // before each call; may be nil

	mu    sync.Mutex
	calls map[string]int
}

// Calls returns how often each call was made.
func (p *Project) Calls() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.calls)
}

// Provider is the provider of the project's cloud.
func (p *Project) Provider() string { return p.On }

func (p *Project) estate() Estate {
	if p.Now != nil {
		return p.Now()
	}
	return p.Has
}

// asked counts a call and returns how it ends.
func (p *Project) asked(ctx context.Context, call, id string) error {
	p.mu.Lock()
	if p.calls == nil {
		p.calls = make(map[string]int)
	}
	p.calls[call]++
	p.mu.Unlock()
	if p.Hook != nil {
		if err := p.Hook(ctx, call, id); err != nil {
			return err
		}
	}
	if err := p.Fail[call+"/"+id]; err != nil {
		return err
	}
	return p.Fail[call]
}

// list is a listing: its items, those that cannot be read, and how it ends.
func list[T any](ctx context.Context, p *Project, r provider.Resource, id string, items func(Estate) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		call := string(r)
		found := items(p.estate())
		end := p.asked(ctx, call, id)
		for _, item := range found {
			if !yield(item, nil) {
				return
			}
		}
		var none T
		for range p.Bad[call] {
			if !yield(none, &apierr.ItemError{Kind: call, Err: ErrUnreadable}) {
				return
			}
		}
		if end != nil {
			yield(none, end)
		}
	}
}

// VPCs lists the VPCs.
func (p *Project) VPCs(ctx context.Context) iter.Seq2[inventory.VPC, error] {
	return list(ctx, p, provider.VPCs, "", func(e Estate) []inventory.VPC { return e.VPCs })
}

// VPCPrefixes lists the CIDRs of the VPCs.
func (p *Project) VPCPrefixes(ctx context.Context) iter.Seq2[inventory.VPCPrefixes, error] {
	return list(ctx, p, provider.VPCPrefixes, "", func(e Estate) []inventory.VPCPrefixes { return e.VPCPrefixes })
}

// Networks lists the networks.
func (p *Project) Networks(ctx context.Context) iter.Seq2[inventory.Network, error] {
	return list(ctx, p, provider.Networks, "", func(e Estate) []inventory.Network { return e.Networks })
}

// ProjectNames returns the names of projects.
func (p *Project) ProjectNames(ctx context.Context) (map[inventory.ID]string, error) {
	return p.estate().ProjectNames, p.asked(ctx, string(provider.Owners), "")
}

// SubnetPools lists the subnet pools.
func (p *Project) SubnetPools(ctx context.Context) iter.Seq2[inventory.SubnetPool, error] {
	return list(ctx, p, provider.SubnetPools, "", func(e Estate) []inventory.SubnetPool { return e.SubnetPools })
}

// Subnets lists the subnets.
func (p *Project) Subnets(ctx context.Context) iter.Seq2[inventory.Subnet, error] {
	return list(ctx, p, provider.Subnets, "", func(e Estate) []inventory.Subnet { return e.Subnets })
}

// Availability returns the figures of all subnets, whichever are asked about.
func (p *Project) Availability(ctx context.Context, _ []inventory.Subnet) (cloudapi.Availabilities, error) {
	return p.estate().Availability, p.asked(ctx, string(provider.Availability), "")
}

// PortsInParts lists the ports in one piece.
func (p *Project) PortsInParts(ctx context.Context, _ *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return list(ctx, p, provider.Ports, "", func(e Estate) []inventory.Port { return e.Ports })
}

// SeesForeignPorts reports what the estate says of every network.
func (p *Project) SeesForeignPorts(ctx context.Context, _ inventory.ID) (bool, error) {
	return p.estate().SeesForeignPorts, p.asked(ctx, "foreign ports", "")
}

// Servers lists the servers.
func (p *Project) Servers(ctx context.Context) iter.Seq2[inventory.Server, error] {
	return list(ctx, p, provider.Servers, "", func(e Estate) []inventory.Server { return e.Servers })
}

// ServerAddresses returns the addresses of one server.
func (p *Project) ServerAddresses(ctx context.Context, id string) ([]inventory.ServerAddress, error) {
	end := p.asked(ctx, string(provider.ServerAddresses), id)
	e := p.estate()
	if e.ServerAddresses == nil {
		for _, s := range e.Servers {
			if s.ID.String() == id {
				return s.Addresses, end
			}
		}
	}
	return e.ServerAddresses[id], end
}

// AddressGroups lists the address groups.
func (p *Project) AddressGroups(ctx context.Context) iter.Seq2[inventory.AddressGroup, error] {
	return list(ctx, p, provider.AddressGroups, "", func(e Estate) []inventory.AddressGroup { return e.AddressGroups })
}

// PrivateIPs lists the private IPs of one subnet.
func (p *Project) PrivateIPs(ctx context.Context, subnetID string) iter.Seq2[inventory.PrivateIP, error] {
	return list(ctx, p, provider.PrivateIPs, subnetID, func(e Estate) []inventory.PrivateIP { return e.PrivateIPs[subnetID] })
}

// SubInterfaces lists the sub-interfaces.
func (p *Project) SubInterfaces(ctx context.Context) iter.Seq2[inventory.SubInterface, error] {
	return list(ctx, p, provider.SubInterfaces, "", func(e Estate) []inventory.SubInterface { return e.SubInterfaces })
}

// PublicIPs lists the public IPs.
func (p *Project) PublicIPs(ctx context.Context) iter.Seq2[inventory.PublicIP, error] {
	return list(ctx, p, provider.PublicIPs, "", func(e Estate) []inventory.PublicIP { return e.PublicIPs })
}

// PublicIPPools lists the pools of public IPs.
func (p *Project) PublicIPPools(ctx context.Context) iter.Seq2[inventory.PublicIPPool, error] {
	return list(ctx, p, provider.PublicIPPools, "", func(e Estate) []inventory.PublicIPPool { return e.PublicIPPools })
}

// SubnetTags tells the tags of all subnets, whichever are asked about.
func (p *Project) SubnetTags(ctx context.Context, _ []inventory.ID) iter.Seq2[inventory.SubnetTags, error] {
	return list(ctx, p, provider.SubnetTags, "", func(e Estate) []inventory.SubnetTags { return e.SubnetTags })
}

// Quotas lists the quotas.
func (p *Project) Quotas(ctx context.Context) iter.Seq2[inventory.Quota, error] {
	return list(ctx, p, provider.Quotas, "", func(e Estate) []inventory.Quota { return e.Quotas })
}
