package cloudapi

import (
	"context"
	"fmt"
	"sync"
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
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{done: make(chan struct{}), cancel: cancel}
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

// guarded makes a panic an error: nobody stands above this goroutine.
func guarded[T any](ctx context.Context, call func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return call(ctx)
}
