package cloudapi

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	refusalHold = 250 * time.Millisecond // how long a refused credential is not tried again where no collection has an end
	renewPause  = 30 * time.Second       // between tries to renew while the old one still works
)

// sender is the stage of the transport that puts the credential on a request.
type sender interface {
	send(req *http.Request, next http.RoundTripper) (*http.Response, error)
}

// sending is a sender as a stage of the transport. It lets no credential out
// of the origin that was configured.
func sending(s sender, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if err := exchangeOf(req).atHome(req.URL); err != nil {
			return nil, err
		}
		return s.send(req, next)
	})
}

// token is a Keystone token and what came with it.
type token struct {
	text      string
	projectID string
	project   string // name
	admin     bool   // has the role admin
	catalogue []catalogueEntry
	expires   time.Time // as the cloud says; zero when it says nothing that can be read
	renewAt   time.Time // by the own clock; zero: never
	diesAt    time.Time // by the own clock; zero: unknown

	secret  fingerprint     // that it was made with
	refused map[string]bool // operations that it was refused to; under tokens.mu
}

// live is when a token that lives from now on for life should be renewed and
// when it dies. The lifetime counts, not the end: clocks differ.
func (t *token) live(now time.Time, life time.Duration) {
	if life <= 0 {
		return
	}
	margin := min(max(life/5, time.Minute), time.Hour)
	if margin > life/2 {
		margin = life / 5
	}
	t.renewAt, t.diesAt = now.Add(life-margin), now.Add(life)
}

func (t *token) due(now time.Time) bool   { return !t.renewAt.IsZero() && !now.Before(t.renewAt) }
func (t *token) alive(now time.Time) bool { return t.diesAt.IsZero() || now.Before(t.diesAt) }

// tokens keeps the token of one project and renews it, once for all callers.
type tokens struct {
	login     func(context.Context) (*token, error)
	secret    func() fingerprint              // of what a login would send now; zero where it cannot be read
	patient   func(ctx context.Context) error // whether a login could be sent before the deadline
	retried   func(*exchange)
	swallowed func(error) // a renewal that failed without harm as yet
	logins    shared[*token]

	mu      sync.Mutex
	current *token
	nextTry time.Time // of a renewal after a failed one
	failed  failure
	latest  *round
}

// get returns a token other than the refused one.
func (s *tokens) get(ctx context.Context, refused *token) (*token, error) {
	r := s.round(ctx)
	if t := s.usable(r, refused); t != nil {
		return t, nil
	}
	err := s.patient(ctx)
	if err == nil {
		var t *token
		t, err = s.logins.do(ctx, func(ctx context.Context) (*token, error) { return s.renew(ctx, r, refused) })
		if err == nil {
			return t, nil
		}
	}
	if old := s.old(refused); old != nil && ctx.Err() == nil {
		return old, nil
	}
	return nil, err
}

// renew logs in, unless somebody else was faster or failed already.
func (s *tokens) renew(ctx context.Context, r *round, refused *token) (*token, error) {
	if t := s.usable(r, refused); t != nil {
		return t, nil
	}
	with := s.secret()
	if err := s.held(r, with); err != nil {
		return nil, err
	}
	t, err := s.login(ctx)
	if err != nil {
		if ctx.Err() == nil { // else nobody waits for it any longer
			s.fail(failure{err: err, with: with, at: time.Now(), round: r}, refused)
		}
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.secret = with
	s.current, s.nextTry, s.failed = t, time.Time{}, failure{}
	return t, nil
}

func (s *tokens) fail(f failure, refused *token) {
	if s.old(refused) != nil {
		s.swallowed(f.err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed, s.nextTry = f, f.at.Add(renewPause)
}

// usable returns the current token if no login is called for.
func (s *tokens) usable(r *round, refused *token) *token {
	outdated := s.outdated(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	t, now := s.current, time.Now()
	if t == nil || t == refused || !t.alive(now) || (t.due(now) || t == outdated) && !now.Before(s.nextTry) {
		return nil
	}
	return t
}

// old returns a token that should have been renewed but still works.
func (s *tokens) old(refused *token) *token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.current; t != nil && t != refused && t.alive(time.Now()) {
		return t
	}
	return nil
}

// send sets the token. After a 401 it logs in anew, together with all others
// whose token was refused, and repeats the request once.
func (s *tokens) send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	x, r := exchangeOf(req), s.round(req.Context())
	known := s.refused(r, x)
	t, err := s.get(req.Context(), known)
	if err != nil {
		return nil, err
	}
	resp, err := s.sendWith(t, req, next)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	if known != nil { // it was fresh
		s.giveUp(r, x.service)
	}
	if s.hopeless(r, x.service) || !x.repeat() {
		return resp, nil
	}
	discard(resp.Body)
	fresh, err := s.get(req.Context(), t)
	if err != nil {
		return nil, err
	}
	s.retried(x)
	resp, err = s.sendWith(fresh, req, next)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		s.giveUp(r, x.service)
	}
	return resp, err
}

func (s *tokens) sendWith(t *token, req *http.Request, next http.RoundTripper) (*http.Response, error) {
	req, err := withToken(req, t)
	if err != nil {
		return nil, err
	}
	resp, err := next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		s.refuse(t, exchangeOf(req))
	}
	return resp, err
}

func withToken(req *http.Request, t *token) (*http.Request, error) {
	req, err := again(req)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Auth-Token", t.text)
	return req, nil
}

// again is a copy of a request with its body at the beginning.
func again(req *http.Request) (*http.Request, error) {
	c := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		c.Body = body
	}
	return c, nil
}
