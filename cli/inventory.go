package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

func inventoryCommand() command.Command {
	return command.Command{
		Name: "inventory",
		Help: "Collect once and print what there is.\n\nExample: cloudip_exporter inventory ports --filter=status=DOWN --output=csv",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o inventoryOptions
			c.Arg("resource", "What to print: "+strings.Join(resources(), ", ")+".").Default("subnets").HintOptions(resources()...).EnumVar(&o.Resource, resources()...)
			c.Flag("idle-for", "With idle: only addresses known to be idle for so long, such as 30d.").PlaceHolder("DURATION").StringVar(&o.IdleFor)
			c.Flag("length", "With free-prefixes: only blocks that hold a prefix of this length, the tightest marked.").PlaceHolder("N").StringVar(&o.Length)
			c.Flag("vpc", "With free-prefixes: only of this VPC, by id or name.").PlaceHolder("VPC").StringVar(&o.VPC)
			command.TargetFlags(c, &o.Target)
			return command.Reading(c, &o.Output, func(ctx context.Context, e *command.Env) error { return runInventory(ctx, e, o) })
		},
	}
}

type inventoryOptions struct {
	command.Target
	table.Output
	Resource    string // of resources
	IdleFor     string // of idle
	Length, VPC string // of free-prefixes
}

func resources() []string {
	var names []string
	for _, v := range listings() {
		names = append(names, v.Name)
	}
	return names
}

// runInventory collects one resource of all chosen projects and prints it. It
// does not print what a project did not list completely, and fails then.
func runInventory(ctx context.Context, e *command.Env, o inventoryOptions) error {
	v := listingNamed(o.Resource)
	v.addTags(e.Clouds)
	if err := errors.Join(o.check(), v.remember(ctx, e, o.IdleFor), v.narrow(o)); err != nil {
		return err
	}
	r := &table.Table{Columns: v.columns}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	projects, failures, err := e.ChooseProjects(ctx, o.Target)
	if err != nil {
		return err
	}
	failures = append(failures, fill(ctx, e, r, v, projects)...)
	if len(o.Sort) == 0 {
		o.Sort = v.sort
	}
	full := len(r.Rows) == 0
	if err := e.Print(r, o.Output); err != nil {
		return err
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	if v.missed != nil {
		if err := v.missed(); err != nil {
			return err
		}
	}
	if full && o.Length != "" {
		e.Say("no free block holds a /%s", strings.TrimPrefix(o.Length, "/"))
	}
	return nil
}

// check refuses flags that belong to another resource.
func (o *inventoryOptions) check() error {
	for _, flag := range [][3]string{{"idle-for", o.IdleFor, "idle"}, {"length", o.Length, "free-prefixes"}, {"vpc", o.VPC, "free-prefixes"}} {
		if flag[1] != "" && o.Resource != flag[2] {
			return exit.Usagef("--%s is for inventory %s", flag[0], flag[2])
		}
	}
	return nil
}

func fill(ctx context.Context, e *command.Env, r *table.Table, v *listing, projects []command.Project) (failures []error) {
	for _, p := range projects {
		if len(collectorsOf(p, []string{v.Collector})) == 0 {
			e.Say("cloud %s (%s) has no %s", p.Cloud(), p.Provider(), strings.ReplaceAll(v.Name, "-", " "))
			continue
		}
		snap, err := snapshotFor(ctx, e, p, v)
		if err != nil {
			failures = append(failures, fmt.Errorf("collect %s of project %q in cloud %q: %w", v.Name, p.Label(), p.Cloud(), err))
			continue
		}
		if v.Name == "free-prefixes" {
			sayHidden(e, snap)
		}
		r.Add(v.Keys, v.Rows(snap))
	}
	return failures
}

// snapshotFor collects a resource. What its rows are joined with is fetched
// where it is collected anyway, and a failure of that costs no row.
func snapshotFor(ctx context.Context, e *command.Env, p command.Project, v *listing) (*inventory.Snapshot, error) {
	names := []string{v.Collector}
	if slices.Contains(p.Config().Collectors, v.with) {
		names, p = append(names, v.with), listedOnly{p}
	}
	wanted := collectorsOf(p, names)
	if v.space {
		wanted = []collector.Collector{collector.Space()}
	}
	if v.Name == "ports" && slices.Contains(p.Config().Collectors, "subnets") {
		wanted = append(wanted, collector.Networks())
	}
	snap, errs := collectOnce(ctx, p, wanted)
	for i, st := range snap.States {
		if errs[i] != nil && st.Collector == v.Collector {
			return nil, errs[i]
		}
	}
	if err := errors.Join(errs...); err != nil {
		e.Say("warning: %s of %s/%s are shown without the data of these: %v", v.Name, p.Cloud(), p.Label(), err)
	}
	sayMissing(e, snap, v.Name)
	return snap, nil
}

// sayMissing warns of what a complete answer lacks: listings that the cloud refuses,
// and items that could not be read.
func sayMissing(e *command.Env, snap *inventory.Snapshot, shown string) {
	var lacks []string
	for _, st := range snap.States {
		if st.Part == nil {
			continue
		}
		for r, err := range st.Part.Without {
			lacks = append(lacks, fmt.Sprintf("%s: %v", strings.ReplaceAll(string(r), "_", " "), err))
		}
		if m := st.Part.Missing; m.N > 0 {
			lacks = append(lacks, fmt.Sprintf("%d items that could not be read; the first: %v", m.N, m.First))
		}
	}
	slices.Sort(lacks)
	for _, lack := range slices.Compact(lacks) { // several collectors may read one listing
		e.Say("warning: %s of %s/%s are shown without %s", shown, snap.Cloud, snap.Project, lack)
	}
}

// listedOnly is a project whose servers are listed and not asked one by one.
type listedOnly struct{ command.Project }

func (p listedOnly) Config() config.Cloud {
	c := p.Project.Config()
	c.APIs.ServerAddresses = "list"
	return c
}

// allServers is a project whose virtual servers count too: they hold most ports.
type allServers struct{ listedOnly }

func (p allServers) Config() config.Cloud {
	c := p.listedOnly.Config()
	c.Servers = "all"
	return c
}

// collectorsOf returns those of some names, all without names, that a project's cloud has.
func collectorsOf(p command.Project, names []string) []collector.Collector {
	return slices.DeleteFunc(collector.All(), func(c collector.Collector) bool {
		return len(names) > 0 && !slices.Contains(names, c.Name) || !c.For(p.Provider())
	})
}

// collectOnce runs collectors once on one project. What is complete comes back beside
// the error of each state, nil for those that succeeded.
func collectOnce(ctx context.Context, p command.Project, wanted []collector.Collector) (*inventory.Snapshot, []error) {
	snap := collect.Once(ctx, p, p.Config(), wanted)
	failures := make([]error, len(snap.States))
	for i, st := range snap.States {
		if st.Err != nil {
			failures[i] = exit.Advised(fmt.Errorf("collect %s: %w", st.Collector, st.Err))
		}
	}
	return snap, failures
}
