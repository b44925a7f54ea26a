package collector

import (
	"context"
	"errors"
	"iter"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Trial is one cheap call of an API, which shows whether the credential may ask
// that API.
type Trial struct {
	Call
	Title string // what is tried, as a person calls it
	Do    func(context.Context, API) error
}

// What a trial finds without an answer of the API.
var (
	// ErrNothingToTry says that there is no object to try the API on.
	ErrNothingToTry = errors.New("not tried: there is nothing to ask it about")
	// ErrNotNeeded says that the collector works without the API now.
	ErrNotNeeded = errors.New("not needed: the cloud reports what is used")
	// ErrRefused says that the cloud keeps the answer from this credential.
	ErrRefused = errors.New("refused")
)

// Trials returns the trials of the APIs that a collector cannot do without on a
// configured cloud.
func (c *Collector) Trials(cfg config.Cloud) []Trial {
	var all []Trial
	for _, call := range c.Calls(cfg) {
		if call.Dispensable {
			continue
		}
		t := trialOf(call)
		if call.Sometimes {
			t.Do = tryCounting
		}
		all = append(all, t)
	}
	return all
}

func trialOf(call Call) Trial {
	t, ok := trials()[call.Resource]
	if !ok {
		t = Trial{Title: string(call.Resource), Do: func(context.Context, API) error { return ErrNothingToTry }}
	}
	if call.Resource == provider.Availability && call.Per != provider.Page {
		t.Title = "show use of a network"
	}
	t.Call = call
	return t
}

func trials() map[provider.Resource]Trial {
	return map[provider.Resource]Trial{
		provider.VPCs:        {Title: "list VPCs", Do: reaching(API.VPCs)},
		provider.VPCPrefixes: {Title: "list CIDRs of VPCs", Do: reaching(API.VPCPrefixes)},
		provider.Networks:    {Title: "list networks", Do: reaching(API.Networks)},
		provider.Owners: {Title: "read names of projects", Do: func(ctx context.Context, api API) error {
			_, err := api.ProjectNames(ctx)
			return err
		}},
		provider.SubnetPools:  {Title: "list subnet pools", Do: reaching(API.SubnetPools)},
		provider.Subnets:      {Title: "list subnets", Do: reaching(API.Subnets)},
		provider.Availability: {Title: "show use of networks", Do: tryAvailability},
		provider.Ports:        {Title: "list ports", Do: tryPorts},
		provider.Servers:      {Title: "list servers", Do: reaching(API.Servers)},
		provider.ServerAddresses: {Title: "list IPs of a server", Do: asking(API.Servers, func(ctx context.Context, api API, s inventory.Server) error {
			_, err := api.ServerAddresses(ctx, s.ID.String())
			return err
		})},
		provider.AddressGroups: {Title: "list address groups", Do: reaching(API.AddressGroups)},
		provider.PrivateIPs: {Title: "list private IPs", Do: asking(API.Subnets, func(ctx context.Context, api API, s inventory.Subnet) error {
			return reach(api.PrivateIPs(ctx, s.ID.String()))
		})},
		provider.SubInterfaces: {Title: "list sub-interfaces", Do: reaching(API.SubInterfaces)},
		provider.PublicIPs:     {Title: "list public IPs", Do: reaching(API.PublicIPs)},
		provider.PublicIPPools: {Title: "list pools of public IPs", Do: reaching(API.PublicIPPools)},
		provider.SubnetTags: {Title: "read tags of subnets", Do: asking(API.Subnets, func(ctx context.Context, api API, s inventory.Subnet) error {
			return reach(api.SubnetTags(ctx, []inventory.ID{s.ID}))
		})},
		provider.Quotas: {Title: "show quotas", Do: reaching(API.Quotas)},
	}
}

func reaching[T any](list func(API, context.Context) iter.Seq2[T, error]) func(context.Context, API) error {
	return func(ctx context.Context, api API) error { return reach(list(api, ctx)) }
}

// asking tries what is asked about one item of a listing, which has a trial of its own.
func asking[T any](list func(API, context.Context) iter.Seq2[T, error], ask func(context.Context, API, T) error) func(context.Context, API) error {
	return func(ctx context.Context, api API) error {
		for item, err := range list(api, ctx) {
			if err == nil {
				return ask(ctx, api, item)
			}
			if !apierr.Is[*apierr.ItemError](err) {
				break
			}
		}
		return ErrNothingToTry
	}
}

func tryPorts(ctx context.Context, api API) error { return reach(api.PortsInParts(ctx, nil)) }

// reach reads a listing until its first item or its end.
func reach[T any](items iter.Seq2[T, error]) error {
	for _, err := range items {
		if !apierr.Is[*apierr.ItemError](err) {
			return err
		}
	}
	return nil
}

// tryAvailability asks about the first IPv4 subnet. A refusal is not an error
// of the API: it leaves the subnet out of the answer.
func tryAvailability(ctx context.Context, api API) error {
	for s, err := range api.Subnets(ctx) {
		if err != nil || s.IPVersion() != "4" {
			continue
		}
		reported, err := api.Availability(ctx, []inventory.Subnet{s})
		if err != nil {
			return err
		}
		if _, ok := reported.BySubnet[s.NeutronID]; !ok && !reported.Gone[s.NetworkID] {
			return ErrRefused
		}
		return nil
	}
	return ErrNothingToTry
}

// tryCounting lists ports when there is a subnet whose use the cloud does not
// report: where its figures are those of IPv4 alone, every IPv6 one; where there are
// allocation pools, what is left in them.
func tryCounting(ctx context.Context, api API) error {
	unreported := errors.Is(tryAvailability(ctx, api), ErrRefused)
	ipv4Only := provider.Named(api.Provider()).IPv4UsageOnly
	for s, err := range api.Subnets(ctx) {
		if unreported {
			break
		}
		unreported = err == nil && (ipv4Only && s.IPVersion() == "6" || len(s.Pools) > 0)
	}
	if !unreported {
		return ErrNotNeeded
	}
	return tryPorts(ctx, api)
}
