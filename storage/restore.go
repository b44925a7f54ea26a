package storage

import (
	"context"
	"time"

	"cloudip_exporter/inventory"
)

// Restore returns the last complete answers of a target, with their own times, those
// too that are not due to be written. It leaves out what is older than Options.MaxStale,
// or of the future.
func (s *Store) Restore(identity, cloud, project string) []inventory.State {
	key := keyOf(identity, project)
	s.mu.Lock()
	o, f := s.options, s.file
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	states, err := f.answers(key, time.Now(), o.MaxStale, s.log)
	if err != nil {
		s.log.Warn("the last answers cannot be read", "cloud", cloud, "project", project, "err", err)
	}
	latest := f.latest(key)
	for i, st := range states {
		if known := latest.State(st.Collector); known != nil && known.LastSuccess.After(st.LastSuccess) {
			states[i] = *known
		}
	}
	// The writer reads how long its ports have been idle.
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restored = append(s.restored, observation{key: key, cloud: cloud})
	s.poke()
	return states
}

// Projects returns the projects of a cloud of which Restore has answers.
func (s *Store) Projects(identity string) []string {
	r, err := s.Reader()
	if err != nil {
		return nil
	}
	s.mu.RLock()
	oldest := time.Now().Add(-s.options.MaxStale)
	s.mu.RUnlock()
	rows, err := r.db.QueryContext(context.Background(), `SELECT DISTINCT t.project FROM targets t JOIN answers a ON a.target = t.id
		WHERE t.identity = ? AND a.at BETWEEN ? AND ? ORDER BY t.project`, []byte(keyOf(identity, "").identity), millis(oldest), millis(time.Now()))
	var all []string
	var project string
	if err = each(rows, err, func() { all = append(all, project) }, &project); err != nil {
		s.log.Warn("the last projects cannot be read", "err", err)
	}
	return all
}

// loadRestored reads the open tenures of targets whose first collection has not ended.
func (s *Store) loadRestored(f *file) error {
	s.mu.Lock()
	restored := s.restored
	s.restored = nil
	s.mu.Unlock()
	for _, o := range restored {
		t, err := f.target(o.key, o.cloud)
		if err == nil {
			err = f.load(t, Port)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
