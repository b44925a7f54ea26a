package collect

import (
	"context"
	"fmt"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/inventory"
)

// Probe is one target to collect and read.
type Probe struct {
	r *Runner
	w *watchedCloud
	t *target
}

// Probe finds the target of a configured cloud by the label of its project, or
// without project the only one. Where the projects of the cloud have not been
// listed yet it waits for the list until ctx ends; while they cannot be listed
// it returns the target for unknown projects. The error quotes nothing but names
// of the configuration and the question.
func (r *Runner) Probe(ctx context.Context, cloud string, project *string) (*Probe, error) {
	clouds := r.current()
	i := slices.IndexFunc(clouds, func(w *watchedCloud) bool { return w.cfg.Name == cloud })
	if i < 0 {
		return nil, fmt.Errorf("no cloud %q is configured", cloud)
	}
	w := clouds[i]
	if w.unlistedYet() && r.scrapesWait() {
		wait(ctx, w.list(r.arrive()))
	}
	all := w.known()
	if len(all) == 0 {
		all = w.all() // the one for projects that are not known
	}
	switch {
	case project != nil:
		if t := find(all, *project); t != nil {
			return &Probe{r, w, t}, nil
		}
		if w.unlistedYet() {
			return &Probe{r, w, all[0]}, nil
		}
		return nil, fmt.Errorf("cloud %q has no project %q%s", cloud, *project, r.opts.Shard.note())
	case len(all) == 1:
		return &Probe{r, w, all[0]}, nil
	}
	return nil, fmt.Errorf("cloud %q has %d projects: name one with the parameter project", cloud, len(all))
}

func (w *watchedCloud) unlistedYet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.unknown != nil && len(w.targets) == 0
}

// scrapesWait reports whether scrapes wait for collections: with collection.interval
// they do for the first one alone.
func (r *Runner) scrapesWait() bool { return r.limits().Interval == 0 || !r.Ready() }

// arrive returns the ticket of a scrape that waits; with collection.interval it is
// one that each run serves, also one that has ended.
func (r *Runner) arrive() uint64 {
	if r.limits().Interval > 0 {
		return 0
	}
	return r.workers.ticket()
}

// Target returns the name of the target.
func (p *Probe) Target() Target { return p.t.Target }

// Collect is Runner.Collect for this target alone.
func (p *Probe) Collect(ctx context.Context) {
	ctx, cancel := p.t.families.reserveBuildTime(ctx)
	defer cancel()
	ticket := p.r.arrive()
	for ctx.Err() == nil && p.r.scrapesWait() {
		wait(ctx, p.w.collect(p.t, ticket, ticket))
		if p.w.ctx.Err() == nil {
			return
		}
		now, err := p.r.Probe(ctx, p.t.Cloud, &p.t.Project) // the configuration has changed
		if err != nil || now.w == p.w {
			return
		}
		*p = *now
	}
}

// Snapshot returns what is known of the target now.
func (p *Probe) Snapshot() *inventory.Snapshot {
	return p.t.snapshot(time.Now(), p.r.limits())
}

// Families returns the metric families of the target now.
func (p *Probe) Families() ([]*dto.MetricFamily, error) {
	return p.t.families.of([]*inventory.Snapshot{p.Snapshot()}, p.r.Config().Series(), p.r.opts.Storage,
		func() int { return p.r.opts.Other(&p.t.Target) })
}
