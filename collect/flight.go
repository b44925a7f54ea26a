package collect

import (
	"sync"
	"sync/atomic"
)

// tickets number the arrivals of callers and the beginnings of runs in one
// order, so that "began after I came" can be asked without a clock.
type tickets struct{ last atomic.Uint64 }

func (t *tickets) take() uint64 { return t.last.Add(1) }

// run is one execution of shared work.
type run struct {
	began uint64
	done  chan struct{} // closed at its end
}

func (r *run) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// flight is work that callers share: it never runs twice at the same time.
type flight struct {
	mu   sync.Mutex
	last *run
}

// join returns the run that serves a caller who came at ticket: the one under
// way, else one that began after the caller came, else a new one, which spawn
// starts. It never blocks. When no work may start any more, it has ended already.
func (f *flight) join(t *tickets, ticket uint64, w *workers, work func()) *run {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != nil && (!f.last.ended() || f.last.began > ticket) {
		return f.last
	}
	r := &run{began: t.take(), done: make(chan struct{})}
	f.last = r
	if !w.spawn(func() { defer close(r.done); work() }) {
		close(r.done)
	}
	return r
}

// idle reports whether the work never ran.
func (f *flight) idle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last == nil
}

// settle waits for the run under way.
func (f *flight) settle() {
	f.mu.Lock()
	last := f.last
	f.mu.Unlock()
	if last != nil {
		<-last.done
	}
}

// workers are the goroutines of a Runner; after close none is started.
type workers struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// spawn runs f in a goroutine, or reports false after close.
func (w *workers) spawn(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.wg.Go(f)
	return true
}

// close forbids new goroutines and returns a channel that is closed when the
// last has ended.
func (w *workers) close() <-chan struct{} {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		w.wg.Wait()
	}()
	return idle
}
