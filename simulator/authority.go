package simulator

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"cloudip_exporter/simulator/estate"
)

// The users of a simulated cloud.
const (
	// Exporter may read everything and, on OpenStack, has the role admin.
	Exporter = "exporter"
	// Member is an ordinary member: on OpenStack of alpha and beta, else of the
	// region's project.
	Member = "member"
)

// Credentials are all ways in which one user can log in.
type Credentials struct {
	Username, Password, UserDomain   string
	AccessKey, SecretKey             string
	ApplicationCredentialID          string
	ApplicationCredentialSecret      string
	DefaultProjectID, DefaultProject string
}

type user struct {
	id, name, password string
	domainID, domain   string
	accessKey, secret  string
	appID, appSecret   string
	projects           []*estate.Project // the first is the default
	role               string
}

// session is who asks: a user in a project.
type session struct {
	user    *user
	project *estate.Project // nil for an unscoped token
	method  string
	issued  time.Time
	expires time.Time

	endsEarly bool // with the application credential
}

func (s *session) admin() bool { return s.project != nil && s.user.role == "admin" }

// rights are what was taken away from one user.
type rights struct{ denied, hidden map[string]bool }

// authority knows users, tokens and keys.
type authority struct {
	opts  Options
	names estate.Namer

	mu       sync.Mutex
	users    []*user
	projects []*estate.Project
	tokens   map[string]*session
	issued   int
	rights   map[string]rights
	failures map[string]int       // bad signatures in a row, by access key
	locked   map[string]time.Time // until when
	temp     map[string]*tempKey
	current  *tempKey
}

func newAuthority(o Options, e *estate.State) *authority {
	a := &authority{opts: o, names: estate.Namer{Seed: o.Seed}, projects: e.Projects, tokens: map[string]*session{},
		rights: map[string]rights{}, failures: map[string]int{}, locked: map[string]time.Time{}, temp: map[string]*tempKey{}}
	role, memberOf := "readonly", e.Projects[:1]
	if o.Provider == OpenStack {
		role = "admin"
		if len(e.Projects) > 1 {
			memberOf = e.Projects[1:]
		}
	}
	a.users = []*user{a.newUser(Exporter, role, e.Projects), a.newUser(Member, "member", memberOf)}
	return a
}

func (a *authority) newUser(name, role string, in []*estate.Project) *user {
	domainID, domain := "default", "Default"
	if a.opts.Provider != OpenStack {
		domainID, domain = a.names.Hex32("domain", 0), strings.ToUpper(a.opts.Provider)+"-EXAMPLE-DOMAIN"
	}
	return &user{
		id: a.names.Hex32("user "+name, 0), name: name, role: role, projects: in,
		password: name + "-Passw0rd-" + a.names.Hex32("password "+name, 0)[:8],
		domainID: domainID, domain: domain,
		accessKey: "SIM" + strings.ToUpper(a.names.Hex32("ak "+name, 0)[:17]),
		secret:    a.names.Hex32("sk "+name, 0) + "SECRET",
		appID:     a.names.Hex32("appcred "+name, 0), appSecret: a.names.Hex32("appsecret "+name, 0),
	}
}

func (a *authority) user(match func(*user) bool) *user {
	for _, u := range a.users {
		if match(u) {
			return u
		}
	}
	return nil
}

func (a *authority) rightsOf(u *user) rights {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.rights[u.name]
}

// Credentials are the user's; name is Exporter or Member.
func (c *Cloud) Credentials(name string) Credentials {
	u := c.auth.user(func(u *user) bool { return u.name == name })
	if u == nil {
		return Credentials{}
	}
	return Credentials{
		Username: u.name, Password: u.password, UserDomain: u.domain, AccessKey: u.accessKey, SecretKey: u.secret,
		ApplicationCredentialID: u.appID, ApplicationCredentialSecret: u.appSecret,
		DefaultProjectID: u.projects[0].ID, DefaultProject: u.projects[0].Name,
	}
}

