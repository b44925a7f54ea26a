package auth

import (
	"fmt"
	"net/http"
	"time"

	"cloudip_exporter/cloudapi/wire"
)

// serviceHold is how long no login follows when a service refuses a fresh token.
const serviceHold = 5 * time.Second

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
	if t.value.limited {
		wire.AttemptOf(req).HintRefused = fmt.Sprintf("the application credential has access rules: one has to allow %s %s of this service", req.Method, req.URL.Path)
	}
	req, err := wire.Rewound(req)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Auth-Token", t.value.text)
	return next.RoundTrip(req)
}
