package collect

import (
	"sync"
	"sync/atomic"
	"time"
)

// run is one execution of shared work.
type run struct {
	began uint64
	done  chan struct{} // closed at its end
	took  time.Duration // known at its end
}

func (r *run) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// sharedWork is work that callers share: it never runs twice at the same time.
type sharedWork struct {
	mu   sync.Mutex
	last *run
}

// join returns the run that serves a caller who came at ticket: the one under
// way, else one that began after the caller came, else a new one of work. It
// never blocks. When no work may start any more, the run has ended already.
func (s *sharedWork) join(w *workers, ticket uint64, work func()) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != nil && (!s.last.ended() || s.last.began > ticket) {
		return s.last
	}
	r := &run{began: w.ticket(), done: make(chan struct{})}
	s.last = r
	started := w.start(func() {
		begun := time.Now()
		defer func() {
			r.took = time.Since(begun)
			close(r.done)
		}()
		work()
	})
	if !started {
		close(r.done)
	}
	return r
}

func (s *sharedWork) neverRan() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last == nil
}

func (s *sharedWork) wait() {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last != nil {
		<-last.done
	}
}

// workers are the goroutines of a Runner, and the tickets that order what they
// do; after close none is started.
type workers struct {
	last   atomic.Uint64 // ticket
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// ticket numbers the arrivals of callers and the beginnings of runs in one order, so
// that "began after I came" can be asked without a clock.
func (w *workers) ticket() uint64 { return w.last.Add(1) }

// start runs f in a goroutine; after close it reports false instead.
func (w *workers) start(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.wg.Go(f)
	}
	return !w.closed
}

// close forbids new goroutines and returns a channel that is closed when the
// last has ended.
func (w *workers) close() <-chan struct{} {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.wg.Wait()
	}()
	return ended
}
