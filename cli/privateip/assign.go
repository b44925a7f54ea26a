package privateip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

const assignColumns = "cloud project subnet_id:wide subnet_name address private_ip_id status intent_id:wide result"

// maxTries is how many free addresses are tried when other clients are faster.
const maxTries = 3

// assignment is one run of the command assign.
type assignment struct {
	change
	addr   netip.Addr
	subnet inventory.Subnet
	taken  []netip.Addr
	free   string // how many addresses are free, in words
}

// Assign assigns one address of a subnet and prints it. It journals
// the intent first, sends exactly one request, and never repeats it.
func Assign(ctx context.Context, e *command.Env, o Options) error {
	a := &assignment{change: change{env: e, options: o}}
	defer a.close()
	if err := a.checkFlags(); err != nil {
		return err
	}
	if err := a.look(ctx, a.read); err != nil {
		return err
	}
	e.Say("subnet %s (%s) in %s/%s: %s", a.subnet.Name, a.subnet.Prefix, a.project.Cloud(), a.project.Label(), a.free)
	if err := a.confirm(ctx, journal.Assign, a.target(), fmt.Sprintf("Assign %s in subnet %s?", a.addr, a.subnet.Name)); err != nil {
		return err
	}
	if o.DryRun {
		return a.printed(inventory.PrivateIP{Addr: a.addr}, "", "dry_run")
	}
	return a.assign(ctx)
}

// checkFlags finds faults of the flags before any cloud is asked.
func (a *assignment) checkFlags() (err error) {
	o := &a.options
	switch err := o.Output.Check(table.Columns(assignColumns)); {
	case err != nil:
		return err
	case o.Subnet == "":
		return exit.Usagef("assign private IP: give --subnet=ID; see inventory subnets")
	case o.addressSet && o.Address == "": // a variable of a script that is not set
		return exit.Usagef("--address is empty: give an address, or leave the flag out to have one chosen")
	}
	if o.Address != "" {
		if a.addr, err = space.ParseAddr(o.Address); err != nil {
			return exit.Usagef("read --address: %w", err)
		}
	}
	return a.env.NeedYes(o.Yes, o.DryRun)
}

// read reads the subnet and what is taken in it, refuses an address that cannot be
// assigned, and chooses one where none is given.
func (a *assignment) read(ctx context.Context) error {
	all, err := a.env.Subnets(ctx, a.project)
	if err != nil {
		return err
	}
	if a.subnet, err = a.pickFamily(all); err != nil {
		return err
	}
	if a.subnet.ChoosesAddresses {
		return exit.Usagef("assign private IP: the network chooses the addresses of subnet %q (%s) itself, by SLAAC or stateless DHCPv6; use another subnet", a.subnet.Name, a.subnet.Prefix)
	}
	ips, err := privateIPs(ctx, a.env, a.project, []inventory.Subnet{a.subnet})
	if err != nil {
		return err
	}
	for _, ip := range ips {
		if ip.Addr == a.addr {
			return exit.Errorf(exit.Conflict, "assign %s: it is in use (private IP %s, %s); see who has it with lookup, or leave out --address to take a free one",
				a.addr, text.Terminal(ip.ID.String()), holderText(ip))
		}
		a.taken = append(a.taken, ip.Addr)
	}
	if space.Kept(a.subnet.Prefix, a.subnet.Pools, a.addr) {
		return exit.Usagef("assign %s: the cloud keeps this address of subnet %q (%s) for itself; use another one", a.addr, a.subnet.Name, a.subnet.Prefix)
	}
	if !a.addr.IsValid() {
		if err := a.choose(); err != nil {
			return err
		}
	}
	if err := a.countFree(ctx); err != nil || !a.options.DryRun {
		return err
	}
	return a.checkQuota(ctx)
}

// checkQuota refuses in a dry run what the cloud would refuse, where a private IP is a
// port and the cloud says how many of those there may be.
func (a *assignment) checkQuota(ctx context.Context) error {
	if provider.Named(a.project.Provider()).Has(provider.PrivateIPs) {
		return nil
	}
	for q, err := range a.project.Quotas(ctx) {
		if err == nil && q.Resource == "port" && q.Limit >= 0 && q.Used+max(0, q.Reserved) >= q.Limit {
			return exit.Errorf(exit.Throttled, "assign %s: the quota of %v ports is used up; release what is not needed or ask for a higher quota", a.addr, q.Limit)
		}
	}
	return nil
}

