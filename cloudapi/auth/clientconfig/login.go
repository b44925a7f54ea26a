package clientconfig

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/config"
)

// Type is the way to log in.
type Type string

// The ways to log in that this program supports.
const (
	Password              Type = "password"
	Token                 Type = "token"
	ApplicationCredential Type = "application credential"
)

// Login is how to log in to the identity service, with the secrets of this
// moment, and what its source says of the cloud besides. Texts that nobody wrote
// are "". Of an id and a name at most one is set: the id counts before the name.
type Login struct {
	Type    Type
	AuthURL string

	Username, UserID             string
	UserDomainID, UserDomainName string
	Password, Token              string

	CredentialID, CredentialName string // of an application credential
	CredentialSecret             string

	ProjectID, ProjectName             string // of the own scope
	ProjectDomainID, ProjectDomainName string
	DomainID, DomainName               string // of user and project, where those have none
	DefaultDomainID, DefaultDomain     string
	SystemScope                        string

	Region                               string
	Interfaces                           []string // the preferred first; empty: public
	NetworkInterfaces, ComputeInterfaces []string // where a service has its own
	NetworkEndpoint, ComputeEndpoint     string   // replace those of the catalogue
	CAFile, CertFile, KeyFile            string
	Insecure                             bool

	// Warnings name keys that are written and not used.
	Warnings []string
}

// Bound reports whether the credential has one project and takes no other.
func (l *Login) Bound() bool { return l.Type == ApplicationCredential }

// Project returns the project of the own scope as it is written, "" for none.
func (l *Login) Project() string { return cmp.Or(l.ProjectName, l.ProjectID) }

// NamedScope returns the scope of a project by its name. A project without a
// domain is one of the user's domain.
func (l *Login) NamedScope(name string) *gophercloud.AuthScope {
	s := &gophercloud.AuthScope{ProjectName: name, DomainID: l.ProjectDomainID, DomainName: l.ProjectDomainName}
	if s.DomainID == "" && s.DomainName == "" {
		s.DomainID, s.DomainName = l.UserDomainID, l.userDomainName()
	}
	return s
}

// UserScope returns the scope of the user's domain.
func (l *Login) UserScope() *gophercloud.AuthScope {
	return &gophercloud.AuthScope{DomainID: l.UserDomainID, DomainName: l.userDomainName()}
}

// userDomainName is the name of the user's domain where the domain has no id. A
// user by name without any domain is one of the domain Default.
func (l *Login) userDomainName() string {
	if l.UserDomainID != "" || l.UserID != "" {
		return l.UserDomainName
	}
	return cmp.Or(l.UserDomainName, "Default")
}

// Options returns the login as gophercloud takes it, in the own scope.
func (l *Login) Options() gophercloud.AuthOptions {
	ao := gophercloud.AuthOptions{IdentityEndpoint: l.AuthURL}
	switch l.Type {
	case Token:
		ao.TokenID = l.Token
	case ApplicationCredential:
		ao.ApplicationCredentialID, ao.ApplicationCredentialName, ao.ApplicationCredentialSecret = l.CredentialID, l.CredentialName, l.CredentialSecret
		if l.CredentialID == "" {
			l.nameUser(&ao)
		}
		return ao // its project is its own
	default:
		ao.Password = l.Password
		l.nameUser(&ao)
	}
	switch {
	case l.ProjectID != "":
		ao.Scope = &gophercloud.AuthScope{ProjectID: l.ProjectID}
	case l.ProjectName != "":
		ao.Scope = l.NamedScope(l.ProjectName)
	}
	return ao
}

func (l *Login) nameUser(ao *gophercloud.AuthOptions) {
	if ao.UserID = l.UserID; ao.UserID == "" {
		ao.Username, ao.DomainID, ao.DomainName = l.Username, l.UserDomainID, l.userDomainName()
	}
}

// ApplyTLS gives the certificates of the login to the connections of t.
func (l *Login) ApplyTLS(t *http.Transport) error {
	for _, file := range []string{l.CAFile, l.CertFile, l.KeyFile} {
		if file == "" {
			continue
		}
		if _, err := config.ReadFile(file); err != nil {
			return fmt.Errorf("read the certificates that clouds.yaml or the environment names: read %s: %w", file, err)
		}
	}
	made, err := promconfig.NewTLSConfig(&promconfig.TLSConfig{
		CAFile: l.CAFile, CertFile: l.CertFile, KeyFile: l.KeyFile, InsecureSkipVerify: l.Insecure,
	})
	if err != nil {
		return fmt.Errorf("read the certificates that clouds.yaml or the environment names: %w", err)
	}
	t.TLSClientConfig = made
	return nil
}

// FileError says that a file as a whole could not be read.
type FileError struct{ Err error }

func (e *FileError) Error() string { return e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }
