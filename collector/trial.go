package collector

import (
	"context"
	"errors"
	"iter"

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

// trialOf returns the trial of a resource.
func trialOf(call Call) Trial {
	trial := func(title string, do func(context.Context, API) error) Trial { return Trial{call, title, do} }
	switch call.Resource {
	case provider.VPCs:
		return trial("list VPCs", func(ctx context.Context, api API) error { return reach(api.VPCs(ctx)) })
	case provider.VPCPrefixes:
		return trial("list CIDRs of VPCs", func(ctx context.Context, api API) error { return reach(api.VPCPrefixes(ctx)) })
	case provider.Networks:
		return trial("list networks", func(ctx context.Context, api API) error { return reach(api.Networks(ctx)) })
	case provider.Owners:
		return trial("read names of projects", func(ctx context.Context, api API) error {
			_, err := api.ProjectNames(ctx)
			return err
		})
	case provider.SubnetPools:
		return trial("list subnet pools", func(ctx context.Context, api API) error { return reach(api.SubnetPools(ctx)) })
	case provider.Subnets:
		return trial("list subnets", func(ctx context.Context, api API) error { return reach(api.Subnets(ctx)) })
	case provider.Availability:
		if call.Per == provider.Page {
			return trial("show use of networks", tryAvailability)
		}
		return trial("show use of a network", tryAvailability)
	case provider.Ports:
		return trial("list ports", func(ctx context.Context, api API) error { return reach(api.PortsInParts(ctx, nil)) })
	case provider.Servers:
		return trial("list servers", func(ctx context.Context, api API) error { return reach(api.Servers(ctx)) })
	case provider.ServerAddresses:
		return trial("list IPs of a server", tryServerAddresses)
	case provider.AddressGroups:
		return trial("list address groups", func(ctx context.Context, api API) error { return reach(api.AddressGroups(ctx)) })
	case provider.PrivateIPs:
		return trial("list private IPs", tryPrivateIPs)
	case provider.SubInterfaces:
		return trial("list sub-interfaces", func(ctx context.Context, api API) error { return reach(api.SubInterfaces(ctx)) })
	case provider.PublicIPs:
		return trial("list public IPs", func(ctx context.Context, api API) error { return reach(api.PublicIPs(ctx)) })
	case provider.PublicIPPools:
		return trial("list pools of public IPs", func(ctx context.Context, api API) error { return reach(api.PublicIPPools(ctx)) })
	case provider.SubnetTags:
		return trial("read tags of subnets", trySubnetTags)
	case provider.Quotas:
		return trial("show quotas", func(ctx context.Context, api API) error { return reach(api.Quotas(ctx)) })
	}
	return trial(string(call.Resource), func(context.Context, API) error { return ErrNothingToTry })
}

// reach reads a listing until its first item or its end.
func reach[T any](items iter.Seq2[T, error]) error {
	_, _, err := first(items)
	return err
}

// first is the first readable item of a listing.
func first[T any](items iter.Seq2[T, error]) (item T, found bool, err error) {
	for v, err := range items {
		if !unreadable(err) {
			return v, err == nil, err
		}
	}
	return item, false, nil
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

func tryServerAddresses(ctx context.Context, api API) error {
	s, found, err := first(api.Servers(ctx))
	if err != nil || !found {
		return ErrNothingToTry // the listing is a trial of its own
	}
	_, err = api.ServerAddresses(ctx, s.ID.String())
	return err
}

func trySubnetTags(ctx context.Context, api API) error {
	s, found, err := first(api.Subnets(ctx))
	if err != nil || !found {
		return ErrNothingToTry // the listing is a trial of its own
	}
	return reach(api.SubnetTags(ctx, []inventory.ID{s.ID}))
}

func tryPrivateIPs(ctx context.Context, api API) error {
	s, found, err := first(api.Subnets(ctx))
	if err != nil || !found {
		return ErrNothingToTry // the listing is a trial of its own
	}
	return reach(api.PrivateIPs(ctx, s.ID.String()))
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
	return reach(api.PortsInParts(ctx, nil))
}
