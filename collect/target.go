package collect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// Target names one project of one cloud by its labels.
type Target struct{ Cloud, Project string }

// target is what is known of one Target. Its collections run one at a time.
type target struct {
	Target
	provider   string
	collectors []collector.Collector // the enabled ones in their fixed order
	log        *slog.Logger
	collecting sharedWork
	families   familyCache // of this target alone
	running    atomic.Bool // a collection was begun and has not ended

	mu     sync.Mutex
	api    Project             // nil until the project could be resolved
	states []state             // of the collectors
	shown  *inventory.Snapshot // the last one handed out
	hidden []bool              // which parts were too old for it
}

// state is how one collector stands. taken counts the age of its part by the
// monotonic clock, so that a step of the wall clock neither drops nor keeps it.
type state struct {
	inventory.State
	taken time.Time // when Part was complete, with its monotonic reading
}

func newTarget(name Target, provider string, enabled []collector.Collector, log *slog.Logger) *target {
	t := &target{
		Target: name, provider: provider, collectors: enabled,
		log:    log.With("cloud", name.Cloud, "project", name.Project),
		states: make([]state, len(enabled)),
	}
	for i, c := range enabled {
		t.states[i].Collector = c.Name
	}
	return t
}

func (t *target) inherit(old *target) {
	old.mu.Lock()
	defer old.mu.Unlock()
	for i := range t.states {
		for _, s := range old.states {
			if s.Collector == t.states[i].Collector {
				t.states[i] = s
			}
		}
	}
}

func (t *target) resolve(api Project) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.api = api
}

func (t *target) resolved() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.api != nil
}

// collect runs every collector once; it returns when all have ended. Results that
// arrive after left is done are dropped: the target has left the configuration.
func (t *target) collect(ctx, left context.Context, cfg config.Cloud, last *inventory.Snapshot) {
	t.mu.Lock()
	api := t.api
	t.mu.Unlock()
	if api == nil {
		return // fail has recorded why
	}
	src := collector.NewSource(ctx, api, cfg, last)
	var group errgroup.Group // plain: one failure must not cancel the siblings
	group.SetLimit(collectorsAtOnce)
	outcomes := make([]outcome, len(t.collectors))
	for i, c := range t.collectors {
		group.Go(func() error {
			begun := time.Now()
			part, err := collector.Run(ctx, c, src)
			if left.Err() == nil {
				outcomes[i] = t.record(i, part, because(ctx, err), time.Since(begun))
			}
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
	if left.Err() == nil {
		report(t.log, outcomes)
	}
}

// collectorsAtOnce bounds the collectors of one target that run together; the
// requests they make are bounded by limits.concurrency.
const collectorsAtOnce = 16

// because adds to err why ctx ended, where that is the reason.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", context.Cause(ctx), err)
}

// record takes over the end of one collector, and returns it to be reported.
func (t *target) record(i int, part *inventory.Part, err error, took time.Duration) outcome {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &t.states[i]
	o := outcome{s.State, part, err, took}
	s.Success, s.Err, s.Duration = err == nil, err, took
	switch {
	case err != nil && s.FailingSince.IsZero():
		s.FailingSince = time.Now().Round(0)
	case err == nil:
		s.FailingSince = time.Time{}
		s.Part, s.taken = part, time.Now()
		if wall := s.taken.Round(0); wall.After(s.LastSuccess) { // published time never goes back
			s.LastSuccess = wall
		}
	}
	t.shown = nil
	return o
}

// fail ends all collectors with an error from before any of them began.
func (t *target) fail(err error, took time.Duration) {
	var outcomes []outcome
	for i := range t.states {
		outcomes = append(outcomes, t.record(i, nil, err, took))
	}
	report(t.log, outcomes)
}

// snapshot is the target at now, without parts that are too old. It is the
// same pointer as before while nothing changed.
func (t *target) snapshot(now time.Time, limits config.Collection) *inventory.Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	same := t.shown != nil
	hidden := make([]bool, len(t.states))
	for i := range t.states {
		hidden[i] = t.stale(&t.states[i], now, limits)
		same = same && hidden[i] == t.hidden[i]
	}
	if same {
		return t.shown
	}
	s := t.whole()
	for i := range hidden {
		if hidden[i] { // nor may a collection that has not ended look like a good one
			s.States[i].Part, s.States[i].LastSuccess, s.States[i].Success = nil, time.Time{}, false
		}
	}
	t.shown, t.hidden = s, hidden
	return s
}

// stale reports whether a part is too old to stand in: for a failed collection,
// or on demand for one that has not ended.
func (t *target) stale(s *state, now time.Time, limits config.Collection) bool {
	if s.Part == nil || now.Sub(s.taken) <= limits.MaxStale {
		return false
	}
	return !s.Success || limits.Interval == 0 && t.running.Load()
}

// Once collects one project once, without a Runner. The snapshot has what is
// complete; the State of a collector that failed has its error.
func Once(ctx context.Context, p Project, cfg config.Cloud, collectors []collector.Collector) *inventory.Snapshot {
	t := newTarget(Target{Cloud: cfg.Name, Project: p.Label()}, cfg.Provider, collectors, slog.New(slog.DiscardHandler))
	t.resolve(p)
	t.collect(ctx, context.WithoutCancel(ctx), cfg, nil)
	return t.snapshot(time.Now(), config.Collection{})
}

// restore lets the stored answers of the collectors stand in until the first
// collection has ended. Their age counts from their own times.
func (t *target) restore(answers []inventory.State) {
	for _, a := range answers {
		for i := range t.states {
			if s := &t.states[i]; s.Collector == a.Collector {
				s.Part, s.LastSuccess = a.Part, a.LastSuccess
				s.taken = time.Now().Add(-time.Since(a.LastSuccess))
			}
		}
	}
}

// whole is what is known of the target, however old. It needs t.mu.
func (t *target) whole() *inventory.Snapshot {
	s := &inventory.Snapshot{Cloud: t.Cloud, Project: t.Project, Provider: t.provider, States: make([]inventory.State, len(t.states))}
	for i := range t.states {
		s.States[i] = t.states[i].State
	}
	return s
}
