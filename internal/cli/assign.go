package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"cloudip_exporter/config"
	"cloudip_exporter/internal/inventory"
	"cloudip_exporter/internal/journal"
)

// AssignOptions are for PrivateIPAssign.
type AssignOptions struct {
	Target
	Output
	Subnet      string // id
	Address     string // "" takes a free one
	KeepFree    int    // addresses that must be left in the subnet afterwards
	Yes, DryRun bool
	JournalFile string // "" is DefaultJournal
}

// maxTries is how many free addresses are tried when others are faster.
const maxTries = 3

// assignment is one assign command on its way.
type assignment struct {
	env     *Env
	project Project
	journal *journal.Journal // nil in a dry run
	since   int              // entries of the journal when the cloud was read
	subnet  inventory.Subnet
	taken   []inventory.PrivateIP
	tried   []netip.Addr
	options AssignOptions
}

func assignColumns() []column {
	return []column{
		{key: "cloud"}, {key: "project"}, {key: "subnet_id", wide: true}, {key: "subnet_name"}, {key: "address"},
		{key: "private_ip_id"}, {key: "status"}, {key: "intent_id", wide: true}, {key: "result"},
	}
}

// PrivateIPAssign assigns one address of a subnet and prints it. It journals
// the intent first, sends exactly one request, and never repeats it.
func (e *Env) PrivateIPAssign(ctx context.Context, o AssignOptions) error {
	addr, err := e.checkAssign(&o)
	if err != nil {
		return err
	}
	p, err := e.project(ctx, o.Target)
	if err != nil {
		return err
	}
	a := &assignment{env: e, project: p, options: o}
	if !o.DryRun {
		if a.journal, err = e.openJournal(ctx, o.JournalFile); err != nil {
			return err
		}
		defer a.journal.Close()
		a.since = len(a.journal.Entries())
	}
	if err := a.look(ctx, addr); err != nil {
		return err
	}
	if !addr.IsValid() {
		if addr, err = a.choose(); err != nil {
			return err
		}
	}
	if err := a.confirm(ctx, addr); err != nil {
		return err
	}
	if o.DryRun {
		return a.print(inventory.PrivateIP{Addr: addr}, "", "dry_run")
	}
	return a.assign(ctx, addr)
}

// checkAssign finds the faults that need no cloud.
func (e *Env) checkAssign(o *AssignOptions) (netip.Addr, error) {
	if err := o.Output.check(assignColumns()); err != nil {
		return netip.Addr{}, err
	}
	switch {
	case o.Subnet == "":
		return netip.Addr{}, usagef("assign private IP: give --subnet=ID; see inventory subnets")
	case o.KeepFree < 0:
		return netip.Addr{}, usagef("assign private IP: --keep-free=%d is below 0", o.KeepFree)
	}
	if err := e.needYes(o.Yes, o.DryRun); err != nil {
		return netip.Addr{}, err
	}
	if o.Address == "" {
		return netip.Addr{}, nil
	}
	return parseAddress(o.Address)
}

// look reads the subnet and what is taken in it, and refuses an address that
// cannot be assigned.
func (a *assignment) look(ctx context.Context, addr netip.Addr) error {
	all, err := a.env.subnets(ctx, a.project)
	if err != nil {
		return err
	}
	if a.subnet, err = a.pickFamily(all, addr); err != nil {
		return err
	}
	if a.taken, err = a.env.privateIPs(ctx, a.project, []inventory.Subnet{a.subnet}); err != nil {
		return err
	}
	for _, ip := range a.taken {
		if ip.Addr == addr {
			return exitf(ExitConflict, "assign %s: it is in use (private IP %s, %s); see who has it with lookup, or leave out --address to take a free one",
				addr, printable(ip.ID.String()), holderText(ip))
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
				return inventory.Subnet{}, exitf(ExitNotFound, "find subnet: %q is the Neutron id of subnet %q; give its id %s", id, s.Name, s.ID)
			}
		}
		return inventory.Subnet{}, noSubnet(id, a.project)
	}
	vpc := a.project.Provider() != config.OpenStack
	if vpc && addr.Is6() {
		return inventory.Subnet{}, usagef("assign %s: this cloud assigns IPv4 addresses only", addr)
	}
	for _, s := range families {
		if addr.IsValid() && s.Prefix.Contains(addr) || !addr.IsValid() && (!vpc || s.Prefix.Addr().Is4()) {
			return s, nil
		}
	}
	if !addr.IsValid() {
		return inventory.Subnet{}, usagef("assign private IP: subnet %q has no IPv4 addresses", families[0].Name)
	}
	return inventory.Subnet{}, usagef("assign %s: it is not inside subnet %q (%s)", addr, families[0].Name, families[0].Prefix)
}

// candidates counts and picks among the free addresses that nobody is about to take.
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
	set, err := freeAddresses(a.project.Provider(), a.subnet, taken)
	if err != nil {
		return nil, 0, err
	}
	return func(n uint64) netip.Addr { return addressAt(set, n) }, countAddresses(set), nil
}

