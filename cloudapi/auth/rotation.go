package auth

import (
	"context"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

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
	for _, s := range sessions {
		if _, refused := a.refusedSecrets.active(secret); refused {
			return
		}
		if !s.tokens.madeWithAnother(secret) {
			continue
		}
		if err := s.tokens.replace(ctx); apierr.IsAuth(err) {
			a.refusedSecrets.begin(secret, secretCooldown, err)
		}
	}
}

// madeWithAnother reports whether the current token was made with another secret.
func (s *tokens) madeWithAnother(secret fingerprint) bool {
	l := s.valid()
	return l != nil && l.value.secret != fingerprint{} && l.value.secret != secret
}

// replace logs in anew; where that fails the token stays. The next request that
// needs a login tries again at once: the cloud may know the secret by then.
func (s *tokens) replace(ctx context.Context) error {
	_, err := s.calls.do(ctx, s.renew)
	if err != nil && ctx.Err() == nil {
		s.login.forgetRefusals()
		s.login.notRenewed(err)
	}
	return err
}
