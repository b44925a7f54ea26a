package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

// errNoProject is what an empty list of projects means: a credential that
// sees nothing is a fault of permissions, not an empty cloud.
var errNoProject = errors.New("listing projects: the credential sees no project: give it a role in one, or name the projects in clouds[].projects")

// targetsAtOnce bounds the targets of one cloud that a sweep collects together.
const targetsAtOnce = 32

// site is one configured cloud: its session and its targets.
type site struct {
	r          *Runner
	cfg        config.Cloud
	cloud      Cloud
	collectors []collector.Collector
	ctx        context.Context // ends when the cloud leaves the configuration: work outlives its callers
	leave      context.CancelFunc
	open       bool // the projects are not all written in the configuration

	interval   time.Duration // of the background collections; guarded by Runner.reload
	unschedule context.CancelFunc

	sweeps, listings flight

	mu      sync.Mutex
	targets []*target // of known projects, sorted by label when open
	unknown *target   // stands for projects that are not known, else nil
}

// newSite opens a session and makes the targets that are known without I/O.
// Those that old, if not nil, has as well keep their answers.
func (r *Runner) newSite(cfg config.Cloud, old *site) (*site, error) {
	cloud, err := r.opts.Open(cfg)
	if err != nil {
		return nil, err
	}
	s := &site{r: r, cfg: cfg, cloud: cloud, collectors: r.enabled(cfg)}
	s.ctx, s.leave = context.WithCancel(r.ctx)
	for _, label := range cloud.Labels() {
		t := s.newTarget(label)
		if label == "*" || label == "" {
			s.open, s.unknown = true, t
			continue
		}
		if !r.opts.Shard.Owns(t.Target) {
			continue
		}
		s.targets = append(s.targets, t)
	}
	if old != nil {
		s.inherit(old)
	}
	return s, nil
}

// inherit takes over what an earlier site of the same cloud knew.
func (s *site) inherit(old *site) {
	old.mu.Lock()
	defer old.mu.Unlock()
	if s.open && old.open && len(old.targets) > 0 {
		s.unknown = nil
		for _, t := range old.targets {
			s.targets = append(s.targets, s.newTarget(t.Project))
		}
	}
	for _, t := range s.targets {
		if o := find(old.targets, t.Project); o != nil {
			t.inherit(o)
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

func (s *site) newTarget(label string) *target {
	return newTarget(Target{Cloud: s.cfg.Name, Project: label}, s.cfg.Provider, s.collectors, s.r.log)
}

// all are the targets to publish: known projects, and the one that stands for
// those that could not be listed.
func (s *site) all() []*target {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unknown == nil {
		return slices.Clone(s.targets)
	}
	return append(slices.Clone(s.targets), s.unknown)
}

// known are the targets whose projects are known: those that can be collected.
func (s *site) known() []*target {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.targets)
}

// list finds the projects to collect, once for all who came at ticket.
func (s *site) list(ticket uint64) *run {
	return s.listings.join(&s.r.tickets, ticket, &s.r.workers, func() {
		begun := time.Now()
		timeout := s.r.limits().Timeout
		ctx, cancel := context.WithTimeoutCause(s.ctx, timeout,
			fmt.Errorf("collection.timeout of %s passed", timeout))
		defer cancel()
		projects, err := s.cloud.Projects(ctx)
		if err == nil && len(projects) == 0 {
			err = errNoProject
		}
		switch {
		case s.ctx.Err() != nil:
		case err != nil:
			s.unlisted(because(ctx, err), time.Since(begun))
		default:
			s.listed(projects)
		}
	})
}

// listed takes over a complete list: new projects come, vanished ones go.
func (s *site) listed(projects []Project) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.targets
	s.targets = make([]*target, 0, len(projects))
	for _, p := range projects {
		if find(s.targets, p.Label()) != nil {
			continue // labels are unique, whatever the cloud answers
		}
		if !s.r.opts.Shard.Owns(Target{Cloud: s.cfg.Name, Project: p.Label()}) {
			continue // another replica's
		}
		t := find(before, p.Label())
		if t == nil {
			t = s.newTarget(p.Label())
		}
		t.resolve(p)
		s.targets = append(s.targets, t)
	}
	s.unknown = nil
	for _, t := range before {
		if !slices.Contains(s.targets, t) {
			s.r.forget(t.Target)
		}
	}
}

// unlisted tells that the projects could not be listed. The last good list
// stays, and beside it a target that fails, so that it shows.
func (s *site) unlisted(err error, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.targets {
		if !t.resolved() { // it will not be collected, and must not look as if all were well
			t.fail(err, took)
		}
	}
	if !s.open {
		return
	}
	if s.unknown == nil {
		s.unknown = s.newTarget("*")
	}
	s.unknown.fail(err, took)
}

// sweep collects every target once, for all who came at ticket.
func (s *site) sweep(ticket uint64) *run {
	return s.sweeps.join(&s.r.tickets, ticket, &s.r.workers, func() {
		for _, t := range s.known() {
			t.setRunning(true) // also while it waits for the list, or for others
		}
		<-s.list(ticket).done
		var group errgroup.Group
		group.SetLimit(targetsAtOnce)
		for _, t := range s.known() {
			group.Go(func() error {
				<-s.collect(t, ticket, ticket).done
				t.setRunning(false)
				return nil
			})
		}
		_ = group.Wait() // no function returns an error
	})
}

// collect collects one target, for all who came at ticket. The list of projects
// is asked anew unless one was begun after the ticket listing.
func (s *site) collect(t *target, ticket, listing uint64) *run {
	return t.runs.join(&s.r.tickets, ticket, &s.r.workers, func() {
		t.setRunning(true)
		defer t.setRunning(false)
		<-s.list(listing).done
		t.collect(s.ctx, s.cfg, s.r.limits())
	})
}
