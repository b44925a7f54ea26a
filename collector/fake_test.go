package collector

import (
	"context"
	"iter"
	"sync"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// fakeAPI answers from memory and counts the calls.
type fakeAPI struct {
	provider       string
	vpcs           []inventory.VPC
	subnets        []inventory.Subnet
	availabilities cloudapi.Availabilities
	ports          []inventory.Port
	foreignPorts   bool
	servers        []inventory.Server
	addresses      map[string][]inventory.ServerAddress
	groups         []inventory.AddressGroup
	privateIPs     map[string][]inventory.PrivateIP
	quotas         []inventory.Quota

	bad  map[string]int                                      // by listing: unreadable items at its end
	fail map[string]error                                    // by listing or listing/id: how it ends
	hook func(ctx context.Context, listing, id string) error // before each call

	mu    sync.Mutex
	calls map[string]int
}

var _ API = (*fakeAPI)(nil)

func (f *fakeAPI) Provider() string { return f.provider }

func (f *fakeAPI) asked(ctx context.Context, listing, id string) error {
	f.mu.Lock()
	if f.calls == nil {
		f.calls = make(map[string]int)
	}
	f.calls[listing]++
	f.mu.Unlock()
	if f.hook != nil {
		if err := f.hook(ctx, listing, id); err != nil {
			return err
		}
	}
	if err := f.fail[listing+"/"+id]; err != nil {
		return err
	}
	return f.fail[listing]
}

func list[T any](f *fakeAPI, ctx context.Context, listing, id string, items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		end := f.asked(ctx, listing, id)
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		var none T
		for range f.bad[listing] {
			if !yield(none, &apierr.ItemError{Kind: listing, Err: errUnreadable}) {
				return
			}
		}
		if end != nil {
			yield(none, end)
		}
	}
}

func (f *fakeAPI) VPCs(ctx context.Context) iter.Seq2[inventory.VPC, error] {
	return list(f, ctx, "vpcs", "", f.vpcs)
}

func (f *fakeAPI) Subnets(ctx context.Context) iter.Seq2[inventory.Subnet, error] {
	return list(f, ctx, "subnets", "", f.subnets)
}

func (f *fakeAPI) Availability(ctx context.Context, _ []inventory.Subnet) (cloudapi.Availabilities, error) {
	return f.availabilities, f.asked(ctx, "availability", "")
}

func (f *fakeAPI) PortsInParts(ctx context.Context, _ *inventory.Ports) iter.Seq2[inventory.Port, error] {
	return list(f, ctx, "ports", "", f.ports)
}

func (f *fakeAPI) SeesForeignPorts(ctx context.Context, _ inventory.ID) (bool, error) {
	return f.foreignPorts, f.asked(ctx, "foreign ports", "")
}

func (f *fakeAPI) Servers(ctx context.Context) iter.Seq2[inventory.Server, error] {
	return list(f, ctx, "servers", "", f.servers)
}

func (f *fakeAPI) ServerAddresses(ctx context.Context, id string) ([]inventory.ServerAddress, error) {
	return f.addresses[id], f.asked(ctx, "addresses", id)
}

func (f *fakeAPI) AddressGroups(ctx context.Context) iter.Seq2[inventory.AddressGroup, error] {
	return list(f, ctx, "groups", "", f.groups)
}

func (f *fakeAPI) PrivateIPs(ctx context.Context, subnetID string) iter.Seq2[inventory.PrivateIP, error] {
	return list(f, ctx, "privateips", subnetID, f.privateIPs[subnetID])
}

func (f *fakeAPI) Quotas(ctx context.Context) iter.Seq2[inventory.Quota, error] {
	return list(f, ctx, "quotas", "", f.quotas)
}

// huaweiAPI has a dual-stack subnet net-a and a subnet net-b of IPv4 alone.
func huaweiAPI() *fakeAPI {
	return &fakeAPI{
		provider: config.OTC,
		vpcs:     []inventory.VPC{{ID: id("vpc"), Name: "main"}},
		subnets: []inventory.Subnet{
			{ID: id("net-a"), NeutronID: id("a4"), NetworkID: id("net-a"), VPCID: id("vpc"), Prefix: prefix("10.0.0.0/24")},
			{ID: id("net-a"), NeutronID: id("a6"), NetworkID: id("net-a"), VPCID: id("vpc"), Prefix: prefix("2001:db8::/64")},
			{ID: id("net-b"), NeutronID: id("b4"), NetworkID: id("net-b"), VPCID: id("vpc"), Prefix: prefix("10.0.1.0/28")},
		},
		availabilities: told(map[string][2]float64{"a4": {251, 12}, "b4": {11, 11}}),
		ports: []inventory.Port{
			aPort("p1", "net-a", "vm", "compute:a", "ACTIVE", "a4", "10.0.0.5", "a6", "2001:db8::5"),
			aPort("p2", "net-a", "vm", "compute:a", "ACTIVE", "a4", "10.0.0.6"),
			aPort("p3", "net-b", "", "", "DOWN", "b4", "10.0.1.5"),
		},
		privateIPs: map[string][]inventory.PrivateIP{
			"net-a": {{ID: id("i1"), SubnetID: id("net-a"), Status: "ACTIVE"}, {ID: id("i2"), SubnetID: id("net-a"), Status: "DOWN"}},
			"net-b": {{ID: id("i3"), SubnetID: id("net-b"), Status: "DOWN"}},
		},
	}
}

// openStackAPI has two IPv4 subnets and one IPv6 subnet on one network.
func openStackAPI() *fakeAPI {
	pool := func(from, to string) []inventory.Range { return []inventory.Range{{From: addr(from), To: addr(to)}} }
	return &fakeAPI{
		provider: config.OpenStack,
		subnets: []inventory.Subnet{
			{ID: id("s1"), NeutronID: id("s1"), NetworkID: id("n"), Prefix: prefix("10.0.0.0/24"), Pools: pool("10.0.0.2", "10.0.0.254")},
			{ID: id("s2"), NeutronID: id("s2"), NetworkID: id("n"), Prefix: prefix("10.0.1.0/24")},
			{ID: id("s6"), NeutronID: id("s6"), NetworkID: id("n"), Prefix: prefix("2001:db8::/64"), Pools: pool("2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff")},
		},
		availabilities: told(map[string][2]float64{"s1": {253, 255}, "s2": {0, 0}, "s6": {18446744073709551614, 3}}),
		ports: []inventory.Port{
			aPort("p1", "n", "metal", "baremetal:none", "ACTIVE", "s1", "10.0.0.5", "s6", "2001:db8::5"),
			aPort("p2", "n", "vm", "compute:nova", "ACTIVE", "s1", "10.0.0.6"),
			aPort("p3", "n", "vm", "compute:nova", "ACTIVE", "s2", "10.0.1.6"),
		},
		servers: []inventory.Server{{ID: id("metal"), Status: "ACTIVE"}, {ID: id("vm"), Status: "ACTIVE"}},
		addresses: map[string][]inventory.ServerAddress{
			"metal": {{Network: "private", Addr: addr("10.0.0.5")}},
			"vm":    {{Network: "private", Addr: addr("10.0.0.6")}},
		},
	}
}

// told makes availabilities of {total, used} by Neutron subnet id.
func told(figures map[string][2]float64) cloudapi.Availabilities {
	a := cloudapi.Availabilities{BySubnet: make(map[inventory.ID]inventory.Availability), Gone: make(map[inventory.ID]bool)}
	for name, f := range figures {
		a.BySubnet[id(name)] = inventory.Availability{NeutronSubnetID: id(name), Total: f[0], Used: f[1]}
	}
	return a
}
