package cloudapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"

	"github.com/gophercloud/gophercloud/v2"
)

// login gets tokens of one scope from Keystone or IAM.
type login struct {
	project *Project
	scope   scope

	mu      sync.Mutex
	refused [sha256.Size]byte // the request that was refused last
	at      time.Time
	why     error
}

// token logs in once. A login that was refused a moment ago is not repeated
// with the same secret: several in a row lock the account on some clouds.
func (l *login) token(ctx context.Context) (*token, error) {
	p := l.project
	opts, err := p.cloud.authOptions()
	if err != nil {
		return nil, l.failed(&apierr.AuthError{Err: fmt.Errorf("log in to cloud %s: %w", p.cloud.cfg.Name, err)})
	}
	body, err := l.request(opts)
	if err != nil {
		return nil, l.failed(&apierr.AuthError{Err: fmt.Errorf("log in to cloud %s: %w", p.cloud.cfg.Name, err)})
	}
	print := sha256.Sum256(body)
	if err := l.held(print); err != nil {
		return nil, err
	}
	t, err := l.send(ctx, opts, body)
	if err != nil {
		if apierr.IsStatus(err, http.StatusUnauthorized, http.StatusForbidden) {
			if e, ok := errors.AsType[*apierr.StatusError](err); ok && e.Hint == "" {
				e.Hint = l.doubt()
			}
			err = &apierr.AuthError{Err: fmt.Errorf("log in to cloud %s: %w", p.cloud.cfg.Name, err)}
			l.hold(print, err)
		}
		return nil, l.failed(err)
	}
	t.secret = opts.fingerprint()
	p.cloud.metrics().Login(p.cloud.cfg.Name, p.Label(), t.expires)
	return t, nil
}

func (l *login) failed(err error) error {
	if errors.Is(err, context.Canceled) {
		return err // nobody waits for it any longer: that is no failure of the cloud
	}
	l.project.cloud.metrics().LoginFailed(l.project.cloud.cfg.Name, l.project.Label())
	return err
}

// doubt says what a 401 cannot tell apart.
func (l *login) doubt() string {
	if l.scope.project == "" || l.scope.wide {
		return ""
	}
	return fmt.Sprintf("either the credential is wrong or it sees no project %q: the cloud does not tell which", l.scope.project)
}

func (l *login) held(print [sha256.Size]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why != nil && l.refused == print && time.Since(l.at) < refusalHold {
		return l.why
	}
	return nil
}

func (l *login) hold(print [sha256.Size]byte, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused, l.at, l.why = print, time.Now(), why
}

func (l *login) pardon() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.why = nil
}

// request is the body of the login.
func (l *login) request(opts *authOptions) ([]byte, error) {
	ao := opts.AuthOptions
	switch {
	case l.scope.wide && l.project.provider().ProjectsByDomain:
		ao.Scope = &gophercloud.AuthScope{DomainID: ao.DomainID, DomainName: ao.DomainName}
	case l.scope.wide:
		ao.Scope, ao.TenantID, ao.TenantName = nil, "", ""
	case l.scope.byID():
		ao.Scope = &gophercloud.AuthScope{ProjectID: l.scope.project}
	case l.scope.project != "":
		ao.Scope = opts.namedScope(l.scope.project)
	}
	scope, err := ao.ToTokenV3ScopeMap()
	if err != nil {
		return nil, err
	}
	body, err := ao.ToTokenV3CreateMap(scope)
	if err != nil {
		return nil, err
	}
	return json.Marshal(body)
}

// tokenAnswer is the body of POST /v3/auth/tokens. The token itself is in a header.
type tokenAnswer struct {
	Token struct {
		IssuedAt  string    `json:"issued_at"`
		ExpiresAt string    `json:"expires_at"`
		Catalog   catalogue `json:"catalog"`
		Project   struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"project"`
		Roles []struct {
			Name string `json:"name"`
		} `json:"roles"`
	} `json:"token"`
}

func (l *login) send(ctx context.Context, opts *authOptions, body []byte) (*token, error) {
	p := l.project
	base, err := p.cloud.identityBase(opts.IdentityEndpoint)
	if err != nil {
		return nil, &apierr.AuthError{Err: fmt.Errorf("log in to cloud %s: %w", p.cloud.cfg.Name, err)}
	}
	iam := p.newClient(serviceIAM, base, p.cloud.bare)
	resp, err := iam.Post(ctx, wire.Call{Operation: "create_token", Path: "/v3/auth/tokens", Body: body})
	if err != nil {
		return nil, err
	}
	// Closed last, so that this request counts under the name that it told.
	defer resp.Body.Close()
	var answer tokenAnswer
	if err := iam.DecodeOpen("create_token", resp, &answer); err != nil {
		return nil, err
	}
	t, err := l.read(resp.Header.Get("X-Subject-Token"), &answer, l.asked(opts))
	if err != nil {
		return nil, err
	}
	p.cloud.secrets.Know("token of "+p.key, t.text)
	p.learn(t)
	return t, nil
}

func (l *login) read(text string, answer *tokenAnswer, want asked) (*token, error) {
	p, a := l.project, &answer.Token
	if text = strings.TrimSpace(text); text == "" {
		// No colon behind the word: what follows one there is redacted.
		return nil, fmt.Errorf("log in to cloud %s: there is no token in the answer, as its header X-Subject-Token is missing: is auth.url the identity service?", p.cloud.cfg.Name)
	}
	t := &token{text: text, projectID: a.Project.ID, project: a.Project.Name, catalogue: a.Catalog}
	for _, role := range a.Roles {
		t.admin = t.admin || role.Name == "admin"
	}
	if err := want.check(t); err != nil {
		return nil, &apierr.AuthError{Err: fmt.Errorf("log in to cloud %s: %w", p.cloud.cfg.Name, err)}
	}
	now := time.Now()
	if expires, err := parseTime(a.ExpiresAt); err == nil {
		t.expires = expires
		issued, err := parseTime(a.IssuedAt)
		if err != nil || !issued.Before(expires) {
			issued = now
		}
		life := expires.Sub(issued)
		if left := expires.Sub(now); left > 0 {
			life = min(life, left) // the token may be an old one, handed out again
		}
		t.live(now, life)
	}
	return t, nil
}

// parseTime reads the times of Keystone, which come with and without a
// fraction, with and without Z.
func parseTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	return time.Parse("2006-01-02T15:04:05", text)
}

// identityBase is the base URL of the identity service: as configured, as the
// file or the environment says, else the provider's own.
func (c *Cloud) identityBase(told string) (*url.URL, error) {
	text := cmp.Or(c.cfg.Auth.URL, told)
	if text == "" {
		text = c.provider().URL(c.cfg.Region, serviceIAM)
	}
	if text == "" {
		return nil, fmt.Errorf("no address of the identity service is known: set auth.url")
	}
	return parseBase("auth.url", text)
}
