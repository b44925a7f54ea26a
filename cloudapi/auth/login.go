package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gophercloud/gophercloud/v2"

	"cloudip_exporter/cloudapi/auth/clientconfig"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// login gets tokens of one scope from Keystone or IAM.
type login struct {
	*Identity
	scope   Scope
	project *knownProject
	refused cooldown[fingerprint] // by body of the request
}

// lend logs in once. A login that was refused a moment ago is not repeated with
// the same secret: several in a row lock the account on some clouds.
func (l *login) lend(ctx context.Context) (*lease[token], error) {
	if err := l.Limiter.FailIfPausedPast(ctx, provider.Identity, "create_token"); err != nil {
		return nil, err
	}
	c, err := l.credential()
	if err != nil {
		return nil, l.failed(l.authError("log in to", err))
	}
	body, err := l.request(c.login)
	if err != nil {
		return nil, l.failed(l.authError("log in to", err))
	}
	print := fingerprintOf(string(body))
	if why, refused := l.refused.active(print); refused {
		return nil, why
	}
	t, err := l.send(ctx, c, body)
	if apierr.IsStatus(err, http.StatusUnauthorized, http.StatusForbidden) {
		// What a 401 cannot tell apart.
		if e, ok := errors.AsType[*apierr.StatusError](err); ok && e.Hint == "" && l.scope.Project != "" && !l.scope.AllProjects {
			e.Hint = fmt.Sprintf("either the credential is wrong or it sees no project %q: the cloud does not say which", l.scope.Project)
		}
		err = l.authError("log in to", err)
		l.refused.begin(print, refusalHold, err)
	}
	if err != nil {
		return nil, l.failed(err)
	}
	t.value.secret = c.fingerprint()
	cloud, project := l.project.labels()
	l.Metrics.Login(cloud, project, t.value.expires)
	return t, nil
}

// failed counts a login that was sent in vain.
func (l *login) failed(err error) error {
	if !apierr.Is[*apierr.NotSentError](err) {
		l.Metrics.LoginFailed(l.project.labels())
	}
	return err
}

func (l *login) notRenewed(err error) {
	cloud, project := l.project.labels()
	l.Log.Warn("token not renewed, the old one still works", "cloud", cloud, "project", project, "err", err)
}

func (l *login) request(c *clientconfig.Login) ([]byte, error) {
	ao := c.Options()
	switch {
	case l.scope.AllProjects && provider.Named(l.Config.Provider).ProjectsByDomain:
		ao.Scope = c.UserScope()
	case l.scope.AllProjects:
		ao.Scope = nil
	case l.scope.byID():
		ao.Scope = &gophercloud.AuthScope{ProjectID: l.scope.Project}
	case l.scope.Project != "":
		ao.Scope = c.NamedScope(l.scope.Project)
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
		IssuedAt  optional[string]                `json:"issued_at"`
		ExpiresAt optional[string]                `json:"expires_at"`
		Catalog   Catalogue                       `json:"catalog"`
		Project   optional[tokenProject]          `json:"project"`
		Roles     optional[[]optional[tokenRole]] `json:"roles"`
		By        optional[tokenCredential]       `json:"application_credential"`
	} `json:"token"`
}

type tokenProject struct {
	ID   optional[string] `json:"id"`
	Name optional[string] `json:"name"`
}

// tokenCredential is the application credential that a token was made with.
type tokenCredential struct {
	AccessRules jsontext.Value `json:"access_rules"`
}

type tokenRole struct {
	Name string `json:"name"`
}

func (l *login) send(ctx context.Context, c *Credential, body []byte) (*lease[token], error) {
	base, err := c.identityBase()
	if err != nil {
		return nil, l.authError("log in to", err)
	}
	iam := l.newClient(provider.Identity, base, l.Transport.Bare(), l.project.labels)
	resp, err := iam.Do(ctx, wire.Call{Method: http.MethodPost, Operation: "create_token", Path: "/v3/auth/tokens", Body: body})
	if err != nil {
		return nil, err
	}
	// Closed last, so that this request counts under the name that it brings.
	defer resp.Body.Close()
	var answer tokenAnswer
	if err := iam.Decode("create_token", resp, &answer); err != nil {
		return nil, err
	}
	t, err := l.read(resp.Header.Get("X-Subject-Token"), &answer, l.scope.wanted(c.login))
	if err != nil {
		return nil, err
	}
	if err := l.movedTo(&t.value); err != nil {
		return nil, l.authError("log in to", err)
	}
	l.Secrets.Know(fmt.Sprintf("token of %v %s", l.scope.AllProjects, l.scope.Project), t.value.text)
	if !l.scope.AllProjects && l.project.learn(&t.value) && c.login.Project() == "" && !c.login.Bound() {
		cloud, project := l.project.labels()
		l.Log.Warn("the login names no project, the cloud chose one: write the project to watch into projects", "cloud", cloud, "project", project)
	}
	return t, nil
}

// movedTo refuses a token of another project than the first one of the credential's own
// scope: clouds.yaml may have changed, and the answers would stand under the old name.
func (l *login) movedTo(t *token) error {
	id := l.project.knownID()
	_, label := l.project.labels()
	if l.scope != (Scope{}) || id == "" || t.projectID == "" || strings.EqualFold(t.projectID, id) || t.project == label {
		return nil
	}
	l.moved.Store(true)
	return fmt.Errorf("the credential leads to project %q now, not to %q: reload the configuration", text.Clip(text.Line(cmp.Or(t.project, t.projectID)), 64), label)
}

func (l *login) read(text string, answer *tokenAnswer, want wantedProject) (*lease[token], error) {
	a := &answer.Token
	if text = strings.TrimSpace(text); text == "" {
		// No colon behind the word: what follows one there is redacted.
		return nil, fmt.Errorf("log in to cloud %s: there is no token in the answer, as its header X-Subject-Token is missing: is auth.url the identity service?", l.Config.Name)
	}
	t := token{text: text, projectID: a.Project.value.ID.value, project: a.Project.value.Name.value, catalogue: a.Catalog,
		limited: a.By.value.AccessRules.Kind() == jsontext.KindBeginArray}
	for _, role := range a.Roles.value {
		t.admin = t.admin || role.value.Name == "admin"
	}
	if err := want.check(&t); err != nil {
		return nil, l.authError("log in to", err)
	}
	now, life := time.Now(), time.Duration(0)
	if expires, err := wire.ParseTime(a.ExpiresAt.value); err == nil {
		t.expires = expires
		issued, err := wire.ParseTime(a.IssuedAt.value)
		if err != nil || !issued.Before(expires) {
			issued = now
		}
		life = expires.Sub(issued)
		if left := expires.Sub(now); left > 0 {
			life = min(life, left) // the token may be an old one, handed out again
		}
	}
	return tokenLease(t, now, life), nil
}

// token is a Keystone token and what came with it.
type token struct {
	text      string
	projectID string
	project   string // name
	admin     bool   // has the role admin
	limited   bool   // by access rules of its application credential
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
