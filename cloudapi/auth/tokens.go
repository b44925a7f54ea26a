package auth

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
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
	resp.Body.Close()
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

// secretCooldown is how long a changed secret that the cloud refused is not
// tried for the tokens that still work: longer than a token lives.
const secretCooldown = 24 * time.Hour

// RenewChanged logs in anew where the secret has changed since a token was made:
// it counts from the next collection at the latest. Where the cloud refuses it
// the old tokens stay in use, and it is not tried again: a few refusals in a row
// lock the account on some clouds.
func (a *Account) RenewChanged(ctx context.Context, sessions []*Session) {
	if a.Signs() {
		return // a signature is made with the secret of its moment
	}
	c, err := a.credential()
	if err != nil {
		return // the next login reports it
	}
	secret := c.fingerprint()
	a.rotation.Lock()
	defer a.rotation.Unlock()
	stale := slices.DeleteFunc(slices.Clone(sessions), func(s *Session) bool { return !s.tokens.madeWithAnother(secret) })
	logIn := func(s *Session) bool {
		err := s.tokens.replace(ctx)
		if apierr.IsAuth(err) {
			a.refusedSecrets.begin(secret, secretCooldown, err)
		}
		return err == nil
	}
	if _, refused := a.refusedSecrets.active(secret); refused || len(stale) == 0 || !logIn(stale[0]) {
		return // one alone tries the secret
	}
	var group errgroup.Group
	group.SetLimit(max(1, a.Config.Limits.Concurrency))
	for _, s := range stale[1:] {
		group.Go(func() error { logIn(s); return nil })
	}
	_ = group.Wait() // no function returns an error
}

// madeWithAnother reports whether the current token was made with another secret.
func (s *tokens) madeWithAnother(secret fingerprint) bool {
	l := s.valid()
	return l != nil && l.value.secret != fingerprint{} && l.value.secret != secret
}

// replace logs in anew; where that fails the token stays. The next request that
// needs a login tries again at once: the cloud may know the secret by then.
func (s *tokens) replace(ctx context.Context) error {
	_, err := s.calls.do(ctx, func(ctx context.Context) (*lease[token], error) { return s.renew(ctx, s.from) })
	if err != nil && ctx.Err() == nil {
		s.login.refused.clear()
		s.login.notRenewed(err)
	}
	return err
}
