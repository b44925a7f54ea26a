package cloudapi

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/utils/v2/openstack/clientconfig"
	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// authOptions is how to log in, with the secrets as they are now.
type authOptions struct {
	gophercloud.AuthOptions
	region, iface         string // as clouds.yaml or the environment say
	projectDomain         gophercloud.AuthScope
	caFile                string
	clientCert, clientKey string
	insecure              bool
	projectLabel          string // of the own scope, "" when not written
}

// authOptions reads the configuration's secrets anew.
func (c *Cloud) authOptions() (*authOptions, error) {
	opts, err := readAuthOptions(c.cfg)
	if err != nil {
		return nil, err
	}
	c.secrets.Know("password", opts.Password)
	c.secrets.Know("application credential secret", opts.ApplicationCredentialSecret)
	c.secrets.Know("given token", opts.TokenID)
	return opts, nil
}

func readAuthOptions(cfg config.Cloud) (*authOptions, error) {
	a := cfg.Auth
	switch a.Type {
	case config.Password:
		password, err := a.Password.Reveal()
		if err != nil {
			return nil, err
		}
		ao := gophercloud.AuthOptions{Username: a.Username, Password: password, DomainName: cmp.Or(a.UserDomain, "Default")}
		return &authOptions{AuthOptions: ao, projectDomain: gophercloud.AuthScope{DomainName: ao.DomainName}}, nil
	case config.ApplicationCredential:
		secret, err := a.ApplicationCredentialSecret.Reveal()
		if err != nil {
			return nil, err
		}
		return &authOptions{AuthOptions: gophercloud.AuthOptions{
			ApplicationCredentialID: a.ApplicationCredentialID, ApplicationCredentialSecret: secret,
		}}, nil
	case config.CloudsYAML:
		return fromCloudsYAML(cfg)
	case config.Env:
		return fromEnv(cfg)
	}
	return nil, fmt.Errorf("auth.type %s has no login", a.Type)
}

// bound reports whether the credential has one project and takes no other.
func (o *authOptions) bound() bool {
	return o.ApplicationCredentialID != "" || o.ApplicationCredentialName != ""
}

// namedScope is the scope of a project by name, in the domain of the project
// if one was told, else in that of the user.
func (o *authOptions) namedScope(name string) *gophercloud.AuthScope {
	s := o.projectDomain
	s.ProjectName = name
	if s.DomainID == "" && s.DomainName == "" {
		s.DomainID, s.DomainName = o.DomainID, o.DomainName
	}
	return &s
}

// noEnv is a prefix that no variable has: what clouds.yaml leaves out must not
// come from the environment of the daemon.
const noEnv = "CLOUDIP_EXPORTER_UNUSED_"

func fromCloudsYAML(cfg config.Cloud) (*authOptions, error) {
	opts := &clientconfig.ClientOpts{
		Cloud: cfg.Auth.CloudsYAMLCloud, EnvPrefix: noEnv, RegionName: cfg.Region,
		YAMLOpts: yamlFiles{file: cfg.Auth.CloudsYAMLFile},
	}
	cloud, err := clientconfig.GetCloudFromYAML(opts)
	if err != nil {
		return nil, fmt.Errorf("read clouds.yaml: %w", err)
	}
	if cloud.AuthInfo == nil {
		return nil, fmt.Errorf("read clouds.yaml: cloud %q has no auth section", opts.Cloud)
	}
	o, err := fromClientConfig(opts, cloud, cfg.Auth.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read clouds.yaml: cloud %q: %w", opts.Cloud, err)
	case o.empty() && provider.Named(cfg.Provider).HasLogin(config.AccessKey) && (yamlFiles{file: cfg.Auth.CloudsYAMLFile}).hasAccessKey(opts.Cloud):
		return nil, fmt.Errorf("read clouds.yaml: cloud %q has an access key, which is not read from there: use auth.type access_key, or env", opts.Cloud)
	case o.empty():
		return nil, fmt.Errorf("read clouds.yaml: cloud %q has no credential: give it password, token or application_credential_secret, there or in secure.yaml", opts.Cloud)
	}
	return o, nil
}

// empty reports whether there is nothing to log in with.
func (o *authOptions) empty() bool {
	return o.Password == "" && o.TokenID == "" && o.ApplicationCredentialSecret == ""
}

func fromClientConfig(opts *clientconfig.ClientOpts, cloud *clientconfig.Cloud, url string) (*authOptions, error) {
	info := clientconfig.AuthInfo{}
	if cloud.AuthInfo != nil {
		info = *cloud.AuthInfo
	}
	info.AuthURL = cmp.Or(url, info.AuthURL)
	ao, err := clientconfig.AuthOptions(&clientconfig.ClientOpts{
		Cloud: readAlready, AuthType: cloud.AuthType, EnvPrefix: opts.EnvPrefix, YAMLOpts: noFiles{&info},
	})
	if err != nil {
		return nil, err
	}
	o := &authOptions{
		AuthOptions: *ao, region: cloud.RegionName, iface: cloud.EndpointType,
		caFile: cloud.CACertFile, clientCert: cloud.ClientCertFile, clientKey: cloud.ClientKeyFile,
		insecure:      cloud.Verify != nil && !*cloud.Verify,
		projectLabel:  cmp.Or(ao.TenantName, ao.TenantID),
		projectDomain: gophercloud.AuthScope{DomainID: info.ProjectDomainID, DomainName: info.ProjectDomainName},
	}
	if o.Username != "" && o.DomainID == "" && o.DomainName == "" {
		if o.DomainID = info.DomainID; o.DomainID == "" {
			o.DomainName = cmp.Or(info.DomainName, "Default")
		}
	}
	if o.Scope != nil && o.Scope.ProjectName != "" && o.Scope.DomainID == "" && o.Scope.DomainName == "" {
		o.Scope.DomainID, o.Scope.DomainName = o.DomainID, o.DomainName
	}
	return o, nil
}

// adoptTLS takes over what clouds.yaml says of certificates where the
// configuration says nothing.
func (o *authOptions) adoptTLS(written promconfig.TLSConfig, t *http.Transport) error {
	if written != (promconfig.TLSConfig{}) {
		return nil
	}
	for _, file := range []string{o.caFile, o.clientCert, o.clientKey} {
		if file == "" {
			continue
		}
		if _, err := readRegular(file); err != nil {
			return fmt.Errorf("read the certificates that clouds.yaml or the environment names: %w", err)
		}
	}
	made, err := promconfig.NewTLSConfig(&promconfig.TLSConfig{
		CAFile: o.caFile, CertFile: o.clientCert, KeyFile: o.clientKey, InsecureSkipVerify: o.insecure,
	})
	if err != nil {
		return fmt.Errorf("read the certificates that clouds.yaml or the environment names: %w", err)
	}
	t.TLSClientConfig = made
	return nil
}

// readAlready is the one cloud of noFiles, named so that OS_CLOUD is not asked.
const readAlready = "read already"

// noFiles keeps the second pass over the options from reading files again.
type noFiles struct{ info *clientconfig.AuthInfo }

func (f noFiles) LoadCloudsYAML() (map[string]clientconfig.Cloud, error) {
	return map[string]clientconfig.Cloud{readAlready: {AuthInfo: f.info}}, nil
}
func (noFiles) LoadSecureCloudsYAML() (map[string]clientconfig.Cloud, error) { return nil, nil }
func (noFiles) LoadPublicCloudsYAML() (map[string]clientconfig.Cloud, error) { return nil, nil }
