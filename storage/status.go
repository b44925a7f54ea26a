package storage

import (
	"cmp"
	"errors"
	"time"
)

// status is what the metrics show.
type status struct {
	up                        bool
	committed                 time.Time
	size, oldest              int64 // bytes; milliseconds
	writes, failures, dropped int
	took                      time.Duration // of the last write
	told                      string        // the last failure in the log
}

// wrote notes that an observation is on the disk.
func (s *Store) wrote(f *file, o observation, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) > 0 && s.pending[0].snap == o.snap {
		s.pending = s.pending[1:]
	}
	s.committed, s.took = o.at, took
	s.writes++
	s.measure(f)
}

// measure is not worth a failure: the next write shows it.
func (s *Store) measure(f *file) {
	_ = f.row(`SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&s.size)
	s.oldest = 0
	_ = f.row(`SELECT first FROM tenures ORDER BY id LIMIT 1`).Scan(&s.oldest)
}

// judge notes and logs how a step ended. Each failure is logged once.
func (s *Store) judge(o Options, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		if s.told != "" {
			s.log.Info("storage works again", "path", o.Path)
		}
		s.up, s.told = true, ""
		return
	}
	s.up = false
	s.failures++
	path := cmp.Or(o.Path, "memory")
	if damaged(err) && o.Path != "" {
		if s.file != nil {
			s.file.close()
			s.file = nil
		}
		renamed, e := putAside(o.Path, time.Now())
		s.log.Error("storage is damaged, a new file is begun", "path", path, "renamed_to", renamed, "err", errors.Join(err, e))
		return
	}
	if text := err.Error(); text != s.told {
		s.told = text
		s.log.Warn("storage cannot be written: nothing is remembered until it can", "path", path, "err", err)
	}
}
