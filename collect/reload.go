package collect

import (
	"cmp"
	"errors"
	"reflect"
	"slices"

	"cloudip_exporter/config"
)

// Reload puts cfg in force. Targets that stay as they were keep their answers;
// collections of all others are cancelled. On an error nothing has changed.
func (r *Runner) Reload(cfg *config.Config) error {
	r.reload.Lock()
	defer r.reload.Unlock()
	before := r.current()
	byName := make(map[string]*watchedCloud, len(before))
	for _, w := range before {
		byName[w.cfg.Name] = w
	}

	var clouds, fresh, stay []*watchedCloud
	var errs []error
	for _, c := range cfg.Clouds() {
		if old := byName[c.Name]; old != nil && same(old.cfg, c) && !old.cloud.Changed() {
			stay = append(stay, old)
		}
	}
	for _, c := range cfg.Clouds() {
		old := byName[c.Name]
		switch {
		case slices.Contains(stay, old):
			clouds = append(clouds, old)
			continue
		case old != nil && !sameAnswers(old.cfg, c):
			old = nil
		}
		w, err := r.newCloud(c, old, slices.Concat(stay, fresh))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		clouds, fresh = append(clouds, w), append(fresh, w)
	}
	if len(errs) > 0 {
		for _, w := range fresh {
			w.end()
		}
		return errors.Join(errs...)
	}
	r.put(cfg, clouds)
	r.retire(before, clouds)
	return nil
}

// put makes cfg and its clouds the current ones and lets those that stay take
// up a changed interval.
func (r *Runner) put(cfg *config.Config, clouds []*watchedCloud) {
	r.mu.Lock()
	r.cfg, r.clouds = cfg, clouds
	r.mu.Unlock()
	for _, w := range clouds {
		for _, t := range w.known() {
			r.opts.Begin(t.Target, w.cfg)
		}
	}
	if !r.started {
		return
	}
	ticket := r.workers.ticket()
	for _, w := range clouds {
		w.schedule(ticket)
	}
}

// retire ends the clouds of before that are not among clouds any more, and
// forgets the targets that went with them.
func (r *Runner) retire(before, clouds []*watchedCloud) {
	for _, w := range before {
		if slices.Contains(clouds, w) {
			continue
		}
		w.end()
		r.workers.start(func() {
			w.drain() // what still runs would bring the metrics back
			r.forget(w.names()...)
		})
	}
}

// forget forgets targets that nobody watches any more.
func (r *Runner) forget(targets ...Target) {
	var watched []Target
	for _, w := range r.current() {
		watched = append(watched, w.names()...)
	}
	for _, t := range targets {
		if !slices.Contains(watched, t) {
			r.opts.Forget(t)
		}
	}
}

// names are those by which requests to the cloud are counted: of its targets, and of
// projects that are not known yet.
func (w *watchedCloud) names() (all []Target) {
	if w.open {
		all = append(all, Target{w.cfg.Name, cmp.Or(w.cfg.Projects...)})
	}
	for _, t := range w.all() {
		all = append(all, t.Target)
	}
	return all
}

func (w *watchedCloud) drain() {
	w.collecting.wait()
	w.listing.wait()
	for _, t := range w.known() {
		t.collecting.wait()
	}
}

func (w *watchedCloud) end() {
	w.leave()
	w.cloud.Close()
}

func same(a, b config.Cloud) bool {
	ours, theirs := secrets(&a), secrets(&b)
	for i := range ours {
		if !ours[i].Equal(*theirs[i]) {
			return false
		}
		*ours[i], *theirs[i] = config.Secret{}, config.Secret{}
	}
	// A secret that is missing in the list never equals another here, which
	// costs an answer and not a wrong one.
	return reflect.DeepEqual(a, b)
}

func secrets(c *config.Cloud) []*config.Secret {
	return []*config.Secret{
		&c.Auth.SecretKey, &c.Auth.SecurityToken, &c.Auth.Password, &c.Auth.ApplicationCredentialSecret,
		&c.HTTP.ProxyURL,
	}
}

// sameAnswers reports whether answers collected with one configuration are as good
// with the other: the same is asked of the same cloud. What is chosen of it, how
// fast, which way, and with which secret may differ; keys are rotated together
// with their ids.
func sameAnswers(a, b config.Cloud) bool {
	for _, c := range []*config.Cloud{&a, &b} {
		c.Projects, c.Collectors, c.Tags, c.Limits, c.HTTP = nil, nil, nil, config.Limits{}, config.HTTP{}
		c.Auth.AccessKeyID, c.Auth.ApplicationCredentialID = "", ""
		for _, s := range secrets(c) {
			*s = config.Secret{}
		}
	}
	return reflect.DeepEqual(a, b)
}
