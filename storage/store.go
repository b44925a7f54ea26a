// Package storage keeps in one SQLite file what the daemon must not forget: the
// last complete answer of each collector, and tenures, which say who held which
// address from when to when. One goroutine writes; nobody waits for it. It knows
// no cloud and no HTTP.
package storage

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cloudip_exporter/inventory"
)

const (
	retryEvery   = 5 * time.Second
	tidyEvery    = time.Minute
	answersEvery = time.Minute // between two writings of the last answers of a target
)

// Store is what the daemon remembers. All its methods may be called concurrently,
// and none but Open and Close waits for the file to be written.
type Store struct {
	log     *slog.Logger
	metrics metrics
	wake    chan struct{} // asks the writer to look
	done    chan struct{} // closed when the writer has ended
	stop    chan struct{}

	ending sync.Once
	tidied time.Time
	told   string // the last failure in the log

	mu       sync.RWMutex // never held while the file is read, written or closed
	options  Options
	moved    bool  // the options name another file
	file     *file // nil while none is open
	pending  []observation
	restored []observation // targets, without a snapshot
}

// observation is a target after one collection.
type observation struct {
	key   targetKey
	cloud string
	snap  *inventory.Snapshot
	at    time.Time
}

// Open begins to keep what Record brings. A file that cannot be opened or written is
// logged and tried again until it can.
func Open(o Options, log *slog.Logger) *Store {
	s := open(o, log)
	go s.run()
	return s
}

func open(o Options, log *slog.Logger) *Store {
	s := &Store{options: o, log: log, metrics: newMetrics(), wake: make(chan struct{}, 1), done: make(chan struct{}), stop: make(chan struct{})}
	s.step(false) // so that Restore finds it open
	return s
}

// Configure changes the options. Another path is another file, from now on.
func (s *Store) Configure(o Options) {
	s.mu.Lock()
	s.moved = s.moved || o.Path != s.options.Path || o.Memory != s.options.Memory
	s.options = o
	s.mu.Unlock()
	s.poke()
}

func (s *Store) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Record hands over a target after a collection. Where the one before has not been
// written yet, that one is dropped and counted.
func (s *Store) Record(identity string, snap *inventory.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.options.keeps() {
		return
	}
	o := observation{keyOf(identity, snap.Project), snap.Cloud, snap, time.Now()}
	if i := slices.IndexFunc(s.pending, func(p observation) bool { return p.key == o.key }); i >= 0 {
		s.pending = slices.Delete(s.pending, i, i+1)
		s.metrics.dropped.Inc()
	}
	s.pending = append(s.pending, o)
	s.poke()
}

// Close writes what is left and closes the file, or gives up with ctx.
func (s *Store) Close(ctx context.Context) error {
	s.ending.Do(func() { close(s.stop) })
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("closing storage: %w", ctx.Err())
	}
}

// run is the writer.
func (s *Store) run() {
	defer close(s.done)
	for {
		next := s.step(false)
		select {
		case <-s.wake:
		case <-time.After(next):
		case <-s.stop:
			s.step(true)
			s.closeFile()
			return
		}
	}
}

// step writes what there is to write and returns when to come again at the latest.
// At the end it writes the last answers that are not due yet, too.
func (s *Store) step(end bool) time.Duration {
	s.mu.Lock()
	o, moved := s.options, s.moved
	s.moved = false
	s.mu.Unlock()
	if moved {
		s.closeFile()
	}
	if !o.keeps() {
		return tidyEvery
	}
	more, err := s.write(o, end)
	s.judge(o, err)
	switch {
	case err != nil:
		return retryEvery
	case more:
		return time.Millisecond
	}
	return tidyEvery / 4
}

// write opens the file where it is not open, writes all pending observations, the
// last answers that are due, and deletes some of what is too old.
func (s *Store) write(o Options, end bool) (more bool, err error) {
	f, err := s.opened(o)
	if err != nil {
		return false, err
	}
	if err := s.loadRestored(f); err != nil {
		return false, fmt.Errorf("read: %w", err)
	}
	for {
		obs, ok := s.first()
		if !ok {
			break
		}
		begun := time.Now()
		if err := s.writeOne(f, obs, o); err != nil {
			return false, fmt.Errorf("write: %w", err)
		}
		s.wrote(f, obs, time.Since(begun))
	}
	if err := f.writeAnswers(time.Now(), end); err != nil {
		return false, fmt.Errorf("write last answers: %w", err)
	}
	if end || time.Since(s.tidied) < tidyEvery {
		return false, nil
	}
	if more, err = f.tidy(millis(time.Now()), o); err != nil {
		return false, fmt.Errorf("delete what is too old: %w", err)
	}
	if !more {
		s.tidied = time.Now()
	}
	return more, nil
}

// writeOne writes an observation whole, or nothing of it.
func (s *Store) writeOne(f *file, o observation, opts Options) error {
	t, err := f.target(o.key, o.cloud)
	if err != nil {
		return err
	}
	var c changes
	err = f.transaction(func() error {
		c, err = f.writeTenures(t, o.snap, opts.MaxStale.Milliseconds())
		return err
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t.apply(c)
	t.latest = o.snap
	return nil
}

func (s *Store) opened(o Options) (*file, error) {
	if s.file != nil && s.file.lost(o.Path) {
		s.log.Warn("somebody removed or replaced the file of the storage, it is opened anew", "path", o.Path)
		s.closeFile()
	}
	if s.file != nil {
		return s.file, nil
	}
	f, err := openFile(o.Path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	s.mu.Lock()
	s.file = f
	s.mu.Unlock()
	s.metrics.up.Set(1)
	s.measure(f)
	return f, nil
}

// first returns the observation that waits longest.
func (s *Store) first() (observation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return observation{}, false
	}
	return s.pending[0], true
}

func (s *Store) closeFile() {
	s.mu.Lock()
	f := s.file
	s.file = nil
	s.mu.Unlock()
	s.metrics.up.Set(0)
	if f != nil {
		f.close()
	}
}

// keeps reports whether something is to be kept.
func (s *Store) keeps() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.options.keeps()
}

// Reader returns a reader of what is kept, which need not be closed. It stays
// good until the options name another file.
func (s *Store) Reader() (*Reader, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.file == nil {
		return nil, ErrNone
	}
	return &Reader{s.file.db}, nil
}

// Options are where and how much to keep.
type Options struct {
	Path          string        // "" keeps nothing
	Memory        bool          // keep it in memory, without a file
	Retention     time.Duration // 0: for ever
	RetentionSize int64         // bytes; 0: any number
	MaxStale      time.Duration // longer between two answers nobody watched
}

func (o *Options) keeps() bool { return o.Path != "" || o.Memory }
