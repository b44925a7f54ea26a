package collector

import (
	"context"
	"errors"
	"sync"
)

// errAbandoned is what those who wait see when a fetch ended without an answer.
var errAbandoned = errors.New("the shared fetch was given up")

// memo fetches once for all callers. It works in the context of the caller that
// came first; should that one give up, the next caller fetches anew.
type memo[T any] struct {
	mu      sync.Mutex
	running *flight[T]
}

type flight[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func (m *memo[T]) get(ctx context.Context, fetch func(context.Context) (T, error)) (T, error) {
	for {
		f, leads := m.join()
		if leads {
			m.fly(ctx, f, fetch)
			return f.value, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
		if !errors.Is(f.err, errAbandoned) {
			return f.value, f.err
		}
	}
}

func (m *memo[T]) join() (f *flight[T], leads bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running != nil {
		return m.running, false
	}
	m.running = &flight[T]{done: make(chan struct{})}
	return m.running, true
}

// fly runs fetch. What ends because the caller itself gives up is no answer for
// the others; a panic is.
func (m *memo[T]) fly(ctx context.Context, f *flight[T], fetch func(context.Context) (T, error)) {
	f.err = guard(func() (err error) {
		f.value, err = fetch(ctx)
		return err
	})
	if f.err != nil && ctx.Err() != nil {
		f.err = errors.Join(errAbandoned, f.err)
		m.mu.Lock()
		m.running = nil
		m.mu.Unlock()
	}
	close(f.done)
}
