package storage

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Status is what the metrics show.
type Status struct {
	Keeps                     bool      // something is to be kept
	Up                        bool      // the file is open, and the last write succeeded
	Committed                 time.Time // what was collected before is on the disk
	Size                      int64     // bytes
	Oldest                    time.Time // beginning of the oldest tenure
	Writes, Failures, Dropped uint64
	Took                      time.Duration // all writes
	Within                    []uint64      // writes within each of WriteBounds
}

// WriteBounds are upper bounds of the duration of a write, in seconds.
func WriteBounds() []float64 { return []float64{0.001, 0.01, 0.1, 1, 10} }

// Status returns how the storage stands.
func (s *Store) Status() Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.status
	st.Keeps, st.Within = s.options.keeps(), slices.Clone(st.Within)
	return st
}

// wrote notes that an observation is on the disk.
func (s *Store) wrote(f *file, o observation, took time.Duration) {
	s.mu.Lock()
	if len(s.pending) > 0 && s.pending[0].snap == o.snap {
		s.pending = s.pending[1:]
	}
	s.status.Committed = o.at
	s.status.Writes++
	s.status.Took += took
	for i, bound := range WriteBounds() {
		if took.Seconds() <= bound {
			s.status.Within[i]++
		}
	}
	s.mu.Unlock()
	s.measure(f)
}

// measure is not worth a failure: the next write shows it.
func (s *Store) measure(f *file) {
	var size, first int64
	var oldest time.Time
	_ = f.row(`SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&size)
	if f.row(`SELECT first FROM tenures ORDER BY id LIMIT 1`).Scan(&first) == nil {
		oldest = timeOf(first)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Size, s.status.Oldest = size, oldest
}

// judge notes and logs how a step ended. Each failure is logged once.
func (s *Store) judge(o Options, err error) {
	s.mu.Lock()
	s.status.Up = err == nil
	if err != nil {
		s.status.Failures++
	}
	s.mu.Unlock()
	path := cmp.Or(o.Path, "memory")
	switch {
	case err == nil:
		if s.told != "" {
			s.log.Info("storage works again", "path", path)
		}
		s.told = ""
	case damaged(err) && o.Path != "":
		s.closeFile()
		renamed, e := putAside(path, time.Now())
		s.log.Error("storage is damaged, a new file is begun", "path", path, "renamed_to", renamed, "err", errors.Join(err, e))
	case err.Error() != s.told:
		s.told = err.Error()
		s.log.Warn("storage cannot be written: nothing is remembered until it can", "path", path, "err", err)
	}
}
