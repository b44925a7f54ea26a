package collector

import (
	"fmt"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// setUsage sets each subnet's Usage from the cloud's figures, and by counting ports
// where the cloud reports none, or not what is left in the allocation pools. missing
// counts the ports that could not be read and so do not count in Used.
func (s *Source) setUsage(subnets []inventory.Subnet, reported map[inventory.ID]inventory.Availability) (missing inventory.Missing, err error) {
	var unreported []int
	var pools []*inventory.Subnet // of which the cloud does not say what is left in them
	for i := range subnets {
		n := &subnets[i]
		a, ok := reported[n.NeutronID]
		if ok && (!s.on.IPv4UsageOnly || n.Prefix.Addr().Is4()) { // the cloud's own figures hold
			n.Usage = inventory.Usage{Source: inventory.FromAvailability, Capacity: &a.Total, Used: a.Used, Free: a.Left}
		} else {
			n.Usage = s.fallbackCapacity(n)
			unreported = append(unreported, i)
		}
		if len(n.Pools) > 0 && n.Usage.Free == nil {
			pools = append(pools, n)
		}
	}
	if len(unreported) > 0 {
		if missing, err = s.countUsed(subnets, unreported); err != nil {
			return inventory.Missing{}, err
		}
	}
	if len(pools) > 0 {
		list, err := s.ports()
		if err != nil {
			return inventory.Missing{}, fmt.Errorf("count addresses left in allocation pools: %w", err)
		}
		inventory.SetFree(list.ports, pools)
	}
	for i := range subnets {
		s.derive(&subnets[i])
	}
	return missing, nil
}

// fallbackCapacity is the capacity of a subnet whose figures the cloud does not
// report.
func (s *Source) fallbackCapacity(n *inventory.Subnet) inventory.Usage {
	switch {
	case s.on.ReservesAddresses && n.Prefix.Addr().Is4():
		return inventory.Usage{Source: inventory.FromEstimate, Capacity: new(space.EstimatedCapacity(n.Prefix))}
	case len(n.Pools) > 0:
		return inventory.Usage{Source: inventory.FromAllocationPool, Capacity: new(space.Size(space.Set(n.Pools...)))}
	}
	return inventory.Usage{Source: inventory.FromNowhere}
}

func (s *Source) countUsed(subnets []inventory.Subnet, unreported []int) (missing inventory.Missing, err error) {
	list, err := s.ports()
	if err != nil {
		return inventory.Missing{}, fmt.Errorf("count used addresses: %w", err)
	}
	counted := inventory.CountPorts(list.ports, subnets, s.api.Provider(), &inventory.Known{})
	for _, i := range unreported {
		subnets[i].Usage.Used = float64(counted.Subnets[i].Addresses)
	}
	return list.missing, nil
}

// derive sets free and reserved, which follow from capacity and used.
func (s *Source) derive(n *inventory.Subnet) {
	u := &n.Usage
	if u.Capacity == nil {
		return
	}
	if n.Available != nil {
		u.Free = n.Available
	}
	if u.Free == nil {
		u.Free = new(max(0, *u.Capacity-u.Used))
	}
	if s.on.ReservesAddresses && n.Prefix.Addr().Is4() {
		u.Reserved = new(max(0, space.PrefixSize(n.Prefix)-*u.Capacity))
	}
}