func (a *assignment) pickFamily(all []inventory.Subnet) (inventory.Subnet, error) {
	called, addr := a.options.Subnet, a.addr
	families, err := command.FindSubnet(all, called, a.project)
	if err != nil {
		for _, s := range all {
			if s.NeutronID.String() == called {
				err = exit.Errorf(exit.NotFound, "find subnet: %q is the Neutron id of subnet %q; give its id %s", called, s.Name, s.ID)
			}
		}
		return inventory.Subnet{}, err
	}
	a.options.Subnet = families[0].ID.String()
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

// choose takes a free address that no open intent names, at random, so that two
// clients at the same time rarely choose the same.
func (a *assignment) choose() error {
	taken := append([]netip.Addr{a.subnet.Gateway}, a.taken...)
	if a.journal != nil {
		for _, o := range a.journal.OpenIntents() {
			if addr, err := netip.ParseAddr(o.Target.Address); err == nil && o.Target.SubnetID == a.options.Subnet {
				taken = append(taken, addr)
			}
		}
	}
	free, err := space.Assignable(a.subnet.Prefix, a.subnet.Pools, taken...)
	if err != nil {
		return fmt.Errorf("find free addresses of subnet %q: %w", a.subnet.Name, err)
	}
	if len(free) == 0 {
		return exit.Errorf(exit.Conflict, "assign private IP: subnet %q (%s) has no free address; release idle ones (private-ip list) or use another subnet",
			a.subnet.Name, a.subnet.Prefix)
	}
	a.addr = free[a.env.Pick(uint64(len(free)))]
	return nil
}

// countFree finds how much is free in the subnet, of which all private IPs are known.
func (a *assignment) countFree(ctx context.Context) error {
	listed := inventory.NewPorts(nil, false)
	for i, addr := range a.taken {
		listed.Append(inventory.Port{ID: inventory.ParseID(fmt.Sprint(i)), Fixed: []inventory.FixedIP{{SubnetID: a.subnet.NeutronID, Addr: addr}}})
	}
	listed.Freeze()
	if err := command.Measure(ctx, a.project, []*inventory.Subnet{&a.subnet}, listed); err != nil {
		return exit.Advised(fmt.Errorf("ask how full subnet %q is: %w", a.subnet.Name, err))
	}
	a.free = "how much is free is not known"
	if n := a.subnet.Usage.Free; n != nil {
		a.free = fmt.Sprintf("%s addresses free, %s after this", rows.ValueText(*n), rows.ValueText(max(0, *n-1)))
	}
	return nil
}

// assign tries the address. When the program chose it and another client was faster,
// it tries others.
func (a *assignment) assign(ctx context.Context) error {
	for try := 1; ; try++ {
		ip, intent, err := a.send(ctx)
		if err == nil {
			return unwritten(a.printed(ip, intent, "assigned"), "assigned", ip)
		}
		_, rival := errors.AsType[rivalry](err)
		if a.options.Address != "" || try == maxTries || !inUse(err) && !rival || ctx.Err() != nil {
			return err
		}
		lost := a.addr
		a.taken = append(a.taken, lost)
		if chooseErr := a.choose(); chooseErr != nil {
			return errors.Join(err, chooseErr)
		}
		a.env.Say("%s was taken meanwhile; trying %s", lost, a.addr)
	}
}

func (a *assignment) send(ctx context.Context) (ip inventory.PrivateIP, intent string, err error) {
	addr := a.addr
	m, err := a.mutate(ctx, journal.Assign, a.target())
	if err != nil {
		return ip, "", err
	}
	intent = m.entry.IntentID
	m.request = func(ctx context.Context) (inventory.PrivateIP, error) {
		return a.project.AssignPrivateIP(ctx, a.subnet, addr, intent)
	}
	m.check = assigned(a.env, a.project, a.subnet.ID, addr, intent)
	ip, err = m.run(ctx)
	switch asked := inventory.ParseID(a.options.Subnet); {
	case err != nil:
	case ip.Addr.IsValid() && ip.Addr != addr:
		err = fmt.Errorf("assign %s: the cloud assigned %s (%s) instead; release it if you do not want it", addr, ip.Addr, text.Terminal(ip.ID.String()))
	case !ip.SubnetID.IsZero() && ip.SubnetID != asked:
		err = fmt.Errorf("assign %s: the cloud assigned it (%s) in subnet %q instead of %q; release it if you do not want it", addr, text.Terminal(ip.ID.String()), ip.SubnetID, asked)
	}
	return ip, intent, err
}

func (a *assignment) target() journal.Target {
	return journal.Target{SubnetID: a.options.Subnet, Address: a.addr.String()}
}

func (a *assignment) printed(ip inventory.PrivateIP, intent, result string) error {
	return a.print(assignColumns, a.project.Cloud(), a.project.Label(), a.options.Subnet, a.subnet.Name, ip.Addr.String(), ip.ID.String(), ip.Status, intent, result)
}

func holderText(ip inventory.PrivateIP) string {
	if ip.Owner == "" {
		return "reserved, used by nothing"
	}
	return "used by " + text.Terminal(ip.Owner)
}
