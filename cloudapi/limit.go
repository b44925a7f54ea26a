package cloudapi

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"cloudip_exporter/config"
)

// Limiters holds one limiter for each credential, so that all clouds that use
// one credential share its rate. The zero Limiters is ready for use, and may
// outlive the clouds opened with it.
type Limiters struct {
	mu   sync.Mutex
	byID map[string]*limiter
}

// join returns the limiter of a credential and counts in one more user of it.
func (l *Limiters) join(id string, limits config.Limits) *limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID == nil {
		l.byID = make(map[string]*limiter)
	}
	lim := l.byID[id]
	if lim == nil {
		lim = newLimiter()
		l.byID[id] = lim
	}
	lim.users = append(lim.users, limits)
	lim.adopt()
	return lim
}

// leave takes one user out. Its pause, if it has one, stays with the limiter
// as long as anybody uses it.
func (l *Limiters) leave(id string, limits config.Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim := l.byID[id]
	if lim == nil {
		return
	}
	for i, u := range lim.users {
		if u == limits {
			lim.users = append(lim.users[:i:i], lim.users[i+1:]...)
			break
		}
	}
	if len(lim.users) == 0 {
		delete(l.byID, id)
		return
	}
	lim.adopt()
}

// limiter paces the requests of one credential: so many a second, so many in
// flight, none while the cloud asked for a pause.
type limiter struct {
	users []config.Limits // under Limiters.mu
	again *budget

	mu       sync.Mutex
	slots    int           // most requests in flight
	inFlight int           //
	changed  chan struct{} // closed and replaced when a slot may be free
	paused   time.Time     // no request before
	pace     pace

	throttled map[string]time.Time // by operation: it was refused itself, and is not sent before
}

func newLimiter() *limiter {
	return &limiter{again: newBudget(), slots: 1, changed: make(chan struct{}), pace: newPace(), throttled: make(map[string]time.Time)}
}

// adopt takes the narrowest limits of all users; needs Limiters.mu.
func (l *limiter) adopt() {
	perSecond, slots := 0.0, 0
	for _, u := range l.users {
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

// sends notes that a request is sent now.
func (l *limiter) sends() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.pace.send(now)
	return now
}

// learn adapts the rate to an answer and returns it.
func (l *limiter) learn(sent time.Time, status int, wait, told time.Duration) (perSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch {
	case status == http.StatusTooManyRequests:
		l.pace.decrease(throttledStep(), sent, now, wait, told)
	case status == http.StatusServiceUnavailable:
		l.pace.decrease(unavailableStep(), sent, now, 0, 0)
	case status < 400:
		l.pace.increase(now)
	}
	return l.pace.now
}

// pause holds back all requests until the time given, after one of operation
// was throttled.
func (l *limiter) pause(operation string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.paused) {
		l.paused = until
	}
	if until.After(l.throttled[operation]) {
		l.throttled[operation] = until
	}
}

// held is the time before which a request must not be sent. A pause that lasts
// beyond its deadline holds back only what was throttled itself: gateways limit
// each API apart, and the rest would fail for nothing.
func (l *limiter) held(ctx context.Context, operation string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if deadline, ok := ctx.Deadline(); ok && !l.paused.Before(deadline) {
		return l.throttled[operation]
	}
	return l.paused
}

// patient reports, as an error, that a pause lasts beyond the deadline of ctx.
func (l *limiter) patient(ctx context.Context, service, operation string) error {
	until := l.held(ctx, operation)
	deadline, ok := ctx.Deadline()
	if !ok || until.Before(deadline) || !until.After(time.Now()) {
		return nil
	}
	wait := time.Until(until).Round(time.Second)
	return &StatusError{
		Status: http.StatusTooManyRequests, Service: service, Operation: operation, RetryAfter: wait,
		Message: fmt.Sprintf("not sent: this credential was throttled and pauses for %v more", wait),
	}
}

// enter waits until a request may be sent; the caller calls leave when its
// answer was read.
func (l *limiter) enter(ctx context.Context, service, operation string) error {
	if err := l.slot(ctx); err != nil {
		return &notSentError{err}
	}
	for {
		if err := l.patient(ctx, service, operation); err != nil {
			l.leave()
			return err
		}
		if err := l.turn(ctx, operation); err != nil {
			l.leave()
			return &notSentError{err}
		}
		// A pause may have begun while this one waited for its turn.
		if !l.held(ctx, operation).After(time.Now()) {
			return nil
		}
	}
}

// turn waits out the pause, then for the rate.
func (l *limiter) turn(ctx context.Context, operation string) error {
	wait := time.Until(l.held(ctx, operation))
	if err := sleep(ctx, wait); err != nil {
		return fmt.Errorf("wait out a pause of the cloud: %w", err)
	}
	deadline, _ := ctx.Deadline()
	l.mu.Lock()
	at, ok := l.pace.turn(time.Now(), deadline)
	l.mu.Unlock()
	err := context.DeadlineExceeded // the turn comes after the deadline
	if ok {
		if wait = time.Until(at); wait < together {
			wait = 0
		}
		err = sleep(ctx, wait)
	}
	if err != nil {
		return fmt.Errorf("wait for limits.requests_per_second: %w", err)
	}
	return nil
}

func (l *limiter) slot(ctx context.Context) error {
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

func (l *limiter) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.wake()
}

// wake needs l.mu.
func (l *limiter) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// sleep waits, at most as long as ctx allows.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// limited is the stage of the transport that asks the limiter.
func limited(l *limiter, m *Metrics, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		x := exchangeOf(req)
		if err := l.enter(req.Context(), x.service, x.operation); err != nil {
			return nil, err
		}
		if x.ready != nil {
			if err := x.ready(); err != nil {
				l.leave()
				return nil, err
			}
		}
		sent := l.sends()
		resp, err := next.RoundTrip(req)
		if err != nil {
			l.leave()
			return nil, err
		}
		var wait, told time.Duration
		if resp.StatusCode == http.StatusTooManyRequests {
			wait, told = throttleWait(resp)
			l.pause(x.operation, time.Now().Add(wait))
		}
		m.allowed(x, l.learn(sent, resp.StatusCode, wait, told))
		// A refused credential is noted before the next request gets the place.
		early := resp.StatusCode != http.StatusUnauthorized
		resp.Body = &hookedBody{ReadCloser: resp.Body, done: func(error) { l.leave() }, early: early}
		return resp, nil
	})
}
