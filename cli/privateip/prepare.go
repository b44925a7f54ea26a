package privateip

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// prepare reads all that is to be known before the question, and chooses an
// address where none is given. Who answers the question has time.
func (a *assignment) prepare(ctx context.Context, addr netip.Addr) (netip.Addr, error) {
	ctx, cancel := a.env.Reading(ctx)
	defer cancel()
	var err error
	if a.project, err = a.env.ChooseProject(ctx, a.options.Target); err != nil {
		return addr, err
	}
	if !a.options.DryRun {
		if a.journal, err = openJournal(ctx, a.env, a.options.JournalFile); err != nil {
			return addr, err
		}
		a.since = len(a.journal.Entries())
	}
	if err := a.look(ctx, addr); err != nil {
		return addr, err
	}
	if !addr.IsValid() {
		if addr, err = a.choose(); err != nil {
			return addr, err
		}
	}
	a.left, a.source, err = a.free(ctx)
	return addr, err
}

// look reads the subnet and what is taken in it, and refuses an address that
// cannot be assigned.
func (a *assignment) look(ctx context.Context, addr netip.Addr) error {
	all, err := a.env.Subnets(ctx, a.project)
	if err != nil {
		return err
	}
	if a.subnet, err = a.pickFamily(all, addr); err != nil {
		return err
	}
	if a.subnet.ChoosesAddresses {
		return exit.Usagef("assign private IP: the network chooses the addresses of subnet %q (%s) itself, by SLAAC or stateless DHCPv6; use another subnet", a.subnet.Name, a.subnet.Prefix)
	}
	if a.taken, err = privateIPs(ctx, a.env, a.project, []inventory.Subnet{a.subnet}); err != nil {
		return err
	}
	for _, ip := range a.taken {
		if ip.Addr == addr {
			return exit.Errorf(exit.Conflict, "assign %s: it is in use (private IP %s, %s); see who has it with lookup, or leave out --address to take a free one",
				addr, text.Terminal(ip.ID.String()), holderText(ip))
		}
	}
	return nil
}

// pickFamily finds the subnet, and of its address families the one of addr.
func (a *assignment) pickFamily(all []inventory.Subnet, addr netip.Addr) (inventory.Subnet, error) {
	id := a.options.Subnet
	families := withID(all, id)
	if len(families) == 0 {
		for _, s := range all {
			if s.NeutronID.String() == id {
				return inventory.Subnet{}, exit.Errorf(exit.NotFound, "find subnet: %q is the Neutron id of subnet %q; give its id %s", id, s.Name, s.ID)
			}
		}
		return inventory.Subnet{}, noSubnet(id, a.project)
	}
	ipv4Only := provider.Named(a.project.Provider()).AssignsIPv4Only
	if ipv4Only && addr.Is6() {
		return inventory.Subnet{}, exit.Usagef("assign %s: this cloud assigns IPv4 addresses only", addr)
	}
	for _, s := range families {
		if addr.IsValid() && s.Prefix.Contains(addr) || !addr.IsValid() && (!ipv4Only || s.Prefix.Addr().Is4()) {
			return s, nil
		}
	}
	if !addr.IsValid() {
		return inventory.Subnet{}, exit.Usagef("assign private IP: subnet %q has no IPv4 addresses", families[0].Name)
	}
	return inventory.Subnet{}, exit.Usagef("assign %s: it is not inside subnet %q (%s)", addr, families[0].Name, families[0].Prefix)
}

// candidates returns a choice among the free addresses that no open intent names,
// and their number.
func (a *assignment) candidates() (func(n uint64) netip.Addr, uint64, error) {
	taken := slices.Clone(a.tried)
	for _, ip := range a.taken {
		taken = append(taken, ip.Addr)
	}
	if a.journal != nil {
		for _, o := range a.journal.OpenIntents() {
			if addr, err := netip.ParseAddr(o.Target.Address); err == nil && o.Target.SubnetID == a.options.Subnet {
				taken = append(taken, addr)
			}
		}
	}
	set, err := freeAddresses(a.subnet, taken)
	if err != nil {
		return nil, 0, err
	}
	return func(n uint64) netip.Addr { return addressAt(set, n) }, countAddresses(set), nil
}

// choose returns a free address at random, so that two clients at the same time
// rarely choose the same.
func (a *assignment) choose() (netip.Addr, error) {
	at, n, err := a.candidates()
	if err != nil {
		return netip.Addr{}, err
	}
	if n == 0 {
		return netip.Addr{}, exit.Errorf(exit.Conflict, "assign private IP: subnet %q (%s) has no free address; release idle ones (private-ip list) or use another subnet",
			a.subnet.Name, a.subnet.Prefix)
	}
	return at(a.env.Pick(n)), nil
}

// free returns how many addresses are free, and who says so.
func (a *assignment) free(ctx context.Context) (n float64, source string, err error) {
	if a.subnet.Available != nil {
		return *a.subnet.Available, "by the cloud's own count", nil
	}
	use, err := a.project.Availability(ctx, []inventory.Subnet{a.subnet})
	if err != nil {
		return 0, "", exit.Advised(fmt.Errorf("ask how full subnet %q is: %w", a.subnet.Name, err))
	}
	if v, ok := use.BySubnet[a.subnet.NeutronID]; ok {
		return max(0, v.Total-v.Used), "by the cloud's own count", nil
	}
	_, counted, err := a.candidates()
	return float64(counted), "by our count of what is listed", err
}
