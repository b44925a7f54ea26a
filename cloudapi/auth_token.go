package cloudapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"cloudip_exporter/cloudapi/wire"
)

const (
	refusalHold = 250 * time.Millisecond // how long a refused credential is not tried again: for the rest of a collection
	renewPause  = 30 * time.Second       // between tries to renew while the old one still works
	serviceHold = 5 * time.Second        // how long a service that refuses a fresh token is believed
)

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

	secret fingerprint // that it was made with
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
	pardon    func()                          // lets a login that was refused a moment ago be repeated
	patient   func(ctx context.Context) error // whether a login could be sent before the deadline
	retried   func(*wire.Attempt)
	swallowed func(error) // a renewal that failed without harm as yet
	logins    singleCall[*token]

	mu       sync.Mutex
	current  *token
	nextTry  time.Time // of a renewal after a failed one
	refusals map[string]refusal
}

// refusal is a fresh token that a service did not take.
type refusal struct {
	token string
	at    time.Time
}

// get returns a token other than the refused one.
func (s *tokens) get(ctx context.Context, refused *token) (*token, error) {
	if t := s.usable(refused); t != nil {
		return t, nil
	}
	if err := s.patient(ctx); err != nil {
		if old := s.old(refused); old != nil {
			return old, nil
		}
		return nil, err
	}
	t, err := s.logins.do(ctx, func(ctx context.Context) (*token, error) {
		if t := s.usable(refused); t != nil {
			return t, nil // somebody else was faster
		}
		return s.renew(ctx)
	})
	if err != nil {
		if old := s.old(refused); old != nil && ctx.Err() == nil {
			s.swallowed(err)
			return old, nil
		}
		return nil, err
	}
	return t, nil
}

// renew logs in, whatever token there is.
func (s *tokens) renew(ctx context.Context) (*token, error) {
	t, err := s.login(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.nextTry = time.Now().Add(renewPause)
		return nil, err
	}
	s.current, s.nextTry = t, time.Time{}
	return t, nil
}

// usable returns the current token if no login is called for.
func (s *tokens) usable(refused *token) *token {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, now := s.current, time.Now()
	if t == nil || t == refused || !t.alive(now) || t.due(now) && !now.Before(s.nextTry) {
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

// Send sets the token. After a 401 it logs in anew, together with all others
// whose token was refused, and repeats the request once.
func (s *tokens) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	t, err := s.get(req.Context(), nil)
	if err != nil {
		return nil, err
	}
	first, err := withToken(req, t)
	if err != nil {
		return nil, err
	}
	x := wire.AttemptOf(req)
	resp, err := next.RoundTrip(first)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || s.hopeless(x.Service, t) || !x.ResendOnce() {
		return resp, err
	}
	wire.Discard(resp.Body)
	fresh, err := s.get(req.Context(), t)
	if err != nil {
		return nil, err
	}
	second, err := withToken(req, fresh)
	if err != nil {
		return nil, err
	}
	s.retried(x)
	resp, err = next.RoundTrip(second)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		s.refuse(x.Service, fresh)
	}
	return resp, err
}

// hopeless reports whether the service refused this very token when it was
// fresh, so that another login would change nothing.
func (s *tokens) hopeless(service string, t *token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.refusals[service]
	return ok && r.token == t.text && time.Since(r.at) < serviceHold
}

func (s *tokens) refuse(service string, t *token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusals == nil {
		s.refusals = make(map[string]refusal)
	}
	s.refusals[service] = refusal{t.text, time.Now()}
}

func withToken(req *http.Request, t *token) (*http.Request, error) {
	req, err := wire.Rewound(req)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Auth-Token", t.text)
	return req, nil
}
