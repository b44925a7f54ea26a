package clientconfig

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cloudip_exporter/config"
)

// resolve turns an entry into a login, by the table of keys.
func resolve(e *entry) (*Login, error) {
	l := &Login{}
	var faults config.Faults
	known := map[string]key{}
	keys := append(loginKeys(), endpointKeys()...)
	for _, k := range keys {
		for _, name := range k.names {
			known[name] = k
		}
		v, written := e.find(k)
		if !written {
			continue
		}
		if err := k.apply(l, v); err != nil {
			faults = append(faults, *err)
		}
	}
	l.warnOfUnknown(e, known)
	for _, v := range e.unused {
		l.warn(v, "not used: the region of clouds.yaml counts for all services")
	}
	if err := l.choose(e); err != nil {
		faults = append(faults, *err)
	}
	if err := l.expandURL(e); err != nil {
		faults = append(faults, *err)
	}
	for _, k := range keys {
		if v, written := e.find(k); written && k.url && v.node == nil {
			if err := l.checkURL(v, *k.text(l)); err != nil {
				faults = append(faults, *err)
			}
		}
	}
	if len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b config.Fault) int { return a.Line - b.Line })
		return nil, faults
	}
	l.fillDomains()
	for _, file := range []*string{&l.CAFile, &l.CertFile, &l.KeyFile} {
		if below, ok := strings.CutPrefix(*file, "~/"); ok {
			*file = filepath.Join(os.Getenv("HOME"), below)
		}
	}
	return l, nil
}

// apply gives a login the value of one key.
func (k key) apply(l *Login, v value) *config.Fault {
	switch {
	case k.refused:
		return v.fault(k.help)
	case v.twice:
		return v.fault("is written with dashes as well, and says something else there: write it once")
	case k.unused:
		l.warn(v, "not used: "+k.help)
	case k.text != nil:
		if v.node != nil {
			return v.fault("must be a text")
		}
		*k.text(l) = v.text
	case k.list != nil:
		list := v.list
		if list == nil {
			list = strings.Split(v.text, ",")
		}
		for _, item := range list {
			*k.list(l) = append(*k.list(l), strings.TrimSuffix(strings.TrimSpace(item), "URL"))
		}
	case k.flag != nil:
		was := l.Insecure
		switch strings.ToLower(v.text) {
		case "true":
			k.flag(l, true)
		case "false":
			k.flag(l, false)
		default:
			return v.fault("must be true or false")
		}
		if l.Insecure && !was {
			l.warn(v, "certificates are not checked: credentials can be read on the way; use cacert instead")
		}
	}
	return nil
}

func (l *Login) warn(v value, text string) { l.Warnings = append(l.Warnings, v.fault(text).Error()) }

// warnOfUnknown names each key that the table does not know, or that stands
// where it does not count.
func (l *Login) warnOfUnknown(e *entry, known map[string]key) {
	for _, name := range names(e.auth) {
		k, ok := known[name]
		switch {
		case !ok:
			l.warn(e.auth[name], "not used: this program does not know this key")
		case k.outside:
			l.warn(e.auth[name], "not used: write it beside auth, not in it")
		}
	}
	for _, name := range names(e.outside) {
		irrelevant := func(ending string) bool { return strings.HasSuffix("_"+name, "_"+ending) }
		if _, ok := known[name]; !ok && !slices.ContainsFunc(irrelevantEndings(), irrelevant) {
			l.warn(e.outside[name], "not used: this program does not know this key")
		}
	}
}

