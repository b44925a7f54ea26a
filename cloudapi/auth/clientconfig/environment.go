package clientconfig

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	utils "github.com/gophercloud/utils/v2/openstack/clientconfig"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// FromEnvironment reads the variables OS_*; with OS_CLOUD set also the clouds.yaml that
// it names. On Huawei Cloud and OTC the login of the vendor's own tools comes first.
func FromEnvironment(cfg config.Cloud) (*Login, error) {
	if provider.Named(cfg.Provider).HuaweiVariables && os.Getenv("HW_USER_NAME") != "" {
		return fromVendorEnv(cfg)
	}
	opts := &utils.ClientOpts{RegionName: cfg.Region, YAMLOpts: yamlFiles{}}
	cloud, url := &utils.Cloud{}, cmp.Or(cfg.Auth.URL, os.Getenv("OS_AUTH_URL"))
	if os.Getenv("OS_CLOUD") != "" {
		var err error
		if cloud, err = utils.GetCloudFromYAML(opts); err != nil {
			return nil, fmt.Errorf("read the cloud that OS_CLOUD names: %w", err)
		}
	} else {
		url = cmp.Or(url, provider.Named(cfg.Provider).IdentityURL(cfg.Region))
	}
	o, err := fromClientConfig(opts, cloud, url)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the environment: %w: set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and their like", err)
	case o.empty():
		return nil, noCredential(cfg)
	}
	o.Region = cmp.Or(o.Region, os.Getenv("OS_REGION_NAME"))
	o.Interface = cmp.Or(o.Interface, os.Getenv("OS_INTERFACE"))
	o.TLS.CAFile = cmp.Or(o.TLS.CAFile, os.Getenv("OS_CACERT"))
	return o, nil
}

// fromVendorEnv reads the login of the variables HW_*, which Huawei Cloud's tools
// and its Terraform provider read. It takes nothing from OS_*, which may be set
// for another cloud, so the password goes to the vendor's host alone.
func fromVendorEnv(cfg config.Cloud) (*Login, error) {
	region := os.Getenv("HW_REGION_NAME")
	ao := gophercloud.AuthOptions{
		IdentityEndpoint: cmp.Or(cfg.Auth.URL, os.Getenv("HW_AUTH_URL"), provider.Named(cfg.Provider).IdentityURL(cmp.Or(cfg.Region, region))),
		Username:         os.Getenv("HW_USER_NAME"), Password: os.Getenv("HW_PASSWORD"),
		DomainName: os.Getenv("HW_DOMAIN_NAME"), DomainID: os.Getenv("HW_DOMAIN_ID"),
		Scope: &gophercloud.AuthScope{ProjectID: os.Getenv("HW_PROJECT_ID")},
	}
	if ao.DomainName != "" { // a login names one of the two
		ao.DomainID = ""
	}
	o := &Login{AuthOptions: ao, Region: region, Project: cmp.Or(os.Getenv("HW_PROJECT_NAME"), ao.Scope.ProjectID)}
	switch {
	case o.empty():
		return nil, noCredential(cfg)
	case ao.IdentityEndpoint == "":
		return nil, errors.New("read the environment: it does not say where to log in: set HW_AUTH_URL or HW_REGION_NAME")
	case ao.DomainName == "" && ao.DomainID == "":
		return nil, errors.New("read the environment: HW_USER_NAME needs its account: set HW_DOMAIN_NAME or HW_DOMAIN_ID")
	}
	if name := os.Getenv("HW_PROJECT_NAME"); name != "" && ao.Scope.ProjectID == "" {
		o.Scope = o.NamedScope(name) // an account owns its projects
	}
	return o, nil
}

func noCredential(cfg config.Cloud) error {
	return fmt.Errorf("read the environment: it has no credential: set %s", credentialVariables(provider.Named(cfg.Provider)))
}

func credentialVariables(p *provider.Provider) string {
	if !p.HuaweiVariables {
		return "OS_USERNAME and OS_PASSWORD, or OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET"
	}
	return "HW_ACCESS_KEY and HW_SECRET_KEY, or HW_USER_NAME, HW_PASSWORD and HW_DOMAIN_NAME, or OS_USERNAME, OS_PASSWORD and OS_DOMAIN_NAME"
}

// AccessKey is an access key of Huawei Cloud or OTC.
type AccessKey struct {
	Access, Secret string
	SecurityToken  string // of a temporary key
	IdentityURL    string // "" where none is written
}

// KeyFromEnvironment reads the variables of Huawei Cloud's SDK, of its Terraform
// provider and of OTC's. Access is "" where none of them is set.
func KeyFromEnvironment() AccessKey {
	return AccessKey{
		Access:        firstEnv("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK"),
		Secret:        firstEnv("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK"),
		SecurityToken: firstEnv("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
		IdentityURL:   firstEnv("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
	}
}

func firstEnv(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}
