package wire

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

// Limiter paces the requests of one credential: so many a second, so many in
// flight, none while the cloud asked for a pause.
type Limiter struct {
	users []config.Limits // under Limiters.mu

	mu       sync.Mutex
	retries  float64       // that are left while the cloud fails
	slots    int           // most requests in flight
	inFlight int           //
	changed  chan struct{} // closed and replaced when a slot may be free
	paused   time.Time     // no request before
	pace     pace

	throttled map[string]time.Time // by operation: it was refused itself, and is not sent before
}

func newLimiter() *Limiter {
	return &Limiter{retries: retriesMax, slots: 1, changed: make(chan struct{}), pace: newPace(), throttled: make(map[string]time.Time)}
}

// recompute takes the narrowest limits of all users.
func (l *Limiter) recompute(users []config.Limits) {
	perSecond, slots := 0.0, 0
	for _, u := range users {
		if u.RequestsPerSecond > 0 && (perSecond == 0 || u.RequestsPerSecond < perSecond) {
			perSecond = u.RequestsPerSecond
		}
		if u.Concurrency > 0 && (slots == 0 || u.Concurrency < slots) {
			slots = u.Concurrency
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pace.adopt(perSecond)
	l.slots = max(1, slots)
	l.wake()
}

func (l *Limiter) sends() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.pace.send(now)
	return now
}

func (l *Limiter) observe(sent time.Time, status int, wait, reported time.Duration) (perSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch {
	case status == http.StatusTooManyRequests:
		l.pace.decrease(throttledStep(), sent, now, wait, reported)
	case status == http.StatusServiceUnavailable:
		l.pace.decrease(unavailableStep(), sent, now, 0, 0)
	case status < 400:
		l.pace.increase(now)
	}
	return l.pace.current
}

// pause holds back all requests until the time given, after one of operation
// was throttled.
func (l *Limiter) pause(operation string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.paused) {
		l.paused = until
	}
	if until.After(l.throttled[operation]) {
		l.throttled[operation] = until
	}
}

// pausedUntil is the time before which a request must not be sent. A pause that lasts
// beyond its deadline holds back only what was throttled itself: gateways limit
// each API apart, and the rest would fail for nothing.
func (l *Limiter) pausedUntil(ctx context.Context, operation string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if deadline, ok := ctx.Deadline(); ok && !l.paused.Before(deadline) {
		return l.throttled[operation]
	}
	return l.paused
}

// FailIfPausedPast returns a 429 if the current pause outlasts the deadline of ctx, so
// that callers fail now instead of waiting in vain.
func (l *Limiter) FailIfPausedPast(ctx context.Context, service, operation string) error {
	until := l.pausedUntil(ctx, operation)
	deadline, ok := ctx.Deadline()
	if !ok || until.Before(deadline) || !until.After(time.Now()) {
		return nil
	}
	wait := time.Until(until).Round(time.Second)
	return &apierr.StatusError{
		Status: http.StatusTooManyRequests, Service: service, Operation: operation,
		Message: fmt.Sprintf("not sent: this credential was throttled and pauses for %v more", wait),
	}
}

// enter waits until a request may be sent; the caller calls leave when its
// answer was read.
func (l *Limiter) enter(ctx context.Context, service, operation string) error {
	if err := l.slot(ctx); err != nil {
		return &apierr.NotSentError{Err: err}
	}
	for {
		if err := l.FailIfPausedPast(ctx, service, operation); err != nil {
			l.leave()
			return err
		}
		if err := l.turn(ctx, operation); err != nil {
			l.leave()
			return &apierr.NotSentError{Err: err}
		}
		// A pause may have begun while this one waited for its turn.
		if !l.pausedUntil(ctx, operation).After(time.Now()) {
			return nil
		}
	}
}

// turn waits out the pause, then for the rate.
func (l *Limiter) turn(ctx context.Context, operation string) error {
	wait := time.Until(l.pausedUntil(ctx, operation))
	if err := Sleep(ctx, wait); err != nil {
		return fmt.Errorf("wait out a pause of the cloud: %w", err)
	}
	deadline, _ := ctx.Deadline()
	l.mu.Lock()
	at, ok := l.pace.turn(time.Now(), deadline)
	l.mu.Unlock()
	err := context.DeadlineExceeded // the turn comes after the deadline
	if ok {
		if wait = time.Until(at); wait < timerSlack {
			wait = 0
		}
		err = Sleep(ctx, wait)
	}
	if err != nil {
		return fmt.Errorf("wait for limits.requests_per_second: %w", err)
	}
	return nil
}

func (l *Limiter) slot(ctx context.Context) error {
	for {
		l.mu.Lock()
		if l.inFlight < l.slots {
			l.inFlight++
			l.mu.Unlock()
			return nil
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for limits.concurrency: %w", context.Cause(ctx))
		}
	}
}

func (l *Limiter) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.wake()
}

// wake needs l.mu.
func (l *Limiter) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Sleep waits, at most as long as ctx allows; its error is why ctx ended.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Limiters holds one limiter for each credential, so that all clouds that use
// one credential share its rate. The zero Limiters is ready for use, and may
// outlive the clouds opened with it.
type Limiters struct {
	mu   sync.Mutex
	byID map[string]*Limiter
}

// Join returns the limiter of a credential and counts in one more user of it.
func (l *Limiters) Join(id string, limits config.Limits) *Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = make(map[string]*Limiter)
	}
	lim := l.byID[id]
	if lim == nil {
		lim = newLimiter()
		l.byID[id] = lim
	}
	lim.users = append(lim.users, limits)
	lim.recompute(lim.users)
	return lim
}

// Leave takes one user out. Its pause, if it has one, stays with the limiter
// as long as anybody uses it.
func (l *Limiters) Leave(id string, limits config.Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim := l.byID[id]
	if i := slices.Index(lim.users, limits); i >= 0 {
		lim.users = slices.Delete(lim.users, i, i+1)
	}
	if len(lim.users) == 0 {
		delete(l.byID, id)
		return
	}
	lim.recompute(lim.users)
}

const (
	retriesMax    = 30.0
	retryPerReply = 0.1 // what a request that succeeds at once brings in
)

// takeRetry reports whether one more request may be tried again. Each costs one of the
// retries that are left, gives it back when it helped, and successes earn new ones.
func (l *Limiter) takeRetry() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.retries < 1 {
		return false
	}
	l.retries--
	return true
}

func (l *Limiter) succeeded(try int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	earned := retryPerReply
	if try > 1 {
		earned = 1
	}
	l.retries = min(retriesMax, l.retries+earned)
}
