package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

// errNoProject is what an empty list of projects means: a credential that
// sees nothing is a fault of permissions, not an empty cloud.
var errNoProject = errors.New("listing projects: the credential sees no project: give it a role in one, or name the projects in clouds[].projects")

// targetsAtOnce bounds the targets of one cloud that are collected together.
const targetsAtOnce = 32

// watchedCloud is one configured cloud: its session and its targets.
type watchedCloud struct {
	r          *Runner
	cfg        config.Cloud
	cloud      Cloud
	identity   string // by which the storage knows it
	collectors []collector.Collector
	ctx        context.Context // ends when the cloud leaves the configuration: work outlives its callers
	leave      context.CancelFunc
	open       bool // the projects are not all written in the configuration

	interval   time.Duration // of the background collections; guarded by Runner.reload
	unschedule context.CancelFunc

	collecting, listing sharedWork // of all targets; of the projects

	mu      sync.Mutex
	targets []*target // of known projects, sorted by label when open
	unknown *target   // for projects that are not known, else nil
}

// newCloud opens a session and makes the targets that are known without I/O.
// Those that old, if not nil, has as well keep their answers. The clouds before it in the
// configuration may have the same identity, and collect something else.
func (r *Runner) newCloud(cfg config.Cloud, old *watchedCloud, before []*watchedCloud) (*watchedCloud, error) {
	cloud, err := r.opts.Open(cfg)
	if err != nil {
		return nil, err
	}
	w := &watchedCloud{r: r, cfg: cfg, cloud: cloud, identity: cloud.Identity()}
	w.collectors = slices.DeleteFunc(slices.Clone(r.opts.Collectors), func(c collector.Collector) bool { return !slices.Contains(cfg.Collectors, c.Name) })
	if old != nil && old.cloud.Identity() != w.identity && same(config.Cloud{Auth: old.cfg.Auth}, config.Cloud{Auth: cfg.Auth}) {
		old = nil // a clouds.yaml leads elsewhere now
	}
	if slices.ContainsFunc(before, func(b *watchedCloud) bool { return b.identity == w.identity }) {
		w.identity += "\x00" + cfg.Name
	}
	w.ctx, w.leave = context.WithCancel(r.ctx)
	for _, label := range cloud.Labels() {
		t := w.newTarget(label)
		if label == "*" || label == "" {
			w.open, w.unknown = true, t
			continue
		}
		if !r.opts.Shard.Owns(t.Target) {
			continue
		}
		w.targets = append(w.targets, t)
	}
	w.remember(old)
	return w, nil
}

// remember gives the targets the answers of old, where that has them, else those of
// the storage. Where the cloud lists the projects, those of before stand in until it has.
func (w *watchedCloud) remember(old *watchedCloud) {
	var before []*target
	var projects []string
	if old != nil {
		before = old.known()
	}
	if w.open && old != nil && old.open {
		for _, t := range before {
			projects = append(projects, t.Project)
		}
	}
	if w.open && len(projects) == 0 {
		projects = w.r.opts.Storage.Projects(w.identity)
	}
	for _, project := range projects {
		if w.r.opts.Shard.Owns(Target{Cloud: w.cfg.Name, Project: project}) {
			w.targets, w.unknown = append(w.targets, w.newTarget(project)), nil
		}
	}
	for _, t := range w.targets {
		if o := find(before, t.Project); o != nil {
			t.inherit(o)
		} else {
			w.restore(t)
		}
	}
}

func find(targets []*target, project string) *target {
	i := slices.IndexFunc(targets, func(t *target) bool { return t.Project == project })
	if i < 0 {
		return nil
	}
	return targets[i]
}

func (w *watchedCloud) newTarget(label string) *target {
	return newTarget(Target{Cloud: w.cfg.Name, Project: label}, w.cfg.Provider, w.collectors, w.r.opts.Logger)
}

func (w *watchedCloud) restore(t *target) {
	t.restore(w.r.opts.Storage.Restore(w.identity, w.cfg.Name, t.Project))
}

// all returns the targets to publish: those of known projects, and the one for
// unknown projects.
func (w *watchedCloud) all() []*target {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unknown == nil {
		return slices.Clone(w.targets)
	}
	return append(slices.Clone(w.targets), w.unknown)
}

// known returns the targets whose projects are known: those that can be collected.
func (w *watchedCloud) known() []*target {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.targets)
}

