package privateip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

func assignCommand(journal *string) command.Command {
	return command.Command{
		Name: "assign",
		Help: "Assign one address of a subnet.\n\nExample: cloudip_exporter private-ip assign --subnet=ID --address=10.0.0.7 --dry-run",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o AssignOptions
			c.Flag("subnet", "Subnet, by its id.").Required().PlaceHolder("ID").StringVar(&o.Subnet)
			var addressGiven bool
			c.Flag("address", "Address; a free one is chosen without it.").PlaceHolder("IP").IsSetByUser(&addressGiven).StringVar(&o.Address)
			c.Flag("yes", "Do not ask.").Short('y').BoolVar(&o.Yes)
			c.Flag("dry-run", "Show what would happen and change nothing.").BoolVar(&o.DryRun)
			command.TargetFlags(c, &o.Target)
			command.OutputFlags(c, &o.Output)
			return command.WithClouds(func(ctx context.Context, e *command.Env) error {
				if addressGiven && o.Address == "" { // a variable of a script that is not set
					return exit.Usagef("--address is empty: give an address, or leave the flag out to have one chosen")
				}
				o.JournalFile = *journal
				return Assign(ctx, e, o)
			})
		},
	}
}

// AssignOptions are for Assign.
type AssignOptions struct {
	command.Target
	table.Output
	Subnet      string // id
	Address     string // "" takes a free one
	Yes, DryRun bool
	JournalFile string // "" is DefaultJournal
}

// maxTries is how many free addresses are tried when other clients are faster.
const maxTries = 3

// assignment is one run of the command assign.
type assignment struct {
	env     *command.Env
	project command.Project
	journal *journal.Journal // nil in a dry run
	since   int              // entries of the journal when the cloud was read
	subnet  inventory.Subnet
	taken   []inventory.PrivateIP
	tried   []netip.Addr
	left    float64 // addresses that are free
	source  string  // who says so
	options AssignOptions
}

func assignColumns() []table.Column {
	return []table.Column{
		{Key: "cloud"}, {Key: "project"}, {Key: "subnet_id", Wide: true}, {Key: "subnet_name"}, {Key: "address"},
		{Key: "private_ip_id"}, {Key: "status"}, {Key: "intent_id", Wide: true}, {Key: "result"},
	}
}

// Assign assigns one address of a subnet and prints it. It journals
// the intent first, sends exactly one request, and never repeats it.
func Assign(ctx context.Context, e *command.Env, o AssignOptions) error {
	addr, err := checkAssign(e, &o)
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

// checkAssign finds faults of the options before any cloud is asked.
func checkAssign(e *command.Env, o *AssignOptions) (netip.Addr, error) {
	if err := o.Output.Check(assignColumns()); err != nil {
		return netip.Addr{}, err
	}
	if o.Subnet == "" {
		return netip.Addr{}, exit.Usagef("assign private IP: give --subnet=ID; see inventory subnets")
	}
	if err := e.NeedYes(o.Yes, o.DryRun); err != nil {
		return netip.Addr{}, err
	}
	if o.Address == "" {
		return netip.Addr{}, nil
	}
	return command.ParseAddress(o.Address)
}

func (a *assignment) close() {
	if a.journal != nil {
		a.journal.Close()
	}
}

// confirm shows what is about to happen, and asks.
func (a *assignment) confirm(ctx context.Context, addr netip.Addr) error {
	a.env.Say("subnet %s (%s) in %s/%s: %s addresses free %s, %s after this",
		a.subnet.Name, a.subnet.Prefix, a.project.Cloud(), a.project.Label(), rows.ValueText(a.left), a.source, rows.ValueText(max(0, a.left-1)))
	switch {
	case a.options.DryRun:
		a.env.Say("dry run: would assign %s; nothing was changed", addr)
	case !a.options.Yes:
		return a.env.Ask(ctx, fmt.Sprintf("Assign %s in subnet %s?", addr, a.subnet.Name))
	}
	return nil
}

// assign tries addr. When the program chose it and another client was faster, it
// tries others.
func (a *assignment) assign(ctx context.Context, addr netip.Addr) error {
	for try := 1; ; try++ {
		ip, intent, err := a.send(ctx, addr)
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
		a.env.Say("%s was taken meanwhile; trying %s", addr, next)
		addr = next
	}
}

// send sends the one request for one address, journaled.
func (a *assignment) send(ctx context.Context, addr netip.Addr) (inventory.PrivateIP, string, error) {
	entry, err := entry(ctx, a.env, a.project, journal.Assign, journal.Target{SubnetID: a.options.Subnet, Address: addr.String()})
	if err != nil {
		return inventory.PrivateIP{}, "", err
	}
	m := mutation{
		entry: entry, since: a.since, reconcile: commandToReconcile(a.env, a.options.JournalFile),
		request: func(ctx context.Context) (inventory.PrivateIP, error) {
			return a.project.AssignPrivateIP(ctx, a.subnet, addr, entry.IntentID)
		},
		check: assigned(a.env, a.project, a.subnet.ID, addr, entry.IntentID, a.env.Now()), certain: provider.Named(a.project.Provider()).KeepsIntent,
	}
	ip, err := m.run(ctx, a.env, a.journal)
	switch asked := inventory.ParseID(a.options.Subnet); {
	case err != nil:
	case ip.Addr.IsValid() && ip.Addr != addr:
		err = fmt.Errorf("assign %s: the cloud assigned %s (%s) instead; release it if you do not want it", addr, ip.Addr, text.Terminal(ip.ID.String()))
	case !ip.SubnetID.IsZero() && ip.SubnetID != asked:
		err = fmt.Errorf("assign %s: the cloud assigned it (%s) in subnet %q instead of %q; release it if you do not want it", addr, text.Terminal(ip.ID.String()), ip.SubnetID, asked)
	}
	return ip, entry.IntentID, err
}

func (a *assignment) print(ip inventory.PrivateIP, intent, what string) error {
	r := &table.Table{Columns: assignColumns()}
	r.Rows = append(r.Rows, []any{
		a.project.Cloud(), a.project.Label(), a.options.Subnet, a.subnet.Name, ip.Addr.String(), ip.ID.String(), ip.Status, intent, what,
	})
	return a.env.Print(r, a.options.Output)
}

func holderText(ip inventory.PrivateIP) string {
	if ip.Owner == "" {
		return "reserved, used by nothing"
	}
	return "used by " + text.Terminal(ip.Owner)
}
