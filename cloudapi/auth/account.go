// Package auth proves to a cloud who asks: it logs in, signs requests, and renews
// what ends. It knows the identity service and nothing else of a cloud.
package auth

import (
	"sync"

	"cloudip_exporter/config"
)

// Account is the credential of one cloud, for all its projects.
type Account struct {
	*Identity
	keys keySource // nil: the account logs in
	gate *keyGate

	catalogue renewing[Catalogue] // of signed requests, one for all projects

	rotation       sync.Mutex
	refusedSecrets cooldown[fingerprint] // changed secrets that the cloud refused
}

// NewAccount returns the account of a credential. label is the project that
// requests count under which are not for one project.
func NewAccount(id *Identity, c *Credential, label string) (*Account, error) {
	a := &Account{Identity: id, gate: newKeyGate()}
	switch {
	case !c.signs:
	case id.Config.Auth.Type == config.InstanceMetadata:
		machine, err := newInstanceKeys(id, label)
		if err != nil {
			return nil, err
		}
		a.keys = &renewing[keyPair]{from: machine}
	default:
		a.keys = &configuredKeys{id}
	}
	return a, nil
}

// Signs reports whether requests are signed, so that there are no tokens.
func (a *Account) Signs() bool { return a.keys != nil }