// choose sets the login type: auth_type decides; without it an application
// credential counts before a password, and a password before a token.
func (l *Login) choose(e *entry) *config.Fault {
	wanted, written := e.find(key{names: []string{"auth_plugin", keyAuthType}, outside: true})
	switch strings.ToLower(wanted.text) {
	case "password", "v3password":
		l.Type = Password
	case "token", "v3token":
		l.Type = Token
	case "v3applicationcredential":
		l.Type = ApplicationCredential
	case "":
		l.Type = l.implied()
	default:
		return wanted.fault(fmt.Sprintf("the login type %q is not supported: use password, v3password, token, v3token or v3applicationcredential", wanted.text))
	}
	for _, name := range []string{"default_domain_id", "default_domain_name"} {
		if v, is := e.find(key{names: []string{name}}); is && strings.HasPrefix(strings.ToLower(wanted.text), "v3") {
			l.warn(v, "not used: a login by "+wanted.text+" has no such key")
			l.DefaultDomainID, l.DefaultDomain = "", ""
		}
	}
	missing := l.missing()
	if missing == "" {
		return nil
	}
	at := config.Fault{Key: "auth", Text: fmt.Sprintf("a login by %s needs %s", l.Type, missing)}
	for _, name := range names(e.auth) {
		at.File = e.auth[name].origin.File
	}
	_, key := e.find(key{names: []string{"sk", "secret_key"}})
	switch {
	case written:
		at.File, at.Line, at.Key = wanted.origin.File, wanted.origin.Line, wanted.origin.Key
	case l.Password+l.Token+l.CredentialSecret != "":
	case key:
		at.Text = "there is an access key, which is not read from here: use auth.type access_key, or env"
	default:
		at.Text = "it has no credential: give it password, token or application_credential_secret, there or in secure.yaml"
	}
	return &at
}

func (l *Login) implied() Type {
	switch {
	case l.CredentialSecret != "" || l.CredentialID != "":
		return ApplicationCredential
	case l.Password == "" && l.Token != "":
		return Token
	}
	return Password
}

// missing is what the login type lacks, "" for nothing.
func (l *Login) missing() string {
	user := l.UserID != "" || l.Username != ""
	switch {
	case l.Type == Token && l.Token == "":
		return "token"
	case l.Type == Password && !user:
		return "username or user_id"
	case l.Type == Password && l.Password == "":
		return "password"
	case l.Type == ApplicationCredential && l.CredentialSecret == "":
		return "application_credential_secret"
	case l.Type == ApplicationCredential && l.CredentialID == "" && l.CredentialName == "":
		return "application_credential_id"
	case l.Type == ApplicationCredential && l.CredentialID == "" && !user:
		return "username or user_id beside application_credential_name, or application_credential_id"
	}
	return ""
}

// expandURL replaces {region_name} in auth_url, as profiles of vendors have it.
func (l *Login) expandURL(e *entry) *config.Fault {
	l.AuthURL = strings.ReplaceAll(l.AuthURL, "{region_name}", l.Region)
	if strings.ContainsAny(l.AuthURL, "{}") {
		v, _ := e.find(key{names: []string{"auth_url"}})
		return v.fault("only {region_name} is replaced in it")
	}
	return nil
}

// checkURL refuses an address that nobody can ask, and warns of one where
// credentials travel in the clear.
func (l *Login) checkURL(v value, address string) *config.Fault {
	u, wrong := config.ParseURL(strings.ReplaceAll(strings.TrimSpace(address), "%(", "$("), false, "http://", "https://") // as wire.ParseBase
	switch {
	case strings.ContainsAny(address, "{}"): // has its fault
	case wrong != "":
		return v.fault(wrong)
	case u.Scheme == "http" && !config.IsLoopback(u.Hostname()):
		l.warn(v, "http:// sends credentials in the clear: use https://")
	}
	return nil
}

// fillDomains gives user and project the domain that is written once for both,
// and drops what an id makes needless: it counts before the name, also where the
// name is the user's or the project's own. The domain of a login without project
// is the one to log in to, where the user has another.
func (l *Login) fillDomains() {
	if l.Project() != "" || l.UserDomainID+l.UserDomainName == "" {
		l.UserDomainID, l.UserDomainName = cmp.Or(l.UserDomainID, l.DomainID), cmp.Or(l.UserDomainName, l.DomainName)
	}
	l.UserDomainID, l.UserDomainName = cmp.Or(l.UserDomainID, l.DefaultDomainID), cmp.Or(l.UserDomainName, l.DefaultDomain)
	l.ProjectDomainID = cmp.Or(l.ProjectDomainID, l.DomainID, l.DefaultDomainID)
	l.ProjectDomainName = cmp.Or(l.ProjectDomainName, l.DomainName, l.DefaultDomain)
	prefer := func(id string, name *string) {
		if id != "" {
			*name = ""
		}
	}
	prefer(l.UserID, &l.Username)
	prefer(l.CredentialID, &l.CredentialName)
	prefer(l.ProjectID, &l.ProjectName)
	prefer(l.UserDomainID, &l.UserDomainName)
	prefer(l.ProjectDomainID, &l.ProjectDomainName)
}
