package collect

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// familyCache keeps the metric families of some targets until one of them
// changes. The families must not be written to.
type familyCache struct {
	mu       sync.Mutex // held while building, so that one builds for all
	from     []*inventory.Snapshot
	series   config.Series
	others   int // series beside these
	families []*dto.MetricFamily
	err      error

	lastBuild atomic.Int64 // nanoseconds that the last building took
}

// of returns the families of snaps. It builds them anew only if a snapshot, the
// choice of series or the number that other returns has changed. other counts the
// series that are published beside these: they count against series.limit.
func (c *familyCache) of(snaps []*inventory.Snapshot, series config.Series, storage Storage, other func() int) ([]*dto.MetricFamily, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	others := other()
	if c.from != nil && reflect.DeepEqual(series, c.series) && others == c.others && slices.Equal(snaps, c.from) {
		return c.families, c.err
	}
	begun := time.Now()
	views := make([]collector.View, len(snaps))
	for i, s := range snaps {
		views[i] = collector.View{Snapshot: s, IdleSince: storage.IdleSince(s.Cloud, s.Project), Now: begun}
	}
	c.from, c.families = nil, nil // or the old and the new would be in memory at once
	c.families, c.err = build(views, series, others)
	c.from, c.series, c.others = snaps, series, others
	c.lastBuild.Store(int64(time.Since(begun)))
	return c.families, c.err
}

// build builds the families. A panic of a row becomes an error: the scrape loses
// these families then, and keeps those of the process.
func build(views []collector.View, series config.Series, others int) (families []*dto.MetricFamily, err error) {
	defer func() {
		if p := recover(); p != nil {
			families, err = nil, fmt.Errorf("building the metric families: panic: %v", p)
		}
	}()
	return collector.Families(views, series, others), nil
}

// reserveBuildTime moves the deadline of ctx forward by the time that building the
// families is likely to take, but by no more than half of what is left.
func (c *familyCache) reserveBuildTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	ahead := min(time.Duration(c.lastBuild.Load())*3/2, time.Until(deadline)/2)
	return context.WithDeadline(ctx, deadline.Add(-ahead))
}
