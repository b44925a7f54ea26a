package cloudapi

import (
	"net/http"
	"time"

	"cloudip_exporter/cloudapi/wire"
)

const (
	// After a refusal the same credential is not sent again for this long, so that
	// parallel requests fail together and do not lock the account.
	refusalHold = 250 * time.Millisecond
	// serviceHold is how long no login follows when a service refuses a fresh token.
	serviceHold = 5 * time.Second
)

// token is a Keystone token and what came with it.
type token struct {
	text      string
	projectID string
	project   string // name
	admin     bool   // has the role admin
	catalogue Catalogue
	expires   time.Time // as the cloud says; zero when it says nothing that can be read

	secret fingerprint // that it was made with
}

// tokenLease returns the lease of a token that lives from now on for life. The
// lifetime counts, not the end: clocks differ.
func tokenLease(t token, now time.Time, life time.Duration) *lease[token] {
	l := &lease[token]{value: t}
	if life <= 0 {
		return l
	}
	margin := min(max(life/5, time.Minute), time.Hour)
	if margin > life/2 {
		margin = life / 5
	}
	l.renewAt, l.endsAt = now.Add(life-margin), now.Add(life)
	return l
}

// tokens puts the token of one project on requests.
type tokens struct {
	renewing[token]
	login        *login
	refusedFresh cooldown[refusedToken]
}

// refusedToken is a fresh token that a service did not accept.
type refusedToken struct{ service, text string }

func newTokens(l *login) *tokens {
	return &tokens{renewing: renewing[token]{from: l}, login: l}
}

// Send sends the request with a token. After a 401 it logs in anew,
// together with all others whose token was refused, and repeats the request once.
func (s *tokens) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	t, err := s.get(req.Context(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := sendWithToken(t, req, next)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	x := wire.AttemptOf(req)
	// Another login changes nothing where the service refused a fresh token.
	if _, hopeless := s.refusedFresh.active(refusedToken{x.Service, t.value.text}); hopeless || !x.ResendOnce() {
		return resp, nil
	}
	wire.Discard(resp.Body)
	fresh, err := s.get(req.Context(), t)
	if err != nil {
		return nil, err
	}
	s.login.Metrics.Resent(x)
	resp, err = sendWithToken(fresh, req, next)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		s.refusedFresh.begin(refusedToken{x.Service, fresh.value.text}, serviceHold, nil)
	}
	return resp, err
}

func sendWithToken(t *lease[token], req *http.Request, next http.RoundTripper) (*http.Response, error) {
	req, err := wire.Rewound(req)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Auth-Token", t.value.text)
	return next.RoundTrip(req)
}
