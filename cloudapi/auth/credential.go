package auth

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/cloudapi/auth/clientconfig"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// Credential is how to authenticate to a cloud, with the secrets of this moment.
type Credential struct {
	signs       bool                // requests are signed, and login is empty
	key         keyPair             // to sign with; empty for the keys of this machine
	login       *clientconfig.Login // how to get tokens
	identityURL string
}

// ReadCredential reads the credential that a configuration has or names.
func ReadCredential(cfg config.Cloud) (*Credential, error) {
	c, err := &Credential{}, error(nil)
	switch a := cfg.Auth; a.Type {
	case config.AccessKey:
		c.key, err = configuredKey(a)
	case config.InstanceMetadata:
	case config.Password:
		c.login, err = passwordLogin(a)
	case config.ApplicationCredential:
		c.login = &clientconfig.Login{Type: clientconfig.ApplicationCredential, CredentialID: a.ApplicationCredentialID}
		c.login.CredentialSecret, err = a.ApplicationCredentialSecret.Reveal()
	case config.CloudsYAML:
		c.login, err = clientconfig.FromCloudsYAML(cfg)
	case config.Env:
		if key := clientconfig.KeyFromEnvironment(); key.Access != "" && provider.Named(cfg.Provider).HuaweiVariables {
			c.key, c.identityURL = keyPair{access: key.Access, secret: key.Secret, token: key.SecurityToken}, key.IdentityURL
			if key.Secret == "" {
				err = errors.New("read the environment: there is an access key without its secret: set HW_SECRET_KEY, HUAWEICLOUD_SDK_SK or OS_SECRET_KEY")
			}
		} else {
			c.login, err = clientconfig.FromEnvironment(cfg)
		}
	default:
		err = fmt.Errorf("auth.type %s is not known", a.Type)
	}
	if err != nil {
		return nil, err
	}
	if c.login == nil {
		c.signs, c.login = true, &clientconfig.Login{}
	}
	c.identityURL = cmp.Or(cfg.Auth.URL, c.identityURL, c.login.AuthURL, provider.Named(cfg.Provider).IdentityURL(cfg.Region))
	return c, nil
}

func configuredKey(a config.Auth) (keyPair, error) {
	secret, err := a.SecretKey.Reveal()
	if err != nil {
		return keyPair{}, err
	}
	token, err := a.SecurityToken.Reveal()
	return keyPair{access: a.AccessKeyID, secret: secret, token: token}, err
}

func passwordLogin(a config.Auth) (*clientconfig.Login, error) {
	password, err := a.Password.Reveal()
	l := &clientconfig.Login{
		Type: clientconfig.Password, Username: a.Username, Password: password, UserDomainName: a.UserDomain,
		ProjectName: a.Project, ProjectDomainName: a.ProjectDomain,
	}
	if hexID.MatchString(a.Project) {
		l.ProjectID, l.ProjectName = a.Project, ""
	}
	return l, err
}

// Signs reports whether requests are signed, so that there is no login.
func (c *Credential) Signs() bool { return c.signs }

// Region returns the region that clouds.yaml or the environment names.
func (c *Credential) Region() string { return c.login.Region }

// Interfaces returns the interfaces of a service's endpoints, the preferred
// first; none is the public one.
func (c *Credential) Interfaces(service string) []string {
	own := map[string][]string{"network": c.login.NetworkInterfaces, "vpc": c.login.NetworkInterfaces, "compute": c.login.ComputeInterfaces}[service]
	if own != nil {
		return own
	}
	return c.login.Interfaces
}

// Endpoint returns the address of a service that clouds.yaml or the environment
// writes in place of the catalogue's, "" for none.
func (c *Credential) Endpoint(service string) string {
	return map[string]string{"network": c.login.NetworkEndpoint, "vpc": c.login.NetworkEndpoint, "compute": c.login.ComputeEndpoint}[service]
}

// Project returns the project of the credential's own scope as it is written, ""
// where it is not.
func (c *Credential) Project() string { return c.login.Project() }

// Named returns what the files that the configuration names say, without secrets.
func (c *Credential) Named(cfg config.Cloud) string {
	l := *c.login
	l.Password, l.Token, l.CredentialSecret, l.Warnings = "", "", "", nil
	text := fmt.Sprintf("%+v", l)
	for _, file := range []string{l.CAFile, cfg.HTTP.TLS.CAFile} {
		data, _ := config.ReadFile(file) // one that cannot be read has its error elsewhere
		text += "\x00" + string(data)
	}
	return text
}

// ID names the credential among all clouds, without its secret. One key in two
// regions is one credential at each identity service.
func (c *Credential) ID(cfg config.Cloud) string {
	identity := c.identityURL
	if base, err := wire.ParseBase("auth.url", identity); err == nil {
		identity = base.String()
	}
	a := cfg.Auth
	return strings.Join([]string{
		cfg.Provider, identity, a.Type,
		a.AccessKeyID, a.Username, a.UserDomain, a.ApplicationCredentialID, a.CloudsYAMLFile, a.CloudsYAMLCloud,
	}, "\x00")
}

// User names who logs in, as clouds.yaml or the environment write it.
func (c *Credential) User() string {
	l := c.login
	return strings.Join([]string{l.Username, l.UserID, l.UserDomainID, l.UserDomainName, l.DomainID, l.DomainName, l.CredentialID, l.CredentialName}, "\x00")
}

// ApplyTLS gives the certificates of clouds.yaml or the environment to t where
// the configuration has none of its own.
func (c *Credential) ApplyTLS(cfg config.Cloud, t *http.Transport) error {
	fromFile := cfg.Auth.Type == config.CloudsYAML || cfg.Auth.Type == config.Env
	if c.signs || !fromFile {
		return nil
	}
	if l := c.login; cfg.HTTP.TLS != (promconfig.TLSConfig{}) {
		if l.Insecure || l.CAFile+l.CertFile+l.KeyFile != "" {
			l.Warnings = append(l.Warnings, "cacert, cert, key, verify and insecure: not used: http.tls_config counts")
		}
		return nil
	}
	return c.login.ApplyTLS(t)
}

// fingerprint tells the secret of the login from another without keeping it.
func (c *Credential) fingerprint() fingerprint {
	return fingerprintOf(c.login.Password, c.login.CredentialSecret, c.login.Token)
}

// IsOf reports whether the identity service is one of the provider's own hosts.
func (c *Credential) IsOf(p *provider.Provider) bool {
	base, err := c.identityBase()
	return err == nil && p.Owns(base.Hostname())
}

// Encrypted reports whether the login is encrypted on its way.
func (c *Credential) Encrypted() bool { return strings.HasPrefix(c.identityURL, "https:") }

// identityBase returns the address of the identity service that the credential names.
func (c *Credential) identityBase() (*url.URL, error) {
	return wire.ParseBase("auth.url", c.identityURL)
}

// Check finds what is wrong with the files and variables that a cloud's
// auth names, by a key of auth, and what is written there and not used, without
// asking any cloud.
func Check(cfg config.Cloud) (key string, warnings []string, err error) {
	if cfg.Auth.Type != config.CloudsYAML && cfg.Auth.Type != config.Env {
		return "", nil, nil
	}
	c, err := ReadCredential(cfg)
	if err == nil {
		err = c.ApplyTLS(cfg, &http.Transport{})
	}
	if err == nil {
		return "", c.login.Warnings, nil
	}
	if cfg.Auth.Type == config.Env {
		return "type", nil, err
	}
	if file, ok := errors.AsType[*clientconfig.FileError](err); ok {
		return "file", nil, file
	}
	return "cloud", nil, err
}
