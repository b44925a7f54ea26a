package cloudapi

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// fingerprint tells a secret from another; the zero one is of none.
type fingerprint [sha256.Size]byte

func (f fingerprint) known() bool { return f != fingerprint{} }

// round is what was found out about the login in one collection. It holds for
// the rest of that collection and no longer: somebody may mend the cloud and
// scrape at once.
type round struct {
	deadline time.Time // of the collection
	begun    time.Time

	look     sync.Once
	outdated *token // the secret has changed since it was made

	deaf map[string]bool // services that refused a fresh token; under tokens.mu
}

// failure is the login that failed last.
type failure struct {
	err   error
	with  fingerprint
	at    time.Time
	round *round
}

// round returns that of the collection which ctx belongs to. The deadline
// tells: that of the next collection is later, that of a part of this one is
// not. What has none is a command, whose requests follow each other closely.
func (s *tokens) round(ctx context.Context) *round {
	deadline, ok := ctx.Deadline()
	s.mu.Lock()
	defer s.mu.Unlock()
	now, r := time.Now(), s.latest
	if r == nil || deadline.After(r.deadline) || !ok && now.Sub(r.begun) >= refusalHold {
		r = &round{deadline: deadline, begun: now}
		s.latest = r
	}
	return r
}

// outdated returns the token that must be replaced because the secret has
// changed since. It is looked at once in a collection.
func (s *tokens) outdated(r *round) *token {
	r.look.Do(func() {
		with := s.secret()
		s.mu.Lock()
		defer s.mu.Unlock()
		if t := s.current; t != nil && with != t.secret && with.known() && t.secret.known() {
			r.outdated = t
			if with != s.failed.with {
				s.nextTry = time.Time{} // another secret failed, not this one
			}
		}
	})
	return r.outdated
}

// held returns the failure of the login that was tried with the same secret in
// the same collection: it is everybody's.
func (s *tokens) held(r *round, with fingerprint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.failed
	if f.round == r && f.with == with && time.Since(f.at) < renewPause {
		return f.err
	}
	return nil
}

// refused returns the current token where it was refused to this operation
// before, so that it is not sent there again; nil where no other is to be had.
func (s *tokens) refused(r *round, x *exchange) *token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.current; t != nil && t.refused[x.name()] && !r.deaf[x.service] {
		return t
	}
	return nil
}

// refuse notes that a token was refused to an operation. Of services it would
// be too much: some answer 401 where a single permission is missing.
func (s *tokens) refuse(t *token, x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.refused == nil {
		t.refused = make(map[string]bool)
	}
	t.refused[x.name()] = true
}

// hopeless reports whether the service refused a fresh token in this
// collection, so that another login would change nothing.
func (s *tokens) hopeless(r *round, service string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.deaf[service]
}

func (s *tokens) giveUp(r *round, service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.deaf == nil {
		r.deaf = make(map[string]bool)
	}
	r.deaf[service] = true
}
