package auth

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
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
		c.login, err = applicationLogin(a)
	case config.CloudsYAML:
		c.login, err = clientconfig.FromCloudsYAML(cfg)
	case config.Env:
		if key := clientconfig.KeyFromEnvironment(); key.Access != "" && provider.Named(cfg.Provider).HuaweiVariables {
			c.key, c.identityURL = keyPair{access: key.Access, secret: key.Secret, token: key.SecurityToken}, key.IdentityURL
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
	c.identityURL = cmp.Or(cfg.Auth.URL, c.identityURL, c.login.IdentityEndpoint, provider.Named(cfg.Provider).IdentityURL(cmp.Or(cfg.Region, c.login.Region)))
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
	ao := gophercloud.AuthOptions{Username: a.Username, Password: password, DomainName: cmp.Or(a.UserDomain, "Default")}
	return &clientconfig.Login{AuthOptions: ao}, err
}

func applicationLogin(a config.Auth) (*clientconfig.Login, error) {
	secret, err := a.ApplicationCredentialSecret.Reveal()
	return &clientconfig.Login{AuthOptions: gophercloud.AuthOptions{
		ApplicationCredentialID: a.ApplicationCredentialID, ApplicationCredentialSecret: secret,
	}}, err
}

// Signs reports whether requests are signed, so that there is no login.
func (c *Credential) Signs() bool { return c.signs }

// Region returns the region that clouds.yaml or the environment names.
func (c *Credential) Region() string { return c.login.Region }

// Interface returns the interface of the endpoints to choose, "" for the public one.
func (c *Credential) Interface() string { return c.login.Interface }

// Project returns the project of the credential's own scope as it is written, ""
// where it is not.
func (c *Credential) Project() string { return c.login.Project }

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

// ApplyTLS gives the certificates of clouds.yaml or the environment to t where
// the configuration has none of its own.
func (c *Credential) ApplyTLS(cfg config.Cloud, t *http.Transport) error {
	fromFile := cfg.Auth.Type == config.CloudsYAML || cfg.Auth.Type == config.Env
	if c.signs || !fromFile || cfg.HTTP.TLS != (promconfig.TLSConfig{}) {
		return nil
	}
	return c.login.ApplyTLS(t)
}

// fingerprint tells the secret of the login from another without keeping it.
func (c *Credential) fingerprint() fingerprint {
	return fingerprintOf(c.login.Password, c.login.ApplicationCredentialSecret)
}

// identityBase returns the address of the identity service that the credential names.
func (c *Credential) identityBase() (*url.URL, error) {
	if c.identityURL == "" {
		return nil, fmt.Errorf("no address of the identity service is known: set auth.url")
	}
	return wire.ParseBase("auth.url", c.identityURL)
}
