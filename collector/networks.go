package collector

import (
	"context"
	"strconv"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// networkMetric names networks and their owners.
func networkMetric() Metric {
	return Metric{
		Name:    "cloudip_network_info",
		Help:    "Name and owner of a network (OpenStack).",
		Labels:  []string{"network_id", "network_name", "external", "shared", "owner_id", "owner_name"},
		PerItem: 5,
		Each: func(v View, emit Emit) {
			for _, n := range inventory.Of[inventory.SubnetData](v.Snapshot).Networks {
				emit(1, n.ID.String(), n.Name, strconv.FormatBool(n.External), strconv.FormatBool(n.Shared), n.OwnerID.String(), n.OwnerName)
			}
		},
	}
}

// Networks returns the collector of the names of networks alone, without their owners.
func Networks() Collector {
	c := subnets()
	c.Fetch = func(ctx context.Context, src *Source) (*inventory.Part, error) {
		part := &inventory.Part{}
		networks, err := src.networks(ctx, part)
		part.Items, part.Data = len(networks), inventory.SubnetData{Networks: networks}
		return part, err
	}
	return c
}

func (s *Source) networks(ctx context.Context, part *inventory.Part) ([]inventory.Network, error) {
	return added(s, part, provider.Networks, "networks", s.api.Networks(ctx), func(a, b *inventory.Network) int { return a.ID.Compare(b.ID) })
}

// addNetworks adds the networks, where the cloud has such a listing and does not refuse
// it. A name of an owner that cannot be read soon stays the last known one: neither a
// failure nor a wait is worth that.
func (s *Source) addNetworks(ctx context.Context, part *inventory.Part, data *inventory.SubnetData) error {
	networks, err := s.networks(ctx, part)
	if err != nil || len(networks) == 0 {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	names, err := s.api.ProjectNames(soon)
	if err != nil {
		names = make(map[inventory.ID]string)
		for _, n := range inventory.Of[inventory.SubnetData](s.last).Networks {
			names[n.OwnerID] = n.OwnerName
		}
	}
	for i := range networks {
		networks[i].OwnerName = names[networks[i].OwnerID]
	}
	data.Networks = networks
	return nil
}
