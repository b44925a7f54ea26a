package collect

import (
	"errors"

	"cloudip_exporter/config"
)

// Reload puts cfg in force. Targets that stay as they were keep their answers;
// collections of all others are cancelled. On an error nothing has changed.
func (r *Runner) Reload(cfg *config.Config) error {
	r.reload.Lock()
	defer r.reload.Unlock()
	before := r.current()
	byName := make(map[string]*site, len(before))
	for _, s := range before {
		byName[s.cfg.Name] = s
	}

	var sites, fresh []*site
	var errs []error
	for _, c := range cfg.Clouds() {
		old := byName[c.Name]
		switch {
		case old != nil && same(old.cfg, c):
			sites = append(sites, old)
			continue
		case old != nil && !akin(old.cfg, c):
			old = nil
		}
		s, err := r.newSite(c, old)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sites, fresh = append(sites, s), append(fresh, s)
	}
	if len(errs) > 0 {
		for _, s := range fresh {
			s.end()
		}
		return errors.Join(errs...)
	}
	r.put(cfg, sites)
	r.retire(before, sites)
	return nil
}

// put makes cfg and its sites the current ones and lets those that stay take
// up a changed interval.
func (r *Runner) put(cfg *config.Config, sites []*site) {
	r.mu.Lock()
	r.cfg, r.sites = cfg, sites
	r.mu.Unlock()
	if !r.started {
		return
	}
	for _, s := range sites {
		s.schedule()
	}
}

// retire ends the sites of before that are not among sites any more, and
// forgets the targets that went with them.
func (r *Runner) retire(before, sites []*site) {
	stays := map[Target]bool{}
	kept := map[*site]bool{}
	for _, s := range sites {
		kept[s] = true
		for _, t := range s.all() {
			stays[t.Target] = true
		}
	}
	for _, s := range before {
		if kept[s] {
			continue
		}
		s.end()
		r.workers.spawn(func() {
			s.drain() // what still runs would bring the metrics back
			for _, t := range s.all() {
				if !stays[t.Target] {
					r.forget(t.Target)
				}
			}
		})
	}
}

// drain waits for the collections of a site that has ended.
func (s *site) drain() {
	s.sweeps.settle()
	s.listings.settle()
	for _, t := range s.known() {
		t.runs.settle()
	}
}

// end cancels the collections of a site.
func (s *site) end() {
	s.leave()
	s.cloud.Close()
}
