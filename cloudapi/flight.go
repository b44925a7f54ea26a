package cloudapi

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// shared runs one call for all who ask for it at the same time: one login, one
// resolution of a name. The call does not end with the caller that started
// it, only when the last of those who wait has left.
type shared[T any] struct {
	mu  sync.Mutex
	now *flight[T]
}

type flight[T any] struct {
	done    chan struct{}
	cancel  context.CancelFunc
	until   *horizon
	waiting int
	value   T
	err     error
}

// do joins the running call or starts one.
func (s *shared[T]) do(ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	f := s.now
	if f == nil {
		f = s.start(ctx, call)
	} else {
		f.until.include(ctx)
	}
	f.waiting++
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if s.now == f {
			s.now = nil // whoever comes now starts anew
		}
	}
	var zero T
	return zero, context.Cause(ctx)
}

// start needs s.mu.
func (s *shared[T]) start(ctx context.Context, call func(context.Context) (T, error)) *flight[T] {
	until := &horizon{Context: context.WithoutCancel(ctx)}
	until.include(ctx)
	ctx, cancel := context.WithCancel(until)
	f := &flight[T]{done: make(chan struct{}), cancel: cancel, until: until}
	s.now = f
	go func() {
		defer cancel()
		f.value, f.err = guarded(ctx, call)
		s.mu.Lock()
		if s.now == f {
			s.now = nil
		}
		s.mu.Unlock()
		close(f.done)
	}()
	return f
}

// horizon is a context that ends neither with a caller nor at a deadline, but
// tells when the last of those who wait will leave: what would have to wait
// longer than that can give up at once.
type horizon struct {
	context.Context
	mu      sync.Mutex
	latest  time.Time
	endless bool // somebody waits for ever
}

// Deadline is when the last of those who wait will leave.
func (h *horizon) Deadline() (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.latest, !h.endless
}

// include counts in one more who waits.
func (h *horizon) include(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	deadline, ok := ctx.Deadline()
	if !ok {
		h.endless = true
	} else if deadline.After(h.latest) {
		h.latest = deadline
	}
}

// guarded makes a panic an error: nobody stands above this goroutine.
func guarded[T any](ctx context.Context, call func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return call(ctx)
}
