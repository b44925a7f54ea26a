package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// InventoryOptions are for Inventory.
type InventoryOptions struct {
	Target
	Output
	Resource string // one of Resources; "" is subnets
}

// Resources are what Inventory can print.
func Resources() []string {
	var names []string
	for _, v := range listings() {
		names = append(names, v.resource)
	}
	return names
}

// resourceNames are the collectors behind Resources.
func resourceNames() []string {
	var names []string
	for _, v := range listings() {
		names = append(names, v.collector())
	}
	return names
}

// Inventory collects one resource of all chosen projects and prints it. What a
// project could not tell whole is not printed, and makes the command fail.
func (e *Env) Inventory(ctx context.Context, o InventoryOptions) error {
	if o.Resource == "" {
		o.Resource = "subnets"
	}
	all := listings()
	i := slices.IndexFunc(all, func(v listing) bool { return v.resource == o.Resource })
	if i < 0 {
		return usagef("choose resource: %q is none of %s", o.Resource, strings.Join(Resources(), ", "))
	}
	v := all[i]
	r := &result{columns: v.columns, paint: v.paint}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	projects, failures, err := e.projects(ctx, o.Target)
	if err != nil {
		return err
	}
	failures = append(failures, e.fill(ctx, r, v, projects)...)
	if len(o.Sort) == 0 {
		o.Sort = v.sort
	}
	if err := e.print(r, o.Output); err != nil {
		return err
	}
	return errors.Join(failures...)
}

func (e *Env) fill(ctx context.Context, r *result, v listing, projects []Project) (failures []error) {
	for _, p := range projects {
		if !hasCollector(p, v.collector()) {
			e.say("cloud %s (%s) has no %s", p.Cloud(), p.Provider(), strings.ReplaceAll(v.resource, "-", " "))
			continue
		}
		snap, err := e.snapshotFor(ctx, p, v)
		if err != nil {
			failures = append(failures, fmt.Errorf("collect %s of project %q in cloud %q: %w", v.resource, p.Label(), p.Cloud(), err))
			continue
		}
		v.rows(snap, func(row ...any) { r.rows = append(r.rows, append([]any{snap.Cloud, snap.Project}, row...)) })
	}
	return failures
}

// snapshotFor collects a resource. What its rows are joined with is fetched
// where it is collected anyway, and a failure of that costs no row.
func (e *Env) snapshotFor(ctx context.Context, p Project, v listing) (*inventory.Snapshot, error) {
	names := []string{v.collector()}
	for _, name := range v.with {
		if slices.Contains(p.Config().Collectors, name) {
			names = append(names, name)
		}
	}
	if len(names) > 1 {
		p = listedOnly{p}
	}
	snap, errs := e.collect(ctx, p, names)
	for i, st := range snap.States {
		if errs[i] != nil && st.Collector == v.collector() {
			return nil, errs[i]
		}
	}
	if err := errors.Join(errs...); err != nil {
		e.say("warning: %s of %s/%s are shown without what these would tell: %v", v.resource, p.Cloud(), p.Label(), err)
	}
	return snap, nil
}

// listedOnly is a project whose servers are listed and not asked one by one.
type listedOnly struct{ Project }

func (p listedOnly) Config() config.Cloud {
	c := p.Project.Config()
	c.APIs.ServerAddresses = "list"
	return c
}

func hasCollector(p Project, name string) bool {
	for _, c := range collector.All() {
		if c.Name == name {
			return c.For(p.Provider())
		}
	}
	return false
}

// collect runs collectors once on one project. What is complete comes back beside
// the error of each state, nil for those that succeeded.
func (e *Env) collect(ctx context.Context, p Project, names []string) (*inventory.Snapshot, []error) {
	bar := e.progress("collecting from " + p.Cloud() + "/" + p.Label())
	defer bar.end()
	var wanted []collector.Collector
	for _, c := range collector.All() {
		if slices.Contains(names, c.Name) && c.For(p.Provider()) {
			wanted = append(wanted, c)
		}
	}
	snap := collect.Once(ctx, watched{Project: p, tick: bar.add}, p.Config(), wanted)
	failures := make([]error, len(snap.States))
	for i, st := range snap.States {
		if st.Err != nil {
			failures[i] = advised(fmt.Errorf("collect %s: %w", st.Collector, st.Err))
		}
	}
	return snap, failures
}
