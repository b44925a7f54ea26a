package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const tokenTime = "2006-01-02T15:04:05.000000Z"

// loginBody is what POST /v3/auth/tokens takes.
type loginBody struct {
	Auth struct {
		Identity *struct {
			Methods  []string
			Password struct {
				User struct {
					ID, Name, Password string
					Domain             named
				}
			}
			Token                 struct{ ID string }
			ApplicationCredential struct {
				ID, Name, Secret string
				User             struct {
					ID, Name string
					Domain   named
				}
			} `json:"application_credential"`
		}
		Scope json.RawMessage
	}
}

type named struct{ ID, Name string }

type scopeBody struct {
	Project *struct {
		named
		Domain named
	}
}

// postTokens logs in.
func postTokens(k *call) reply {
	var in loginBody
	if err := json.Unmarshal(k.body, &in); err != nil {
		return keystoneError(http.StatusBadRequest, "Expecting to find valid JSON in request body. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.")
	}
	if in.Auth.Identity == nil || len(in.Auth.Identity.Methods) == 0 {
		return keystoneError(http.StatusBadRequest, "'identity' is a required property\n\nFailed validating 'required' in schema")
	}
	a := k.cloud.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.login(&in)
	if s == nil {
		return keystoneError(http.StatusUnauthorized, keystone401).with("Www-Authenticate", `Keystone uri="`+k.identityURL()+`"`)
	}
	_, noCatalog := k.query["nocatalog"]
	return jsonReply(http.StatusCreated, object{{"token", k.tokenObject(s, !noCatalog)}}).with("X-Subject-Token", a.issue(s))
}

// login finds the user and the project; nil when anything is wrong, and like Keystone it does not say what.
func (a *authority) login(in *loginBody) *session {
	id := in.Auth.Identity
	s := &session{method: id.Methods[0]}
	switch s.method {
	case "password":
		pu := id.Password.User
		s.user = a.user(func(u *user) bool {
			return u.password == pu.Password && (u.id == pu.ID || u.name == pu.Name && u.inDomain(pu.Domain))
		})
	case "application_credential":
		ac := id.ApplicationCredential
		s.user = a.user(func(u *user) bool {
			byName := ac.Name == u.name+"-app" && (ac.User.ID == u.id || ac.User.Name == u.name && u.inDomain(ac.User.Domain))
			return u.appSecret == ac.Secret && (u.appID == ac.ID || byName)
		})
	case "token":
		if old := a.tokens[id.Token.ID]; old != nil && a.opts.Now().Before(old.expires) {
			s.user = old.user
		}
	}
	if s.user == nil || !a.scope(s, in.Auth.Scope) {
		return nil
	}
	s.issued = a.opts.Now()
	s.expires = s.issued.Add(a.opts.TokenTTL)
	if life := a.opts.AppCredentialLife; s.method == "application_credential" && life > 0 && life < a.opts.TokenTTL {
		s.expires, s.endsEarly = s.issued.Add(life).Truncate(time.Second), true
	}
	return s
}

func (u *user) inDomain(d named) bool { return d.ID == u.domainID || d.Name == u.domain }

// scope sets the session's project and reports whether the user may have it.
// Without a scope the user's default project counts, as Keystone has it.
func (a *authority) scope(s *session, raw json.RawMessage) bool {
	var in scopeBody
	if len(raw) == 0 || string(raw) == "null" || s.method == "application_credential" {
		s.project = s.user.projects[0]
		return true
	}
	if err := json.Unmarshal(raw, &in); err != nil || in.Project == nil {
		return true // "unscoped", or a domain
	}
	for _, p := range s.user.projects {
		nameFits := p.Name == in.Project.Name && (a.opts.Provider != OpenStack || s.user.inDomain(in.Project.Domain))
		if p.ID == in.Project.ID || in.Project.ID == "" && nameFits {
			s.project = p
			return true
		}
	}
	return false
}

// issue remembers the session under a new token. The lock must be held.
func (a *authority) issue(s *session) string {
	now := a.opts.Now()
	for t, old := range a.tokens {
		if now.Sub(old.expires) > a.opts.TokenTTL {
			delete(a.tokens, t)
		}
	}
	a.issued++
	token := "gAAAAAB" + a.names.Hex32("token", a.issued) + a.names.Hex32("token2", a.issued)
	if a.opts.Provider != OpenStack { // their tokens are long
		token = "MII" + strings.Repeat(a.names.Hex32("token", a.issued), 60)
	}
	a.tokens[token] = s
	return token
}

// tokenObject describes a token as Keystone does.
func (k *call) tokenObject(s *session, catalog bool) object {
	domain := object{{"id", s.user.domainID}, {"name", s.user.domain}}
	o := object{
		{"methods", []string{s.method}},
		{"user", object{{"domain", domain}, {"id", s.user.id}, {"name", s.user.name}, {"password_expires_at", nil}}},
		{"audit_ids", []string{"1amo-sKiTDyK_YLUYcR0Fg"}},
		{"expires_at", s.expiry()},
		{"issued_at", s.issued.UTC().Format(tokenTime)},
	}
	if s.project == nil {
		return o
	}
	roles := []object{{{"id", k.cloud.auth.names.Hex32("role "+s.user.role, 0)}, {"name", s.user.role}}}
	if s.user.role == "admin" {
		roles = append(roles, object{{"id", k.cloud.auth.names.Hex32("role reader", 0)}, {"name", "reader"}})
	}
	o = append(o, field{"project", object{{"domain", domain}, {"id", s.project.ID}, {"name", s.project.Name}}},
		field{"is_domain", false}, field{"roles", roles})
	if catalog {
		o = append(o, field{"catalog", k.catalog(s.project)})
	}
	if s.method == "application_credential" {
		o = append(o, field{"application_credential", object{{"id", s.user.appID}, {"name", s.user.name + "-app"}, {"restricted", true}}})
	}
	return o
}

// expiry is written without fraction and zone when an application credential
// ends before its token would.
func (s *session) expiry() string {
	if s.endsEarly {
		return s.expires.UTC().Format("2006-01-02T15:04:05")
	}
	return s.expires.UTC().Format(tokenTime)
}

// getTokens validates X-Subject-Token.
func getTokens(k *call) reply {
	a := k.cloud.auth
	a.mu.Lock()
	s := a.tokens[k.req.Header.Get("X-Subject-Token")]
	a.mu.Unlock()
	if s == nil || !a.opts.Now().Before(s.expires) {
		return keystoneError(http.StatusNotFound, "Could not recognize Fernet token")
	}
	_, noCatalog := k.query["nocatalog"]
	return ok(object{{"token", k.tokenObject(s, !noCatalog)}}).with("X-Subject-Token", k.req.Header.Get("X-Subject-Token"))
}

// deleteTokens revokes X-Subject-Token.
func deleteTokens(k *call) reply {
	a := k.cloud.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	subject := k.req.Header.Get("X-Subject-Token")
	if a.tokens[subject] == nil {
		return keystoneError(http.StatusNotFound, "Could not recognize Fernet token")
	}
	delete(a.tokens, subject)
	return reply{status: http.StatusNoContent}
}
