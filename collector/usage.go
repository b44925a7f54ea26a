package collector

import (
	"context"
	"fmt"

	"cloudip_exporter/inventory"
)

// fillUsage sets the Usage of all subnets by what the cloud tells of them. The
// ports are fetched only when a subnet is there of which it does not tell; bad
// are those that could not be read, and so are missing in what is used.
func (s *Source) fillUsage(ctx context.Context, subnets []inventory.Subnet, told map[inventory.ID]inventory.Availability) (bad unread, err error) {
	var untold []int
	for i := range subnets {
		n := &subnets[i]
		a, ok := told[n.NeutronID]
		if ok && s.availabilityCounts(n) {
			n.Usage = inventory.Usage{Source: inventory.FromAvailability, Capacity: &a.Total, Used: a.Used}
		} else {
			n.Usage = s.capacityUntold(n)
			untold = append(untold, i)
		}
	}
	if len(untold) > 0 {
		if bad, err = s.countUsed(ctx, subnets, untold); err != nil {
			return unread{}, err
		}
	}
	for i := range subnets {
		s.derive(&subnets[i])
	}
	return bad, nil
}

// availabilityCounts reports whether the cloud's own figures hold for a subnet:
// those of Huawei Cloud and OTC are of IPv4 alone.
func (s *Source) availabilityCounts(n *inventory.Subnet) bool {
	return !s.huawei() || n.Prefix.Addr().Is4()
}

// capacityUntold is the capacity of a subnet of which the cloud does not tell.
func (s *Source) capacityUntold(n *inventory.Subnet) inventory.Usage {
	switch {
	case s.huawei() && n.Prefix.Addr().Is4():
		c := inventory.EstimatedCapacity(n.Prefix)
		return inventory.Usage{Source: inventory.FromEstimate, Capacity: &c}
	case !s.huawei() && len(n.Pools) > 0:
		c := inventory.PoolCapacity(n.Pools)
		return inventory.Usage{Source: inventory.FromAllocationPool, Capacity: &c}
	}
	return inventory.Usage{Source: inventory.FromNowhere}
}

func (s *Source) countUsed(ctx context.Context, subnets []inventory.Subnet, untold []int) (bad unread, err error) {
	list, err := s.portList(ctx)
	if err != nil {
		return unread{}, fmt.Errorf("count used addresses: %w", err)
	}
	counted := inventory.CountPorts(list.ports, subnets, s.api.Provider(), nil)
	for _, i := range untold {
		subnets[i].Usage.Used = float64(counted.Subnets[i].Addresses)
	}
	return list.unread, nil
}

// derive sets what follows from capacity and used.
func (s *Source) derive(n *inventory.Subnet) {
	u := &n.Usage
	if u.Capacity == nil {
		return
	}
	free := max(0, *u.Capacity-u.Used)
	if n.Available != nil {
		free = max(0, *n.Available)
	}
	u.Free = &free
	if s.huawei() && n.Prefix.Addr().Is4() {
		reserved := max(0, inventory.PrefixSize(n.Prefix)-*u.Capacity)
		u.Reserved = &reserved
	}
}
