package clientconfig

import (
	"cmp"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	utils "github.com/gophercloud/utils/v2/openstack/clientconfig"
	promconfig "github.com/prometheus/common/config"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// noEnv is a prefix that no variable has: what clouds.yaml leaves out must not
// come from the environment of the daemon.
const noEnv = "CLOUDIP_EXPORTER_UNUSED_"

// FromCloudsYAML reads the cloud that the configuration names from clouds.yaml.
func FromCloudsYAML(cfg config.Cloud) (*Login, error) {
	opts := &utils.ClientOpts{
		Cloud: cfg.Auth.CloudsYAMLCloud, EnvPrefix: noEnv, RegionName: cfg.Region,
		YAMLOpts: yamlFiles{file: cfg.Auth.CloudsYAMLFile},
	}
	cloud, err := utils.GetCloudFromYAML(opts)
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

func fromClientConfig(opts *utils.ClientOpts, cloud *utils.Cloud, url string) (*Login, error) {
	info := utils.AuthInfo{}
	if cloud.AuthInfo != nil {
		info = *cloud.AuthInfo
	}
	info.AuthURL = cmp.Or(url, info.AuthURL)
	ao, err := utils.AuthOptions(&utils.ClientOpts{
		Cloud: readAlready, AuthType: cloud.AuthType, EnvPrefix: opts.EnvPrefix, YAMLOpts: noFiles{&info},
	})
	if err != nil {
		return nil, err
	}
	o := &Login{
		AuthOptions: *ao, Region: cloud.RegionName, Interface: cloud.EndpointType,
		TLS: promconfig.TLSConfig{
			CAFile: cloud.CACertFile, CertFile: cloud.ClientCertFile, KeyFile: cloud.ClientKeyFile,
			InsecureSkipVerify: cloud.Verify != nil && !*cloud.Verify,
		},
		Project:       cmp.Or(ao.TenantName, ao.TenantID),
		ProjectDomain: gophercloud.AuthScope{DomainID: info.ProjectDomainID, DomainName: info.ProjectDomainName},
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

// readAlready is the one cloud of noFiles, named so that OS_CLOUD is not asked.
const readAlready = "read already"

// noFiles keeps the second pass over the options from reading files again.
type noFiles struct{ info *utils.AuthInfo }

func (f noFiles) LoadCloudsYAML() (map[string]utils.Cloud, error) {
	return map[string]utils.Cloud{readAlready: {AuthInfo: f.info}}, nil
}
func (noFiles) LoadSecureCloudsYAML() (map[string]utils.Cloud, error) { return nil, nil }
func (noFiles) LoadPublicCloudsYAML() (map[string]utils.Cloud, error) { return nil, nil }
