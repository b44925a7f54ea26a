package collect

import (
	"context"
	"maps"
	"slices"
	"time"
)

// schedule begins, changes or ends the background collection of a cloud as
// collection.interval says. A collection that began after ticket is its first
// one. The caller holds r.reload.
func (w *watchedCloud) schedule(ticket uint64) {
	interval := w.r.limits().Interval
	if interval == w.interval {
		return
	}
	if w.unschedule != nil {
		w.unschedule()
	}
	w.interval = interval
	if interval == 0 {
		return
	}
	ctx, cancel := context.WithCancel(w.ctx)
	w.unschedule = cancel
	w.r.workers.start(func() { w.background(ctx, interval, ticket) })
}

// background collects every target once at once, then each once an interval at
// times of its own, until ctx ends. A collection that takes longer than the
// interval ends before the next one begins. The list of projects is asked anew
// unless one was begun after the ticket listing.
func (w *watchedCloud) background(ctx context.Context, interval time.Duration, listing uint64) {
	wait(ctx, w.collectAll(listing))
	due := map[*target]time.Time{}
	relist := time.Now().Add(interval)
	for ctx.Err() == nil {
		now := time.Now()
		if w.open && !now.Before(relist) {
			listing = w.r.workers.ticket()
			wait(ctx, w.list(listing))
			relist = after(relist, now, interval)
		}
		next := w.collectDue(due, listing, now, interval)
		if w.open && relist.Before(next) {
			next = relist
		}
		select {
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
		}
	}
}

// collectDue begins the collections that are due at now, and returns when the
// next one is.
func (w *watchedCloud) collectDue(due map[*target]time.Time, listing uint64, now time.Time, interval time.Duration) time.Time {
	next := now.Add(interval)
	targets := w.known()
	for _, t := range targets {
		at, ok := due[t]
		switch {
		case !ok && t.collecting.neverRan(): // has just appeared
			at = now
		case !ok:
			at = now.Add(w.r.opts.Spread(interval))
		}
		if !now.Before(at) {
			ticket := w.r.workers.ticket()
			if !w.open { // the list asks nothing of the cloud, and logs in with a secret that has changed
				listing = ticket
			}
			w.collect(t, ticket, listing)
			at = after(at, now, interval)
		}
		due[t] = at
		if at.Before(next) {
			next = at
		}
	}
	if len(due) > len(targets) { // some have left
		maps.DeleteFunc(due, func(t *target, _ time.Time) bool { return !slices.Contains(targets, t) })
	}
	return next
}

// after returns the first at + n × interval later than now.
func after(at, now time.Time, interval time.Duration) time.Time {
	missed := now.Sub(at) / interval
	return at.Add((missed + 1) * interval)
}
