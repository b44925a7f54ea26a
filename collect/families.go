package collect

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// exposition keeps the metric families of some targets until one of them
// changes. The families must not be written to.
type exposition struct {
	mu       sync.Mutex // held while building, so that one builds for all
	from     []*inventory.Snapshot
	series   config.Series
	others   int // series beside these
	families []*dto.MetricFamily
	err      error

	took atomic.Int64 // nanoseconds that the last building took
}

// of returns the families of snaps, built anew only if any of them, the choice
// of series, or what other counts differs from the last time. The series that
// other counts are part of series.limit.
func (e *exposition) of(snaps []*inventory.Snapshot, series config.Series, other func() int) ([]*dto.MetricFamily, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	others := other()
	if e.from != nil && series == e.series && others == e.others && slices.Equal(snaps, e.from) {
		return e.families, e.err
	}
	begun := time.Now()
	views := make([]collector.View, len(snaps))
	for i, s := range snaps {
		views[i] = collector.View{Snapshot: s, Series: series}
	}
	e.families, e.err = build(views, series, others)
	e.from, e.series, e.others = snaps, series, others
	e.took.Store(int64(time.Since(begun)))
	return e.families, e.err
}

// build makes a panic of a row an error: a scrape loses these families then,
// and the process metrics still tell of it.
func build(views []collector.View, series config.Series, others int) (families []*dto.MetricFamily, err error) {
	defer func() {
		if p := recover(); p != nil {
			families, err = nil, fmt.Errorf("building the metric families: panic: %v", p)
		}
	}()
	return collector.FamiliesBeside(views, series, others)
}

// early moves the deadline of ctx forward by the time that building the
// families is likely to take, but by no more than half of what is left.
func (e *exposition) early(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	ahead := min(time.Duration(e.took.Load())*3/2, time.Until(deadline)/2)
	return context.WithDeadline(ctx, deadline.Add(-ahead))
}

// Families are the metric families of all targets as they stand now, sorted by
// name. They are shared: do not write to them.
func (r *Runner) Families() ([]*dto.MetricFamily, error) {
	return r.exposition.of(r.Snapshots(), r.Config().Series(), r.opts.Other)
}
