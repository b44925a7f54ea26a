package config

import (
	"slices"
	"strings"

	"cloudip_exporter/provider"
)

// authRule is what one auth.type takes besides url. A secret X is X
// or X_file.
type authRule struct{ required, optional []string }

func authRuleOf(kind string) authRule {
	switch kind {
	case AccessKey:
		return authRule{required: []string{"access_key_id", "secret_key"}, optional: []string{"security_token"}}
	case Password:
		return authRule{required: []string{"username", "password"}, optional: []string{"user_domain", "project", "project_domain"}}
	case ApplicationCredential:
		return authRule{required: []string{"application_credential_id", "application_credential_secret"}}
	case CloudsYAML:
		return authRule{required: []string{"cloud"}, optional: []string{"file"}}
	}
	return authRule{}
}

func (p *parser) auth(v *value, c Cloud, on *provider.Provider) Auth {
	f := v.field
	a := Auth{
		Type:                        f("type").text(),
		URL:                         f("url").text(),
		AccessKeyID:                 f("access_key_id").text(),
		SecretKey:                   p.secret(v, "secret_key"),
		SecurityToken:               p.secret(v, "security_token"),
		Username:                    f("username").text(),
		UserDomain:                  f("user_domain").text(),
		Password:                    p.secret(v, "password"),
		Project:                     f("project").text(),
		ProjectDomain:               f("project_domain").text(),
		ApplicationCredentialID:     f("application_credential_id").text(),
		ApplicationCredentialSecret: p.secret(v, "application_credential_secret"),
		CloudsYAMLCloud:             f("cloud").text(),
		CloudsYAMLFile:              p.path(f("file").text()),
	}
	p.plain(f("url"))
	p.label(f("project"))
	if a.CloudsYAMLFile != "" {
		p.readable(f("file"), a.CloudsYAMLFile)
		p.private(f("file"), a.CloudsYAMLFile)
	}
	if v.given {
		p.require(f("type"), "one of "+oneOf(logins()))
	}
	if a.Type == "" {
		return a
	}
	p.authKeys(v, a.Type)
	return p.authByProvider(v, a, c, on)
}

func (p *parser) authKeys(v *value, kind string) {
	rule := authRuleOf(kind)
	allowed := slices.Concat([]string{"type", "url"}, rule.required, rule.optional)
	for _, k := range p.children[v.key.Path] {
		name := k.Name()
		base := name
		if k.Type == typeFile {
			base = strings.TrimSuffix(name, "_file")
		}
		if f := v.field(name); f.given && !slices.Contains(allowed, base) {
			p.fault(f, "is not used with auth.type %s: remove it", kind)
		}
	}
	for _, name := range rule.required {
		why := "auth.type " + kind + " needs it"
		if file := v.fields[name+"_file"]; file != nil {
			if file.given {
				continue
			}
			why += ", or " + name + "_file"
			if v.field(name).commented {
				why += ": a # begins a comment: put the " + name + " in quotes"
			}
		}
		p.require(v.field(name), why)
	}
}

func (p *parser) authByProvider(v *value, a Auth, c Cloud, on *provider.Provider) Auth {
	if on.Name == "" {
		return a
	}
	if !on.HasLogin(a.Type) {
		p.fault(v.field("type"), "%s does not exist on %s: use %s", a.Type, on.Name, oneOf(on.Logins))
		return a
	}
	if slices.Contains(on.DoubtfulLogins, a.Type) {
		p.warn(v.field("type"), "%s may refuse %s", on.Name, a.Type)
	}
	if a.Type == CloudsYAML || a.Type == Env { // they name it themselves
		return a
	}
	if !v.field("url").given {
		a.URL = on.IdentityURL(c.Region)
		if !on.Regional {
			p.require(v.field("url"), "required on "+on.Name+", such as https://keystone.example.org/v3")
		}
	}
	if a.Type == Password && !v.field("user_domain").given {
		if a.UserDomain = on.UserDomain; a.UserDomain == "" {
			p.require(v.field("user_domain"), "the name of the account, which the user belongs to")
		}
	}
	return a
}
