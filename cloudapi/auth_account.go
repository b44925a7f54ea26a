package cloudapi

import (
	"net/http"
	"sync"

	"cloudip_exporter/config"
)

// Account is the credential of one cloud, for all its projects.
type Account struct {
	Identity
	bare *http.Client // sends without a credential: logins
	keys keySource    // nil: the account logs in
	gate *keyGate

	signed signedCatalogue

	rotation       sync.Mutex
	refusedSecrets cooldown[fingerprint] // changed secrets that the cloud refused
}

// NewAccount returns the account of a credential. label is the project that
// requests count under which are not for one project.
func NewAccount(id Identity, c *credential, label string) (*Account, error) {
	a := &Account{Identity: id, bare: id.Transport.Bare(), gate: newKeyGate()}
	switch {
	case c.login != nil:
	case id.Config.Auth.Type == config.InstanceMetadata:
		machine, err := newInstanceKeys(&a.Identity, label)
		if err != nil {
			return nil, err
		}
		a.keys = &renewing[keyPair]{from: machine}
	default:
		a.keys = &configuredKeys{a}
	}
	return a, nil
}

// Signs reports whether requests are signed, so that there are no tokens.
func (a *Account) Signs() bool { return a.keys != nil }

// credential reads the credential anew: a secret in a file may have changed.
func (a *Account) credential() (*credential, error) {
	c, err := readCredential(a.Config)
	if err != nil {
		return nil, err
	}
	if c.login != nil {
		a.Secrets.Know("password", c.login.Password)
		a.Secrets.Know("application credential secret", c.login.ApplicationCredentialSecret)
		a.Secrets.Know("given token", c.login.TokenID)
	}
	a.Secrets.Know("secret key", c.key.secret)
	a.Secrets.Know("security token", c.key.token)
	return c, nil
}