// SetPassword changes a user's password and ends the user's tokens, as the
// clouds do. An empty password changes nothing but ends the tokens.
func (c *Cloud) SetPassword(name, password string) {
	c.auth.mu.Lock()
	defer c.auth.mu.Unlock()
	for _, u := range c.auth.users {
		if u.name == name && password != "" {
			u.password = password
		}
	}
	for t, s := range c.auth.tokens {
		if s.user.name == name {
			delete(c.auth.tokens, t)
		}
	}
}

// SetKey changes a user's access key.
func (c *Cloud) SetKey(name, accessKey, secretKey string) {
	c.auth.mu.Lock()
	defer c.auth.mu.Unlock()
	for _, u := range c.auth.users {
		if u.name == name {
			u.accessKey, u.secret = accessKey, secretKey
		}
	}
}

// RevokeTokens makes every token issued so far invalid.
func (c *Cloud) RevokeTokens() {
	c.auth.mu.Lock()
	defer c.auth.mu.Unlock()
	clear(c.auth.tokens)
}

// Deny makes the user's calls of these actions answer 403 with the action's
// name; the actions are those of the route table, such as "vpc:ports:get".
func (c *Cloud) Deny(name string, actions ...string) { c.take(name, actions, nil) }

// Hide makes the user's listings of these actions answer 200 and nothing.
func (c *Cloud) Hide(name string, actions ...string) { c.take(name, nil, actions) }

// Allow gives the user all rights back.
func (c *Cloud) Allow(name string) {
	c.auth.mu.Lock()
	defer c.auth.mu.Unlock()
	delete(c.auth.rights, name)
}

func (c *Cloud) take(name string, denied, hidden []string) {
	c.auth.mu.Lock()
	defer c.auth.mu.Unlock()
	now := rights{denied: map[string]bool{}, hidden: map[string]bool{}}
	for a := range c.auth.rights[name].denied {
		now.denied[a] = true
	}
	for a := range c.auth.rights[name].hidden {
		now.hidden[a] = true
	}
	for _, a := range denied {
		now.denied[a] = true
	}
	for _, a := range hidden {
		now.hidden[a] = true
	}
	c.auth.rights[name] = now
}

// check tells who asks, by token or signature.
func (a *authority) check(k *call, f family) (*session, *reply) {
	if token := k.req.Header.Get("X-Auth-Token"); token != "" {
		return a.checkToken(k, f, token)
	}
	if a.opts.Provider != OpenStack && k.req.Header.Get("Authorization") != "" {
		return a.checkSignature(k)
	}
	no := a.unauthorized(k, f, "Incorrect IAM authentication information: x-auth-token not found", "APIGW.0301")
	return nil, &no
}

func (a *authority) checkToken(k *call, f family, token string) (*session, *reply) {
	a.mu.Lock()
	s := a.tokens[token]
	a.mu.Unlock()
	switch {
	case s == nil:
		no := a.unauthorized(k, f, "Incorrect IAM authentication information: decrypt token fail", "APIGW.0301")
		return nil, &no
	case !a.opts.Now().Before(s.expires):
		no := a.unauthorized(k, f, "Incorrect IAM authentication information: token expires, expires_at:"+s.expires.UTC().Format(tokenTime), "APIGW.0307")
		return nil, &no
	case s.project == nil && f != famIdentity:
		no := a.unauthorized(k, f, "Incorrect IAM authentication information: token has no project", "APIGW.0301")
		return nil, &no
	}
	return s, nil
}

// unauthorized is a 401 in the shape of whoever notices: the gateway, or Keystone's middleware.
func (a *authority) unauthorized(k *call, f family, message, code string) reply {
	switch {
	case f == famIdentity:
		return keystoneError(http.StatusUnauthorized, keystone401).with("Www-Authenticate", `Keystone uri="`+k.identityURL()+`"`)
	case f == famNeutron || f == famNova:
		return middlewareError(k)
	}
	return gatewayError(http.StatusUnauthorized, code, message, k.requestID())
}
