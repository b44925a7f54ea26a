package cloudapi

import (
	"fmt"
	"os"

	"github.com/gophercloud/utils/v2/openstack/clientconfig"

	"cloudip_exporter/config"
)

// fromEnv reads the variables OS_*; with OS_CLOUD set also the clouds.yaml that
// it names, else on Huawei Cloud and OTC first those of the vendor's own tools.
func fromEnv(cfg config.Cloud) (*authOptions, error) {
	opts := &clientconfig.ClientOpts{RegionName: cfg.Region, YAMLOpts: yamlFiles{}}
	cloud, vendor := &clientconfig.Cloud{AuthInfo: &clientconfig.AuthInfo{}}, vendorEnv{}
	switch {
	case os.Getenv("OS_CLOUD") != "":
		var err error
		if cloud, err = clientconfig.GetCloudFromYAML(opts); err != nil {
			return nil, fmt.Errorf("read the cloud that OS_CLOUD names: %w", err)
		}
	case cfg.Provider != config.OpenStack:
		vendor = readVendorEnv(cfg)
		cloud.AuthInfo = &vendor.auth
	}
	o, err := fromClientConfig(opts, cloud, firstOf(cfg.Auth.URL, vendor.url, os.Getenv("OS_AUTH_URL"), vendor.usualURL))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the environment: %w: set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and their like", err)
	case o.empty():
		return nil, fmt.Errorf("read the environment: it holds no credential: set %s", credentialVariables(cfg.Provider))
	}
	o.region = firstOf(o.region, vendor.region, os.Getenv("OS_REGION_NAME"))
	o.iface = firstOf(o.iface, os.Getenv("OS_INTERFACE"))
	o.caFile = firstOf(o.caFile, os.Getenv("OS_CACERT"))
	return o, nil
}

// vendorEnv is what the variables HW_* tell, which Huawei Cloud's tools and its
// Terraform provider read. What they leave out is taken from OS_*, as there.
type vendorEnv struct {
	auth                  clientconfig.AuthInfo
	url, usualURL, region string
}

func readVendorEnv(cfg config.Cloud) vendorEnv {
	account, accountID := os.Getenv("HW_DOMAIN_NAME"), os.Getenv("HW_DOMAIN_ID")
	if account != "" { // a login names one of the two
		accountID = ""
	}
	e := vendorEnv{
		url: os.Getenv("HW_AUTH_URL"), region: os.Getenv("HW_REGION_NAME"),
		auth: clientconfig.AuthInfo{
			Username: os.Getenv("HW_USER_NAME"), Password: os.Getenv("HW_PASSWORD"),
			UserDomainName: account, UserDomainID: accountID,
			ProjectName: os.Getenv("HW_PROJECT_NAME"), ProjectID: os.Getenv("HW_PROJECT_ID"),
			ProjectDomainName: account, ProjectDomainID: accountID, // an account owns its projects
		},
	}
	e.usualURL = config.DefaultAuthURL(cfg.Provider, firstOf(cfg.Region, e.region))
	return e
}

func credentialVariables(provider string) string {
	if provider == config.OpenStack {
		return "OS_USERNAME and OS_PASSWORD, or OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET"
	}
	return "HW_ACCESS_KEY and HW_SECRET_KEY, or HW_USER_NAME, HW_PASSWORD and HW_DOMAIN_NAME, or OS_USERNAME, OS_PASSWORD and OS_DOMAIN_NAME"
}
