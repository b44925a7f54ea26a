package auth

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// Identity is what logging in and signing need of a cloud.
type Identity struct {
	Config    config.Cloud
	Transport *wire.Transport
	Limiter   *wire.Limiter
	Metrics   *wire.Metrics
	Secrets   *apierr.Redactor
	Log       *slog.Logger
	Agent     string // the header User-Agent

	address string      // of the identity service, as it was when the cloud was opened
	moved   atomic.Bool // a login led to another project than before
}

func (id *Identity) newClient(service string, base *url.URL, h *http.Client, labels func() (cloud, project string)) *wire.Client {
	title := ""
	if service == provider.Identity { // what OpenStack calls it is no name of the service here
		title = provider.Named(id.Config.Provider).Service(service).Title
	}
	return &wire.Client{Service: service, Title: title, Base: base, HTTP: h, Agent: id.Agent, Clean: id.Secrets.Clean, Labels: labels}
}

// authError returns err as an *apierr.AuthError that names the cloud.
func (id *Identity) authError(doing string, err error) error {
	return &apierr.AuthError{Err: fmt.Errorf("%s cloud %s: %w", doing, id.Config.Name, err)}
}

// Moved reports whether a login was refused since it leads to another project than
// before: only a cloud that is opened anew may go there.
func (id *Identity) Moved() bool { return id.moved.Load() }

// credential reads the credential anew: a secret in a file may have changed.
func (id *Identity) credential() (*Credential, error) {
	c, err := ReadCredential(id.Config)
	if err != nil {
		return nil, err
	}
	if id.address != c.identityURL { // what it answers would count as the other's
		return nil, errors.New("the address of the identity service has changed: reload the configuration")
	}
	id.Secrets.Know("password", c.login.Password)
	id.Secrets.Know("application credential secret", c.login.CredentialSecret)
	id.Secrets.Know("given token", c.login.Token)
	id.Secrets.Know("secret key", c.key.secret)
	id.Secrets.Know("security token", c.key.token)
	return c, nil
}

// knownProject is what is known of the project of a session.
type knownProject struct {
	cloud string

	mu    sync.Mutex
	label string // "" until known
	id    string // "" until known
}

func (p *knownProject) labels() (cloud, project string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cloud, p.label
}

// ID is "" where it is not known yet.
func (p *knownProject) knownID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id
}

func (p *knownProject) setID(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id = id
}

// learn keeps what a token says of the project. It reports whether the project
// has got its label by that.
func (p *knownProject) learn(t *token) (named bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id = cmp.Or(t.projectID, p.id) // a project that was made anew has another
	if p.label != "" {
		return false
	}
	p.label = cmp.Or(text.Label(t.project), t.projectID)
	return true
}
