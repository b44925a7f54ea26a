package auth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// renewPause is the time between tries to renew what still works.
const renewPause = 30 * time.Second

// lease is a credential that a cloud gives for a time: a token, a temporary key.
type lease[T any] struct {
	value   T
	renewAt time.Time // by the own clock; zero: never
	endsAt  time.Time // by the own clock; zero: not known
}

func (l *lease[T]) due(now time.Time) bool   { return !l.renewAt.IsZero() && !now.Before(l.renewAt) }
func (l *lease[T]) valid(now time.Time) bool { return l.endsAt.IsZero() || now.Before(l.endsAt) }

// lender is where leases come from.
type lender[T any] interface {
	lend(ctx context.Context) (*lease[T], error)
	// notRenewed notes that a lease could not be renewed and that the old one serves on.
	notRenewed(err error)
}

// renewing keeps a lease. It renews the lease before its end, once for all
// callers, and keeps the old one while that fails.
type renewing[T any] struct {
	from   lender[T]
	calls  singleCall[*lease[T]]
	failed cooldown[*lease[T]] // leases that could not be renewed

	mu      sync.Mutex
	current *lease[T]
}

// get returns a lease other than the refused one.
func (r *renewing[T]) get(ctx context.Context, refused *lease[T]) (*lease[T], error) {
	return r.getFrom(ctx, r.from, refused)
}

func (r *renewing[T]) getFrom(ctx context.Context, from lender[T], refused *lease[T]) (*lease[T], error) {
	if l := r.usable(refused); l != nil {
		return l, nil
	}
	l, err := r.calls.do(ctx, func(ctx context.Context) (*lease[T], error) {
		if l := r.usable(refused); l != nil {
			return l, nil // another caller was faster
		}
		return r.renew(ctx, from)
	})
	if err == nil {
		return l, nil
	}
	old := r.valid()
	if old == nil || old == refused || ctx.Err() != nil {
		return nil, err
	}
	from.notRenewed(err)
	return old, nil
}

// renew asks for a lease, whatever lease there is.
func (r *renewing[T]) renew(ctx context.Context, from lender[T]) (*lease[T], error) {
	l, err := from.lend(ctx)
	if err != nil {
		if old := r.valid(); old != nil {
			r.failed.begin(old, renewPause, err)
		}
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = l
	return l, nil
}

// usable returns the current lease where none has to be asked for.
func (r *renewing[T]) usable(refused *lease[T]) *lease[T] {
	l := r.valid()
	if l == nil || l == refused {
		return nil
	}
	if _, paused := r.failed.active(l); l.due(time.Now()) && !paused {
		return nil
	}
	return l
}

// valid returns the current lease unless it has ended.
func (r *renewing[T]) valid() *lease[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil || !r.current.valid(time.Now()) {
		return nil
	}
	return r.current
}

// singleCall makes one call for all who ask for it at the same time: one login,
// one lookup of a name. The call goes on when the caller that started it
// leaves, until the deadline of that caller.
type singleCall[T any] struct{ group singleflight.Group }

func (s *singleCall[T]) do(ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	var zero T
	answer := s.group.DoChan("", func() (value any, err error) {
		defer func() { // a panic here would end the process
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		ctx, cancel := withoutCancel(ctx)
		defer cancel()
		return call(ctx)
	})
	select {
	case <-ctx.Done():
		return zero, context.Cause(ctx)
	case a := <-answer:
		if a.Err != nil {
			return zero, a.Err
		}
		return a.Val.(T), nil
	}
}

// withoutCancel returns ctx without its end but with its deadline.
func withoutCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(free, deadline)
	}
	return free, func() {}
}

// After a refusal the same credential is not sent again for this long, so that
// parallel requests fail together and do not lock the account.
const refusalHold = 250 * time.Millisecond

// cooldown remembers, by key, what must wait until a time and why. The zero
// cooldown is ready for use.
type cooldown[K comparable] struct {
	mu    sync.Mutex
	waits map[K]wait
}

type wait struct {
	until time.Time
	why   error
}

// begin makes the key wait from now on. Waits that are over are dropped.
func (c *cooldown[K]) begin(key K, length time.Duration, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.waits, func(_ K, w wait) bool { return !now.Before(w.until) })
	if c.waits == nil {
		c.waits = make(map[K]wait)
	}
	c.waits[key] = wait{now.Add(length), why}
}

func (c *cooldown[K]) active(key K) (why error, waits bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, ok := c.waits[key]
	if !ok || !time.Now().Before(w.until) {
		return nil, false
	}
	return w.why, true
}

func (c *cooldown[K]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.waits)
}

// fingerprint tells a secret from another; the zero one is of none.
type fingerprint [sha256.Size]byte

func fingerprintOf(secrets ...string) fingerprint {
	return sha256.Sum256([]byte(strings.Join(secrets, "\x00")))
}
