package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
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
	left    float64 // addresses that are free
	told    string  // who says so
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
	a := &assignment{env: e, options: o}
	defer a.close()
	if addr, err = a.prepare(ctx, addr); err != nil {
		return err
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

func (a *assignment) close() {
	if a.journal != nil {
		a.journal.Close()
	}
}

// confirm shows what is about to happen, refuses to take the last addresses,
// and asks.
func (a *assignment) confirm(ctx context.Context, addr netip.Addr) error {
	after := max(0, a.left-1)
	a.env.say("subnet %s (%s) in %s/%s: %s addresses free %s, %s after this",
		a.subnet.Name, a.subnet.Prefix, a.project.Cloud(), a.project.Label(), rawText(a.left), a.told, rawText(after))
	if keep := a.options.KeepFree; keep > 0 && a.left-1 < float64(keep) {
		return exitf(ExitConflict, "assign %s: %s addresses would be left in subnet %q, but --keep-free asks for %d; use another subnet or release idle addresses",
			addr, rawText(after), a.subnet.Name, keep)
	}
	switch {
	case a.options.DryRun:
		a.env.say("dry run: would assign %s; nothing was changed", addr)
	case !a.options.Yes:
		return a.env.ask(ctx, fmt.Sprintf("Assign %s in subnet %s?", addr, a.subnet.Name))
	}
	return nil
}

// assign tries addr and, when it was chosen and somebody was faster, others.
func (a *assignment) assign(ctx context.Context, addr netip.Addr) error {
	for try := 1; ; try++ {
		ip, intent, err := a.once(ctx, addr)
		if err == nil {
			return unwritten(a.print(ip, intent, "assigned"), "assigned", ip)
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
		check: a.env.assigned(a.project, a.subnet.ID, addr, entry.IntentID, a.env.Now()), certain: a.project.Provider() == config.OpenStack,
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
