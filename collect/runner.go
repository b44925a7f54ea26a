// Package collect keeps the last complete answer of every target (a project of
// a cloud) and runs its collections: callers that come at the same time share
// one, none lasts longer than collection.timeout, and a failed one leaves the
// last good answer standing for collection.max_stale. It knows no provider.
package collect

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// Options are what a Runner needs from outside.
type Options struct {
	// Open makes a session of a configured cloud, without I/O.
	Open func(config.Cloud) (Cloud, error)
	// Collectors are all there are, in the order of publication.
	Collectors []collector.Collector
	// Logger gets a line for each cause why a collection of a target failed.
	Logger *slog.Logger
	// Storage remembers across restarts.
	Storage Storage
	// Begin is called with each target that is watched from now on, and Forget with
	// each that is not any more, when its last collection has ended.
	Begin  func(Target, config.Cloud)
	Forget func(Target)
	// Spread returns a duration in [0, interval) by which the first background
	// collection of a target is delayed: many targets, and many replicas of this program,
	// should not ask the cloud in the same second.
	Spread func(interval time.Duration) time.Duration
	// Other counts the series that are published beside those of the targets, or
	// of one target, and are part of series.limit.
	Other func(of *Target) int
	// Shard is which of the targets are collected; the zero one is all.
	Shard Shard
}

// Runner collects the targets of one configuration at a time. All its methods
// may be called concurrently.
type Runner struct {
	opts     Options
	ctx      context.Context // ends with Close: collections outlive the scrapes that start them
	cancel   context.CancelFunc
	workers  workers
	first    context.Context // ends with the first collection, well or badly
	ready    context.CancelFunc
	families familyCache // of all targets

	reload  sync.Mutex // held while the configuration changes
	started bool       // guarded by reload

	mu     sync.Mutex
	cfg    *config.Config
	clouds []*watchedCloud // in the order of the configuration
}

// New returns a Runner for cfg. It does no I/O.
func New(cfg *config.Config, opts Options) (*Runner, error) {
	r := &Runner{opts: opts}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.first, r.ready = context.WithCancel(context.Background())
	if err := r.Reload(cfg); err != nil {
		r.cancel()
		return nil, err
	}
	return r, nil
}

// Start begins one collection of every target, and the background collections
// where the configuration asks for them.
func (r *Runner) Start() {
	r.reload.Lock()
	defer r.reload.Unlock()
	r.started = true
	ticket := r.workers.ticket()
	clouds := r.current()
	runs := make([]*run, len(clouds))
	for i, s := range clouds {
		runs[i] = s.collectAll(ticket)
		s.schedule(ticket)
	}
	r.workers.start(func() {
		for _, run := range runs {
			<-run.done
		}
		r.ready()
	})
}

// Ready reports whether the first collection has ended, well or badly. Once
// true it stays so.
func (r *Runner) Ready() bool { return r.first.Err() != nil }

// Close cancels all collections and returns when they have ended, or ctx has.
func (r *Runner) Close(ctx context.Context) error {
	r.cancel()
	idle := r.workers.close()
	defer func() {
		for _, s := range r.current() {
			s.cloud.Close()
		}
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Config returns the configuration in force.
func (r *Runner) Config() *config.Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cfg
}

// Targets returns the known targets in the order of publication. Those whose
// projects could not be listed yet have the project "*" or "".
func (r *Runner) Targets() []Target {
	var names []Target
	for _, s := range r.current() {
		for _, t := range s.all() {
			names = append(names, t.Target)
		}
	}
	return names
}

// Collect makes sure that every target was collected since the call: it joins
// what runs and starts what does not, and returns when all have ended or ctx
// has; the work goes on then. Where the configuration changes meanwhile, the
// targets of the new one count. With collection.interval it waits for the first
// collection alone.
func (r *Runner) Collect(ctx context.Context) {
	ctx, cancel := r.families.reserveBuildTime(ctx)
	defer cancel()
	if r.limits().Interval > 0 {
		select {
		case <-r.first.Done():
		case <-ctx.Done():
		}
		return
	}
	ticket := r.workers.ticket()
	for ctx.Err() == nil && r.limits().Interval == 0 {
		clouds := r.current()
		var runs []*run
		for _, s := range clouds {
			runs = append(runs, s.collectAll(ticket))
		}
		for _, run := range runs {
			wait(ctx, run)
		}
		if slices.Equal(clouds, r.current()) {
			return
		}
	}
}

func wait(ctx context.Context, run *run) {
	select {
	case <-run.done:
	case <-ctx.Done():
	}
}

// Snapshots returns what is known of all targets now, in the order of publication.
// A target that did not change has the same pointer as before.
func (r *Runner) Snapshots() []*inventory.Snapshot {
	now, limits := time.Now(), r.limits()
	var all []*inventory.Snapshot
	for _, s := range r.current() {
		for _, t := range s.all() {
			all = append(all, t.snapshot(now, limits))
		}
	}
	return all
}

// Families returns the metric families of all targets now, sorted by name. They are shared: do not write to them.
func (r *Runner) Families() ([]*dto.MetricFamily, error) {
	return r.families.of(r.Snapshots(), r.Config().Series(), r.opts.Storage, func() int { return r.opts.Other(nil) })
}

func (r *Runner) current() []*watchedCloud {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clouds
}

func (r *Runner) limits() config.Collection { return r.Config().Collection() }
