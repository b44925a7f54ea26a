package storage

import (
	"cmp"
	"errors"
	"time"
)

// wrote notes that an observation is on the disk.
func (s *Store) wrote(f *file, o observation, took time.Duration) {
	s.mu.Lock()
	if len(s.pending) > 0 && s.pending[0].snap == o.snap {
		s.pending = s.pending[1:]
	}
	s.mu.Unlock()
	s.metrics.committed.Set(seconds(o.at))
	s.metrics.writes.Inc()
	s.metrics.took.Observe(took.Seconds())
	s.measure(f)
}

// measure is not worth a failure: the next write shows it.
func (s *Store) measure(f *file) {
	var size, first int64
	_ = f.row(`SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&size)
	s.metrics.size.Set(float64(size))
	oldest := 0.0
	if f.row(oldestFirst).Scan(&first) == nil {
		oldest = seconds(timeOf(first))
	}
	s.metrics.oldest.Set(oldest)
}

// judge notes and logs how a step ended. Each failure is logged once.
func (s *Store) judge(o Options, err error) {
	up := 1.0
	if err != nil {
		up = 0
		s.metrics.failures.Inc()
	}
	s.metrics.up.Set(up)
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
