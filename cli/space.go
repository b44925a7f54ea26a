package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/collector"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// narrow lets the listing of free prefixes show what --length and --vpc ask for.
func (l *listing) narrow(o inventoryOptions) (err error) {
	if l.Name != "free-prefixes" {
		return nil
	}
	length := 0
	if o.Length != "" {
		if length, err = rows.ParseLength(o.Length); err != nil {
			return exit.Usagef("read --length=%s: %w", o.Length, err)
		}
	}
	l.Listing = rows.FreePrefixes(length)
	if o.VPC == "" {
		return nil
	}
	all, id, name, found := l.Rows, l.Key("vpc_id"), l.Key("vpc_name"), false
	l.Rows = func(snap *inventory.Snapshot) iter.Seq[rows.Row] {
		for _, v := range inventory.Of[inventory.SubnetData](snap).VPCs {
			found = found || v.ID.String() == o.VPC || v.Name == o.VPC
		}
		return rows.Where(all(snap), func(row rows.Row) bool { return row[id] == o.VPC || row[name] == o.VPC })
	}
	l.missed = func() error {
		if !found {
			return exit.Errorf(exit.NotFound, "find VPC: no project has %q", o.VPC)
		}
		return nil
	}
	return nil
}

// sayHidden warns of the VPCs and subnet pools whose free prefixes cannot be shown.
func sayHidden(e *command.Env, snap *inventory.Snapshot) {
	var names []string
	for _, a := range snap.Areas() {
		if a.Hidden {
			names = append(names, cmp.Or(a.Name, a.ID.String()))
		}
	}
	if len(names) > 0 {
		e.Say("warning: in %s/%s it is not known what is free in %s: not all its subnets can be seen", snap.Cloud, snap.Project, strings.Join(names, ", "))
	}
}

func overlapsCommand() command.Command {
	return command.Command{
		Name: "overlaps",
		Help: "Show subnets and VPCs whose prefixes overlap one another, or the given CIDRs.\n\nExample: cloudip_exporter overlaps 10.0.0.0/16",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var target command.Target
			var output table.Output
			given := c.Arg("cidr", "CIDR, for a peering or VPN that is planned.").Strings()
			command.TargetFlags(c, &target)
			return command.Reading(c, &output, func(ctx context.Context, e *command.Env) error { return runOverlaps(ctx, e, *given, target, output) })
		},
	}
}

func overlapColumns() []table.Column {
	return table.Columns(`cloud:spare project:spare vpc_id:wide vpc_name subnet_id:wide subnet_name cidr
		other_cloud:spare other_project:spare other_vpc_id:wide other_vpc_name other_subnet_id:wide other_subnet_name other_cidr`)
}

// runOverlaps prints the overlaps of all projects whose subnets can be listed.
func runOverlaps(ctx context.Context, e *command.Env, given []string, target command.Target, output table.Output) error {
	r := &table.Table{Columns: overlapColumns()}
	if err := output.Check(r.Columns); err != nil {
		return err
	}
	cidrs, err := parseAddresses(given)
	if err != nil {
		return err
	}
	projects, failures, err := e.ChooseProjects(ctx, target)
	if err != nil {
		return err
	}
	var snaps []*inventory.Snapshot
	for _, p := range projects {
		snap, errs := collectOnce(ctx, p, []collector.Collector{collector.Space()})
		if err := errors.Join(errs...); err != nil {
			failures = append(failures, fmt.Errorf("list subnets of project %q in cloud %q: %w", p.Label(), p.Cloud(), err))
			continue
		}
		sayMissing(e, snap, "overlaps")
		snaps = append(snaps, snap)
	}
	pairs, err := rows.Overlaps(snaps, cidrs)
	if err != nil {
		return err
	}
	found := slices.Collect(pairs)
	r.Add(rows.OverlapListing().Keys, slices.Values(found))
	if err := e.Print(r, output); err != nil {
		return err
	}
	if len(found)+len(failures) == 0 {
		e.Say("nothing overlaps")
	}
	return errors.Join(failures...)
}
