package collector

import (
	"context"
	"fmt"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// Source is the shared fetching of one collection of one target: each listing
// is fetched once, however many collectors ask for it, and its error is
// everybody's. It is safe for concurrent use and made anew for each collection.
type Source struct {
	api  API
	cfg  config.Cloud
	last *inventory.Snapshot

	vpcs         memo[listing[inventory.VPC]]
	subnets      memo[listing[inventory.Subnet]]
	availability memo[cloudapi.Availabilities]
	ports        memo[portListing]
}

type portListing struct {
	ports *inventory.Ports
	unread
}

// NewSource prepares one collection. last is the target's last snapshot, which
// stands in where a fact is needed that cannot be fetched now; nil is none.
func NewSource(api API, cfg config.Cloud, last *inventory.Snapshot) *Source {
	if last == nil {
		last = &inventory.Snapshot{}
	}
	return &Source{api: api, cfg: cfg, last: last}
}

// concurrency is how many calls a collector may have under way at once.
func (s *Source) concurrency() int { return max(1, s.cfg.Limits.Concurrency) }

// huawei reports whether the target speaks Huawei's VPC API (Huawei Cloud, OTC).
func (s *Source) huawei() bool { return s.api.Provider() != config.OpenStack }

// vpcList lists the VPCs; OpenStack has none.
func (s *Source) vpcList(ctx context.Context) (listing[inventory.VPC], error) {
	return s.vpcs.get(ctx, func(ctx context.Context) (listing[inventory.VPC], error) {
		if !s.huawei() {
			return listing[inventory.VPC]{}, nil
		}
		return read("vpcs", s.api.VPCs(ctx), func(v *inventory.VPC) inventory.ID { return v.ID })
	})
}

// subnetList lists the subnets, one item for each address family. The items
// are shared: they must not be written to.
func (s *Source) subnetList(ctx context.Context) (listing[inventory.Subnet], error) {
	type key struct {
		id      inventory.ID
		version string
	}
	return s.subnets.get(ctx, func(ctx context.Context) (listing[inventory.Subnet], error) {
		return read("subnets", s.api.Subnets(ctx), func(n *inventory.Subnet) key { return key{n.ID, n.IPVersion()} })
	})
}

func (s *Source) availabilities(ctx context.Context) (cloudapi.Availabilities, error) {
	return s.availability.get(ctx, func(ctx context.Context) (cloudapi.Availabilities, error) {
		l, err := s.subnetList(ctx)
		if err != nil {
			return cloudapi.Availabilities{}, err
		}
		told, err := s.api.Availability(ctx, l.items)
		if err == nil && tooMany(told.Unread, told.Unread+len(told.BySubnet), toleratedBad) {
			err = fmt.Errorf("read availabilities: those of %d networks cannot be read", told.Unread)
		}
		return told, err
	})
}

// portList lists the ports.
func (s *Source) portList(ctx context.Context) (portListing, error) {
	return s.ports.get(ctx, func(ctx context.Context) (portListing, error) {
		untold := s.cfg.APIs.Ports == "workspace"
		list, bad, err := readPorts(s.listPorts(ctx), func() *inventory.Ports {
			return inventory.NewPorts(s.last.Part("ports").Ports, untold)
		})
		if err == nil && list.Len() == 0 && bad.skipped == 0 {
			err = s.believeNoPorts(ctx)
		}
		if err != nil {
			return portListing{}, err
		}
		return portListing{list, bad}, nil
	})
}
