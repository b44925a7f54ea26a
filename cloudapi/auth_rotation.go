package cloudapi

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// fingerprint tells a secret from another; the zero one is of none.
type fingerprint [sha256.Size]byte

func (o *authOptions) fingerprint() fingerprint {
	return sha256.Sum256([]byte(o.Password + "\x00" + o.ApplicationCredentialSecret))
}

// renewChanged logs in anew where the secret has changed since a token was made:
// it counts from the next collection at the latest. Where it is refused the old
// tokens stay in use, and it is not tried again: a few refusals in a row lock
// the account on some clouds.
func (c *Cloud) renewChanged(ctx context.Context) {
	if c.keys != nil {
		return // a signature is made with the secret of its moment
	}
	opts, err := c.authOptions()
	if err != nil {
		return // the next login tells
	}
	secret := opts.fingerprint()
	c.rotation.Lock()
	defer c.rotation.Unlock()
	for _, p := range c.projects() {
		if secret == c.unfit || !p.login.madeWithAnother(secret) {
			continue
		}
		if err := p.login.replace(ctx); apierr.IsAuth(err) {
			c.unfit = secret
		}
	}
}

// projects are all that have tokens of their own.
func (c *Cloud) projects() []*Project {
	all := slices.Clone(c.fixed)
	if c.wide != nil {
		all = append(all, c.wide)
	}
	c.listing.Lock()
	defer c.listing.Unlock()
	return slices.AppendSeq(all, maps.Values(c.expanded))
}

// madeWithAnother reports whether the current token was made with another secret.
func (s *tokens) madeWithAnother(secret fingerprint) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.current
	return t != nil && t.alive(time.Now()) && t.secret != fingerprint{} && t.secret != secret
}

// replace logs in anew; where that fails the token stays. Who needs a login
// next tries for himself: the cloud may have learnt the secret by then.
func (s *tokens) replace(ctx context.Context) error {
	_, err := s.logins.do(ctx, s.renew)
	if err != nil && ctx.Err() == nil {
		s.pardon()
		s.swallowed(err)
	}
	return err
}