// list finds the projects to collect, once for all who came at ticket.
func (w *watchedCloud) list(ticket uint64) *run {
	return w.listing.join(&w.r.workers, ticket, func() {
		begun := time.Now()
		half := w.r.limits().Timeout / 2 // the rest is for what is to be collected
		ctx, cancel := context.WithTimeoutCause(w.ctx, half, fmt.Errorf("half of collection.timeout, %s, passed", half))
		defer cancel()
		projects, err := w.cloud.Projects(ctx)
		if err == nil && len(projects) == 0 {
			err = errNoProject
		}
		switch {
		case w.ctx.Err() != nil:
		case err != nil:
			w.onProjectsFailed(because(ctx, err), time.Since(begun))
		default:
			w.onProjects(projects)
		}
	})
}

// onProjects takes over a complete list: new projects come, and those that it lacks go.
// Only list changes the targets, so that nobody waits while the storage is read.
func (w *watchedCloud) onProjects(projects []Project) {
	before := w.known()
	targets := make([]*target, 0, len(projects))
	for _, p := range projects {
		if !w.r.opts.Shard.Owns(Target{Cloud: w.cfg.Name, Project: p.Label()}) {
			continue // another replica's
		}
		t := find(before, p.Label())
		if t == nil {
			t = w.newTarget(p.Label())
			w.restore(t)
			w.r.opts.Begin(t.Target, w.cfg)
		}
		t.resolve(p)
		targets = append(targets, t)
	}
	w.mu.Lock()
	w.targets, w.unknown = targets, nil
	w.mu.Unlock()
	for _, t := range before {
		if !slices.Contains(targets, t) {
			w.r.workers.start(func() {
				t.collecting.wait() // what still runs would bring the metrics back
				w.r.forget(t.Target)
			})
		}
	}
}

// onProjectsFailed records a failed project listing: known projects stay, and the
// target for unknown ones reports the failure.
func (w *watchedCloud) onProjectsFailed(err error, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.targets {
		if !t.resolved() { // it will not be collected, and must not look as if all were well
			t.fail(err, took)
		}
	}
	if !w.open || w.unknown == nil && !slices.Contains(w.cfg.Projects, "*") {
		return // the own scope of a credential is one project, which was there before
	}
	if w.unknown == nil {
		w.unknown = w.newTarget("*")
	}
	w.unknown.fail(err, took)
}

// collectAll collects every target once, for all who came at ticket.
func (w *watchedCloud) collectAll(ticket uint64) *run {
	return w.collecting.join(&w.r.workers, ticket, func() {
		for _, t := range w.known() {
			t.running.Store(true) // also while it waits for the list, or for others
		}
		<-w.list(ticket).done
		var group errgroup.Group
		group.SetLimit(targetsAtOnce)
		for _, t := range w.known() {
			group.Go(func() error {
				<-w.collect(t, ticket, ticket).done
				t.running.Store(false)
				return nil
			})
		}
		_ = group.Wait() // no function returns an error
	})
}

// collect collects one target, for all who came at ticket. The list of projects
// is asked anew unless one was begun after the ticket listing.
func (w *watchedCloud) collect(t *target, ticket, listing uint64) *run {
	return t.collecting.join(&w.r.workers, ticket, func() {
		t.running.Store(true)
		defer t.running.Store(false)
		list := w.list(listing)
		<-list.done
		limits := w.r.limits()
		ctx, cancel := context.WithTimeoutCause(w.ctx, limits.Timeout-list.took,
			fmt.Errorf("collection.timeout of %s passed: raise it, or see which API is slow", limits.Timeout))
		defer cancel()
		t.collect(ctx, w.ctx, w.cfg, t.snapshot(time.Now(), limits))
		if w.ctx.Err() == nil {
			t.mu.Lock()
			known := t.whole()
			t.mu.Unlock()
			w.r.opts.Storage.Record(w.identity, known)
		}
	})
}

// Cloud is a session with one configured cloud.
type Cloud interface {
	// Labels are the projects known without asking the cloud: "*" stands for
	// all that the credential sees, "" for its own scope of unknown name.
	Labels() []string
	// Identity says which cloud is asked, and as whom, without asking it.
	Identity() string
	// Changed reports whether files that the configuration names say something
	// else than when the cloud was opened.
	Changed() bool
	// Projects lists the projects to watch. It asks the cloud only where Labels
	// does not name them. It is never called twice at the same time.
	Projects(ctx context.Context) ([]Project, error)
	// Close closes idle connections.
	Close()
}

// Project is one project of a cloud and its APIs.
type Project interface {
	collector.API
	// Label is the value of the label "project".
	Label() string
}

// Session makes a session of the cloud client a Cloud.
func Session(c *cloudapi.Cloud) Cloud { return session{c} }

type session struct{ *cloudapi.Cloud }

func (s session) Projects(ctx context.Context) ([]Project, error) {
	ps, err := s.Cloud.Projects(ctx)
	if err != nil {
		return nil, err
	}
	projects := make([]Project, len(ps))
	for i, p := range ps {
		projects[i] = p
	}
	return projects, nil
}
