package collect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
	runs       flight
	exposition exposition // of this target alone

	mu      sync.Mutex
	api     Project // nil until the project could be resolved
	records []record
	running bool                // a collection was begun and has not ended
	shown   *inventory.Snapshot // the last one handed out
	hidden  []bool              // which parts were too old for it
}

// record is how one collector stands. The age of its part is told by the
// monotonic clock, so that a step of the wall clock neither drops nor keeps it.
type record struct {
	inventory.State
	taken time.Time // when Part was complete, with its monotonic reading
}

func newTarget(name Target, provider string, enabled []collector.Collector, log *slog.Logger) *target {
	t := &target{
		Target: name, provider: provider, collectors: enabled,
		log:     log.With("cloud", name.Cloud, "project", name.Project),
		records: make([]record, len(enabled)),
	}
	for i, c := range enabled {
		t.records[i].Collector = c.Name
	}
	return t
}

// inherit takes over the answers that an earlier target of the same name had.
func (t *target) inherit(old *target) {
	old.mu.Lock()
	defer old.mu.Unlock()
	for i := range t.records {
		for _, r := range old.records {
			if r.Collector == t.records[i].Collector {
				t.records[i] = r
			}
		}
	}
}

// resolve says through which API the target is collected.
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

func (t *target) setRunning(running bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running = running
}

// collect runs every collector once; it returns when all have ended. Nothing
// counts that ends after gone does: the target is not published any more.
func (t *target) collect(gone context.Context, cfg config.Cloud, limits config.Collection) {
	ctx, cancel := context.WithTimeoutCause(gone, limits.Timeout,
		fmt.Errorf("collection.timeout of %s passed: raise it, or see which API is slow", limits.Timeout))
	defer cancel()
	last := t.snapshot(time.Now(), limits)
	t.mu.Lock()
	api := t.api
	t.mu.Unlock()
	if api == nil {
		return // told by fail
	}

	src := collector.NewSource(ctx, api, cfg, last)
	var group errgroup.Group // plain: one failure must not cancel the siblings
	group.SetLimit(collectorsAtOnce)
	for i, c := range t.collectors {
		group.Go(func() error {
			begun := time.Now()
			part, err := collector.Run(ctx, c, src)
			if gone.Err() == nil {
				t.settle(i, part, because(ctx, err), time.Since(begun))
			}
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
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

// settle takes over the end of one collector.
func (t *target) settle(i int, part *inventory.Part, err error, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &t.records[i]
	t.report(r, part, err, took)
	r.Success, r.Err, r.Duration = err == nil, err, took
	if err == nil {
		r.Part, r.taken = part, time.Now()
		if wall := r.taken.Round(0); wall.After(r.LastSuccess) { // published time never goes back
			r.LastSuccess = wall
		}
	}
	t.shown = nil
}

// fail settles all collectors with an error from before any of them began.
func (t *target) fail(err error, took time.Duration) {
	for i := range t.records {
		t.settle(i, nil, err, took)
	}
}

// report logs a failed collection and the first good one after it, and how many
// items could not be read where that is not the number of the last one.
func (t *target) report(r *record, part *inventory.Part, err error, took time.Duration) {
	log := t.log.With("collector", r.Collector, "duration_seconds", took.Seconds())
	var panicked *collector.PanicError
	switch {
	case errors.As(err, &panicked):
		log.Error("collection panicked", "err", err, "stack", string(panicked.Stack))
	case err != nil && r.Part != nil:
		log.Warn("collection failed, the last complete answer stays", "err", err, "last_success", r.LastSuccess)
	case err != nil:
		log.Warn("collection failed, there is no complete answer yet", "err", err)
	case r.Err != nil:
		log.Info("collection works again")
	default:
		log.Debug("collected")
	}
	if err == nil && part.Missing.N > 0 && (r.Part == nil || r.Part.Missing.N != part.Missing.N) {
		log.Warn("items could not be read", "skipped", part.Missing.N, "first", part.Missing.First)
	}
}

// snapshot is the target at now, without parts that are too old. It is the
// same pointer as before while nothing changed.
func (t *target) snapshot(now time.Time, limits config.Collection) *inventory.Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	same := t.shown != nil
	hidden := make([]bool, len(t.records))
	for i := range t.records {
		hidden[i] = t.stale(&t.records[i], now, limits)
		same = same && hidden[i] == t.hidden[i]
	}
	if same {
		return t.shown
	}
	s := &inventory.Snapshot{Cloud: t.Cloud, Project: t.Project, Provider: t.provider,
		States: make([]inventory.State, len(t.records))}
	for i, r := range t.records {
		s.States[i] = r.State
		if hidden[i] { // nor may a collection that has not ended look like a good one
			s.States[i].Part, s.States[i].LastSuccess, s.States[i].Success = nil, time.Time{}, false
		}
	}
	t.shown, t.hidden = s, hidden
	return s
}

// stale reports whether a part is too old to stand in: for a failed collection,
// or on demand for one that has not ended.
func (t *target) stale(r *record, now time.Time, limits config.Collection) bool {
	if r.Part == nil || now.Sub(r.taken) <= limits.MaxStale {
		return false
	}
	return !r.Success || limits.Interval == 0 && t.running
}
