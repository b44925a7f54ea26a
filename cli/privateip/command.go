// Package privateip is the command private-ip: it lists, assigns and releases
// private IPs, and reconciles changes whose outcome is unknown. A change is: look,
// ask, journal the intent, send one request, read back where its outcome is
// unknown, journal the outcome.
package privateip

import (
	"context"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
)

// Command returns the group private-ip.
func Command() command.Command {
	o := new(Options)
	asking := func(c *kingpin.CmdClause) {
		c.Flag("yes", "Do not ask.").Short('y').BoolVar(&o.Yes)
		c.Flag("dry-run", "Show what would happen and change nothing.").BoolVar(&o.DryRun)
	}
	return command.Command{
		Name: "private-ip", Help: "Assign, list and release private IPs.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			c.Flag("journal.file", "The journal; default cloudip_exporter/journal.jsonl below $XDG_STATE_HOME or ~/.local/state.").PlaceHolder("FILE").StringVar(&o.JournalFile)
			return nil
		},
		Commands: []command.Command{
			o.command("assign", "Assign one address of a subnet.\n\nExample: cloudip_exporter private-ip assign --subnet=app-a --address=10.0.0.7 --dry-run", Assign, func(c *kingpin.CmdClause) {
				c.Flag("subnet", "Subnet, by id, beginning of the id (8 characters or more), name or CIDR.").Required().PlaceHolder("SUBNET").StringVar(&o.Subnet)
				c.Flag("address", "Address; without it a free one.").PlaceHolder("IP").IsSetByUser(&o.addressSet).StringVar(&o.Address)
				asking(c)
			}),
			{Name: "list", Help: "List private IPs.", Flags: func(c *kingpin.CmdClause) command.Run {
				c.Flag("subnet", "Only those of this subnet.").PlaceHolder("SUBNET").StringVar(&o.Subnet)
				command.TargetFlags(c, &o.Target)
				return command.Reading(c, &o.Output, func(ctx context.Context, e *command.Env) error { return List(ctx, e, *o) })
			}},
			o.command("release", "Release a private IP that nothing uses.", Release, func(c *kingpin.CmdClause) {
				c.Arg("id", "Private IP, by its id.").Required().StringVar(&o.ID)
				asking(c)
				c.Flag("force", "Release it although a prefix in allowed_address_pairs covers it, or it is not known what uses it.").BoolVar(&o.Force)
			}),
			o.command("reconcile", "Find out what became of assignments and releases whose outcome is unknown.", Reconcile, func(*kingpin.CmdClause) {}),
		},
	}
}

func (o *Options) command(name, help string, run func(context.Context, *command.Env, Options) error, flags func(*kingpin.CmdClause)) command.Command {
	return command.Command{Name: name, Help: help, Flags: func(c *kingpin.CmdClause) command.Run {
		flags(c)
		command.TargetFlags(c, &o.Target)
		command.OutputFlags(c, &o.Output)
		return command.WithClouds(func(ctx context.Context, e *command.Env) error { return run(ctx, e, *o) })
	}}
}
