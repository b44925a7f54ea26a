// Package auth proves to a cloud who asks: it logs in, signs requests, and renews
// what ends. It knows the identity service and nothing else of a cloud.
package auth

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// Session is the credential of a cloud in the scope of one project. It is safe
// for concurrent use.
type Session struct {
	account *Account
	scope   Scope
	project *knownProject
	tokens  *tokens // nil where requests are signed
	http    *http.Client
	lookups singleCall[string] // of the id
}

// NewSession returns a session of a scope. label is the project's label, "" where
// only the cloud knows its name.
func (a *Account) NewSession(scope Scope, label string) *Session {
	s := &Session{account: a, scope: scope, project: &knownProject{cloud: a.Config.Name, label: label}}
	if scope.byID() {
		s.project.id = scope.Project
	}
	var credential wire.Credential
	if a.Signs() {
		credential = &signer{Identity: a.Identity, keys: a.keys, gate: a.gate, project: s.project}
	} else {
		l := &login{Identity: a.Identity, scope: scope, project: s.project}
		s.tokens = &tokens{renewing: renewing[token]{from: l}, login: l}
		credential = s.tokens
	}
	s.http = a.Transport.With(credential)
	if a.catalogue.from == nil { // the first session asks for all
		a.catalogue.from = s
	}
	return s
}

// Label returns the label of the project: what was written, else its name once
// a token has shown it, else "".
func (s *Session) Label() string {
	_, label := s.project.labels()
	return label
}

// Client returns a client of a service at an address, with the credential.
func (s *Session) Client(service string, base *url.URL) *wire.Client {
	return s.account.newClient(service, base, s.http, s.project.labels)
}

// ID returns the id of the project. It asks once, for all who want it at the
// same time, and again only after a failure.
func (s *Session) ID(ctx context.Context) (string, error) {
	if id := s.project.knownID(); id != "" {
		return id, nil
	}
	if t, err := s.token(ctx); err != nil || t.projectID != "" {
		return t.projectID, err
	}
	return s.lookups.do(ctx, func(ctx context.Context) (string, error) {
		if id := s.project.knownID(); id != "" {
			return id, nil // another caller was faster
		}
		id, err := s.lookUpID(ctx)
		if err == nil {
			s.project.setID(id)
		}
		return id, err
	})
}

// token returns the token, the zero one where requests are signed.
func (s *Session) token(ctx context.Context) (token, error) {
	if s.tokens == nil {
		return token{}, nil
	}
	l, err := s.tokens.get(ctx, nil)
	if err != nil {
		return token{}, err
	}
	return l.value, nil
}

// Scope returns the id of the project that the token names, "" where it names none.
func (s *Session) Scope(ctx context.Context) (string, error) {
	t, err := s.token(ctx)
	return t.projectID, err
}

// Admin reports whether the token has the role admin. No signature has it.
func (s *Session) Admin(ctx context.Context) (bool, error) {
	t, err := s.token(ctx)
	return t.admin, err
}

// Catalogue returns the services that the token names. Signed requests bring
// none: it is asked for once an hour, for all projects.
func (s *Session) Catalogue(ctx context.Context) (Catalogue, error) {
	if s.tokens != nil {
		t, err := s.token(ctx)
		return t.catalogue, err
	}
	l, err := s.account.catalogue.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	return l.value, nil
}

// sharedLife is how long a catalogue serves, also one that the cloud refused, and the
// list of projects.
const sharedLife = time.Hour

// lend asks for the catalogue with a signed request. A cloud that refuses it has
// none: the provider's naming of hosts is good enough.
func (s *Session) lend(ctx context.Context) (*lease[Catalogue], error) {
	answer := struct {
		Catalog Catalogue `json:"catalog"`
	}{}
	iam, err := s.identity()
	if err != nil {
		return nil, err
	}
	err = iam.Ask(ctx, wire.Call{Operation: "get_catalog", Path: "/v3/auth/catalog"}, &answer)
	refused := apierr.IsStatus(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed)
	if err != nil && (!refused || apierr.Is[*apierr.AuthError](err)) { // it failed, or the key was refused
		return nil, err
	}
	return &lease[Catalogue]{value: answer.Catalog, renewAt: time.Now().Add(sharedLife)}, nil
}

func (s *Session) notRenewed(err error) {
	s.account.Log.Warn("the catalogue, or the list of projects, was not read again, the old one serves on", "cloud", s.account.Config.Name, "err", err)
}

func (s *Session) identity() (*wire.Client, error) {
	c, err := s.account.credential()
	if err != nil {
		return nil, &apierr.AuthError{Err: err}
	}
	base, err := c.identityBase()
	if err != nil {
		return nil, s.account.authError("find the identity service of", err)
	}
	return s.Client(provider.Identity, base), nil
}

// Account is the credential of one cloud, for all its projects.
type Account struct {
	*Identity
	signs bool               // the account does not log in
	keys  *renewing[keyPair] // of this machine; nil: the configured key
	gate  *keyGate

	catalogue renewing[Catalogue]          // of signed requests, one for all projects
	readable  [2]renewing[[]ListedProject] // of sessions that are no administrator's, and of those that are

	rotation       sync.Mutex
	refusedSecrets cooldown[fingerprint] // changed secrets that the cloud refused
}

// NewAccount returns the account of a credential. label is the project that
// requests count under which are not for one project.
func NewAccount(id *Identity, c *Credential, label string) (*Account, error) {
	id.address = c.identityURL
	a := &Account{Identity: id, signs: c.signs, gate: &keyGate{alone: make(chan struct{}, 1)}}
	if id.Config.Auth.Type == config.InstanceMetadata {
		machine, err := newInstanceKeys(id, label)
		if err != nil {
			return nil, err
		}
		a.keys = &renewing[keyPair]{from: machine}
	}
	return a, nil
}

// Signs reports whether requests are signed, so that there are no tokens.
func (a *Account) Signs() bool { return a.signs }
