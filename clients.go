package main

import (
	"context"
	"errors"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli"
)

func (a *app) addInventory() {
	var o cli.InventoryOptions
	c := a.Command("inventory", "Collect once and print what there is.\n\nExample: cloudip_exporter inventory ports --filter=status=DOWN --output=csv")
	c.Arg("resource", "What to print: "+strings.Join(cli.Resources(), ", ")+".").Default("subnets").EnumVar(&o.Resource, cli.Resources()...)
	targetFlags(c, &o.Target)
	outputFlags(c, &o.Output)
	a.reader(c, func(ctx context.Context, e *cli.Env) error { return e.Inventory(ctx, o) })
}

func (a *app) addLookup() {
	var o cli.LookupOptions
	c := a.Command("lookup", "Tell who holds addresses; exit code 4 if any is held by nobody.\n\nExample: cloudip_exporter lookup 10.0.0.7 2001:db8::7")
	c.Arg("ip", "Address.").Required().StringsVar(&o.Addresses)
	c.Flag("servers", "Name the server behind a port: one more call for each.").Default("true").BoolVar(&o.Servers)
	c.Flag("address-groups", "Find the address groups that cover an address: one more call for each page of them.").Default("true").BoolVar(&o.AddressGroups)
	c.Flag("full", "Collect everything once: finds also what only servers show.").BoolVar(&o.Full)
	targetFlags(c, &o.Target)
	outputFlags(c, &o.Output)
	a.reader(c, func(ctx context.Context, e *cli.Env) error { return e.Lookup(ctx, o) })
}

func (a *app) addPrivateIP() {
	group := a.Command("private-ip", "Assign, list and release private IPs.")
	journal := group.Flag("journal.file", "Journal of assignments and releases; default cloudip_exporter/journal.jsonl below $XDG_STATE_HOME or ~/.local/state.").PlaceHolder("FILE").String()
	a.addAssign(group, journal)
	a.addPrivateIPList(group)
	a.addRelease(group, journal)
	a.addReconcile(group, journal)
}

func (a *app) addAssign(group *kingpin.CmdClause, journal *string) {
	var assign cli.AssignOptions
	c := group.Command("assign", "Assign one address of a subnet.\n\nExample: cloudip_exporter private-ip assign --subnet=ID --address=10.0.0.7 --dry-run")
	c.Flag("subnet", "Subnet, by its id.").Required().PlaceHolder("ID").StringVar(&assign.Subnet)
	var addressGiven bool
	c.Flag("address", "Address; a free one is chosen without it.").PlaceHolder("IP").IsSetByUser(&addressGiven).StringVar(&assign.Address)
	c.Flag("keep-free", "Refuse when fewer addresses than this would be left in the subnet.").PlaceHolder("N").IntVar(&assign.KeepFree)
	c.Flag("yes", "Do not ask.").Short('y').BoolVar(&assign.Yes)
	c.Flag("dry-run", "Show what would happen and change nothing.").BoolVar(&assign.DryRun)
	targetFlags(c, &assign.Target)
	outputFlags(c, &assign.Output)
	a.client(c, func(ctx context.Context, e *cli.Env) error {
		if addressGiven && assign.Address == "" { // a variable of a script that is not set
			return usageError(errors.New("--address is empty: give an address, or leave the flag out to have one chosen"))
		}
		assign.JournalFile = *journal
		return e.PrivateIPAssign(ctx, assign)
	})
}

func (a *app) addPrivateIPList(group *kingpin.CmdClause) {
	var list cli.PrivateIPListOptions
	c := group.Command("list", "List private IPs.")
	c.Flag("subnet", "Only those of this subnet, by its id.").PlaceHolder("ID").StringVar(&list.Subnet)
	targetFlags(c, &list.Target)
	outputFlags(c, &list.Output)
	a.reader(c, func(ctx context.Context, e *cli.Env) error { return e.PrivateIPList(ctx, list) })
}

func (a *app) addRelease(group *kingpin.CmdClause, journal *string) {
	var release cli.ReleaseOptions
	c := group.Command("release", "Release a private IP that nothing uses.")
	c.Arg("id", "Private IP, by its id.").Required().StringVar(&release.ID)
	c.Flag("yes", "Do not ask.").Short('y').BoolVar(&release.Yes)
	c.Flag("dry-run", "Show what would happen and change nothing.").BoolVar(&release.DryRun)
	targetFlags(c, &release.Target)
	outputFlags(c, &release.Output)
	a.client(c, func(ctx context.Context, e *cli.Env) error {
		release.JournalFile = *journal
		return e.PrivateIPRelease(ctx, release)
	})
}

func (a *app) addReconcile(group *kingpin.CmdClause, journal *string) {
	var reconcile cli.ReconcileOptions
	c := group.Command("reconcile", "Find out what became of assignments and releases whose outcome is unknown.")
	targetFlags(c, &reconcile.Target)
	outputFlags(c, &reconcile.Output)
	a.client(c, func(ctx context.Context, e *cli.Env) error {
		reconcile.JournalFile = *journal
		return e.PrivateIPReconcile(ctx, reconcile)
	})
}

func (a *app) addServer() {
	group := a.Command("server", "Show the addresses and the console of one server.")

	var console cli.ServerConsoleOptions
	c := group.Command("console", "Print the login address of the serial console; it is a secret.")
	c.Arg("id", "Server, by its id.").Required().StringVar(&console.Server)
	c.Flag("json", "Print JSON that marks the address as secret.").BoolVar(&console.JSON)
	c.Flag("open", "Start the browser as well.").BoolVar(&console.Open)
	targetFlags(c, &console.Target)
	a.client(c, func(ctx context.Context, e *cli.Env) error { return e.ServerConsole(ctx, console) })

	var ips cli.ServerIPsOptions
	c = group.Command("ips", "List the addresses of one server.")
	c.Arg("id", "Server, by its id.").Required().StringVar(&ips.Server)
	targetFlags(c, &ips.Target)
	outputFlags(c, &ips.Output)
	a.reader(c, func(ctx context.Context, e *cli.Env) error { return e.ServerIPs(ctx, ips) })
}
