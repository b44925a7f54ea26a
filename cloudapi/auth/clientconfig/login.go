// Package clientconfig reads how to log in from what OpenStack's own client
// reads: clouds.yaml and its like, and the environment.
package clientconfig

import (
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	promconfig "github.com/prometheus/common/config"
)

// Login is how to log in to the identity service, with the secrets of this
// moment, and what its source says of the cloud besides.
type Login struct {
	gophercloud.AuthOptions

	Region, Interface string
	Project           string                // of the own scope: name or id, "" where none is written
	ProjectDomain     gophercloud.AuthScope // of projects by name; empty: that of the user
	TLS               promconfig.TLSConfig
}

// Bound reports whether the credential has one project and takes no other.
func (l *Login) Bound() bool {
	return l.ApplicationCredentialID != "" || l.ApplicationCredentialName != ""
}

// NamedScope returns the scope of a project by its name.
func (l *Login) NamedScope(name string) *gophercloud.AuthScope {
	s := l.ProjectDomain
	s.ProjectName = name
	if s.DomainID == "" && s.DomainName == "" {
		s.DomainID, s.DomainName = l.DomainID, l.DomainName
	}
	return &s
}

// empty reports whether there is nothing to log in with.
func (l *Login) empty() bool {
	return l.Password == "" && l.TokenID == "" && l.ApplicationCredentialSecret == ""
}

// ApplyTLS gives the certificates of the login to the connections of t.
func (l *Login) ApplyTLS(t *http.Transport) error {
	for _, file := range []string{l.TLS.CAFile, l.TLS.CertFile, l.TLS.KeyFile} {
		if file == "" {
			continue
		}
		if _, err := readRegular(file); err != nil {
			return fmt.Errorf("read the certificates that clouds.yaml or the environment names: %w", err)
		}
	}
	made, err := promconfig.NewTLSConfig(&l.TLS)
	if err != nil {
		return fmt.Errorf("read the certificates that clouds.yaml or the environment names: %w", err)
	}
	t.TLSClientConfig = made
	return nil
}
