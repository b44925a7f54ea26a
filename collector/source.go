package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// Source is the shared fetching of one collection of one target: each listing
// is fetched once, however many collectors ask for it, and all of them get its
// error. It is safe for concurrent use and made anew for each collection.
type Source struct {
	api  API
	cfg  config.Cloud
	on   *provider.Provider
	last *inventory.Snapshot

	// Each of these fetches at its first call and returns that answer ever after. All
	// callers belong to one collection, so they share its context. The items are
	// shared: do not write to them.
	vpcs         func() (listing[inventory.VPC], error)
	subnets      func() (listing[inventory.Subnet], error)
	availability func() (cloudapi.Availabilities, error)
	servers      func() (listing[inventory.Server], error)
	ports        func() (portListing, error)
}

type portListing struct {
	ports   *inventory.Ports
	missing inventory.Missing
}

// NewSource prepares one collection, which ends with ctx. last is the target's
// last snapshot, which stands in where a fact is needed that cannot be fetched
// now; nil is none.
func NewSource(ctx context.Context, api API, cfg config.Cloud, last *inventory.Snapshot) *Source {
	if last == nil {
		last = &inventory.Snapshot{}
	}
	s := &Source{api: api, cfg: cfg, on: provider.Named(api.Provider()), last: last}
	s.vpcs = once(ctx, s.listVPCs)
	s.subnets = once(ctx, func(ctx context.Context) (listing[inventory.Subnet], error) { // an item for each address family
		return read("subnets", len(inventory.Of[inventory.SubnetData](last).Subnets), api.Subnets(ctx), func(a, b *inventory.Subnet) int {
			return cmp.Or(a.ID.Compare(b.ID), strings.Compare(a.IPVersion(), b.IPVersion()))
		})
	})
	s.availability = once(ctx, s.askAvailability)
	s.servers = once(ctx, func(ctx context.Context) (listing[inventory.Server], error) {
		return read("servers", len(inventory.Of[inventory.ServerData](last)), api.Servers(ctx), func(a, b *inventory.Server) int { return a.ID.Compare(b.ID) })
	})
	s.ports = once(ctx, s.listPorts)
	return s
}

// once makes fetch run at the first call alone.
func once[T any](ctx context.Context, fetch func(context.Context) (T, error)) func() (T, error) {
	return sync.OnceValues(func() (T, error) { return fetch(ctx) })
}

// listVPCs lists the VPCs, nothing where the cloud has none.
func (s *Source) listVPCs(ctx context.Context) (listing[inventory.VPC], error) {
	if !s.on.Has(provider.VPCs) {
		return listing[inventory.VPC]{}, nil
	}
	return read("vpcs", 0, s.api.VPCs(ctx), func(a, b *inventory.VPC) int { return a.ID.Compare(b.ID) })
}

func (s *Source) askAvailability(ctx context.Context) (cloudapi.Availabilities, error) {
	l, err := s.subnets()
	if err != nil {
		return cloudapi.Availabilities{}, err
	}
	reported, err := s.api.Availability(ctx, l.items)
	if n := reported.Missing.N; err == nil && tooMany(n, n+len(reported.BySubnet), toleratedBad) {
		err = fmt.Errorf("read availabilities: those of %d networks cannot be read", n)
	}
	return reported, err
}

func (s *Source) listPorts(ctx context.Context) (portListing, error) {
	last := inventory.Of[inventory.PortData](s.last).Ports
	api, _ := s.cfg.API(provider.Ports)
	list := inventory.NewPorts(last, api.OwnPorts)
	missing, err := each(s.api.PortsInParts(ctx, last),
		func(p inventory.Port) { list.Append(p) },
		func() { list = inventory.NewPorts(last, api.OwnPorts) })
	if err != nil {
		return portListing{}, err
	}
	list.Freeze()
	err = checkMissing("ports", list.Len(), missing)
	if list.Len() == 0 && missing.N == 0 {
		err = s.checkEmptyPorts(ctx)
	}
	return portListing{list, missing}, err
}

// checkEmptyPorts refuses an empty list of ports while the cloud says elsewhere
// that addresses are in use: a token without the right to see ports gets an
// empty list, not an error. Where the listing was narrowed to one project, the
// addresses may be those of other projects; then a credential that sees the
// ports of these has the right. In a subnet of another owner all may be theirs.
func (s *Source) checkEmptyPorts(ctx context.Context) error {
	l, err := s.subnets()
	if err != nil || len(l.items) == 0 {
		return err
	}
	reported, err := s.availability()
	if err != nil {
		return err
	}
	for i := range l.items {
		n := &l.items[i]
		if n.PortsHidden || reported.BySubnet[n.NeutronID].Used <= 0 {
			continue
		}
		if sees, err := s.api.SeesForeignPorts(ctx, n.NetworkID); err != nil || sees {
			return err
		}
		return errors.New("list ports: the list is empty, but the cloud says that addresses are in use: give the credential the right to list ports")
	}
	return nil
}