// choose takes a free address at random, so that two who choose at the same
// time rarely choose the same.
func (a *assignment) choose() (netip.Addr, error) {
	at, n, err := a.candidates()
	if err != nil {
		return netip.Addr{}, err
	}
	if n == 0 {
		return netip.Addr{}, exitf(ExitConflict, "assign private IP: subnet %q (%s) has no free address; release idle ones (private-ip list) or use another subnet",
			a.subnet.Name, a.subnet.Prefix)
	}
	return at(a.env.Pick(n)), nil
}

// confirm shows what is about to happen, refuses to take the last addresses,
// and asks.
func (a *assignment) confirm(ctx context.Context, addr netip.Addr) error {
	left, source, err := a.left(ctx)
	if err != nil {
		return err
	}
	a.env.say("subnet %s (%s) in %s/%s: %s addresses free %s, %s after this",
		a.subnet.Name, a.subnet.Prefix, a.project.Cloud(), a.project.Label(), rawText(left), source, rawText(max(0, left-1)))
	if keep := a.options.KeepFree; keep > 0 && left-1 < float64(keep) {
		return exitf(ExitConflict, "assign %s: %s addresses would be left in subnet %q, but --keep-free asks for %d; use another subnet or release idle addresses",
			addr, rawText(max(0, left-1)), a.subnet.Name, keep)
	}
	switch {
	case a.options.DryRun:
		a.env.say("dry run: would assign %s; nothing was changed", addr)
	case !a.options.Yes:
		return a.env.ask(ctx, fmt.Sprintf("Assign %s in subnet %s?", addr, a.subnet.Name))
	}
	return nil
}

// left is how many addresses are free, and who says so.
func (a *assignment) left(ctx context.Context) (n float64, source string, err error) {
	if a.subnet.Available != nil {
		return *a.subnet.Available, "by the cloud's own count", nil
	}
	told, err := a.project.Availability(ctx, []inventory.Subnet{a.subnet})
	if err != nil {
		return 0, "", advised(fmt.Errorf("ask how full subnet %q is: %w", a.subnet.Name, err))
	}
	if v, ok := told.BySubnet[a.subnet.NeutronID]; ok {
		return max(0, v.Total-v.Used), "by the cloud's own count", nil
	}
	_, counted, err := a.candidates()
	return float64(counted), "by our count of what is listed", err
}

// assign tries addr and, when it was chosen and somebody was faster, others.
func (a *assignment) assign(ctx context.Context, addr netip.Addr) error {
	for try := 1; ; try++ {
		ip, intent, err := a.once(ctx, addr)
		if err == nil {
			return a.print(ip, intent, "assigned")
		}
		_, rival := errors.AsType[rivalry](err)
		if a.options.Address != "" || try == maxTries || !inUse(err) && !rival || ctx.Err() != nil {
			return err
		}
		a.tried = append(a.tried, addr)
		next, chooseErr := a.choose()
		if chooseErr != nil {
			return errors.Join(err, chooseErr)
		}
		a.env.say("%s was taken meanwhile; trying %s", addr, next)
		addr = next
	}
}

// once is the one request for one address, journaled.
func (a *assignment) once(ctx context.Context, addr netip.Addr) (inventory.PrivateIP, string, error) {
	entry, err := a.env.entry(ctx, a.project, journal.Assign, journal.Target{SubnetID: a.options.Subnet, Address: addr.String()})
	if err != nil {
		return inventory.PrivateIP{}, "", err
	}
	m := mutation{
		entry: entry, since: a.since, reopen: a.env.reconcileCommand(a.options.JournalFile),
		do: func(ctx context.Context) (inventory.PrivateIP, error) {
			return a.project.AssignPrivateIP(ctx, a.subnet, addr, entry.IntentID)
		},
		check: a.env.assigned(a.project, a.subnet, addr, entry.IntentID), certain: a.project.Provider() == config.OpenStack,
	}
	ip, err := m.run(ctx, a.env, a.journal)
	switch asked := inventory.ParseID(a.options.Subnet); {
	case err != nil:
	case ip.Addr.IsValid() && ip.Addr != addr:
		err = fmt.Errorf("assign %s: the cloud assigned %s (%s) instead; release it if you do not want it", addr, ip.Addr, printable(ip.ID.String()))
	case !ip.SubnetID.IsZero() && ip.SubnetID != asked:
		err = fmt.Errorf("assign %s: the cloud assigned it (%s) in subnet %q instead of %q; release it if you do not want it", addr, printable(ip.ID.String()), ip.SubnetID, asked)
	}
	return ip, entry.IntentID, err
}

func (a *assignment) print(ip inventory.PrivateIP, intent, what string) error {
	r := &result{columns: assignColumns()}
	r.rows = append(r.rows, []any{
		a.project.Cloud(), a.project.Label(), a.options.Subnet, a.subnet.Name, ip.Addr.String(), ip.ID.String(), ip.Status, intent, what,
	})
	return a.env.print(r, a.options.Output)
}

func holderText(ip inventory.PrivateIP) string {
	if ip.Owner == "" {
		return "reserved, used by nothing"
	}
	return "used by " + printable(ip.Owner)
}
