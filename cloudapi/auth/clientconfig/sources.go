package clientconfig

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// FromCloudsYAML reads the cloud that the configuration names from clouds.yaml.
// Nothing of the environment counts but where the files are.
func FromCloudsYAML(cfg config.Cloud) (*Login, error) {
	l, err := Read(Source{File: cfg.Auth.CloudsYAMLFile, Cloud: cfg.Auth.CloudsYAMLCloud, Region: cfg.Region})
	if err != nil {
		return nil, fmt.Errorf("read clouds.yaml: %w", err)
	}
	return l.fitting(cfg)
}

// FromEnvironment reads the variables OS_*; with OS_CLOUD set the clouds.yaml that
// it names. On Huawei Cloud and OTC the login of the vendor's own tools comes first.
func FromEnvironment(cfg config.Cloud) (*Login, error) {
	p := provider.Named(cfg.Provider)
	if p.HuaweiVariables && os.Getenv("HW_USER_NAME") != "" {
		return fromVendorEnv(cfg)
	}
	l, err := Read(Source{Env: true, Region: cfg.Region})
	if err != nil {
		return nil, fmt.Errorf("read the environment: %w: set OS_AUTH_URL and %s", err, credentialVariables(p))
	}
	return l.fitting(cfg)
}

// fitting refuses a login that the configuration does not complete: without an
// address where neither it nor the provider has one, and without a project.
func (l *Login) fitting(cfg config.Cloud) (*Login, error) {
	p := provider.Named(cfg.Provider)
	ofDomain := l.DomainID+l.DomainName != "" && l.Project() == "" && !l.Bound() && !p.Regional // else the region's project is the default
	switch {
	case len(cfg.Projects) > 0:
	case l.SystemScope != "":
		return nil, errors.New("system_scope logs in without a project: write the projects to watch into projects")
	case ofDomain:
		return nil, errors.New("domain_id or domain_name without a project logs in to the domain: write the projects to watch into projects")
	}
	if cmp.Or(cfg.Auth.URL, l.AuthURL, p.IdentityURL(cmp.Or(cfg.Region, l.Region))) == "" {
		return nil, errors.New("the login has no address: write auth_url into auth of clouds.yaml, set OS_AUTH_URL, or set auth.url")
	}
	return l, nil
}

// fromVendorEnv reads the login of the variables HW_*, which Huawei Cloud's tools
// and its Terraform provider read. It takes nothing from OS_*, which may be set
// for another cloud, so the password goes to the vendor's host alone.
func fromVendorEnv(cfg config.Cloud) (*Login, error) {
	region := os.Getenv("HW_REGION_NAME")
	l := &Login{
		Type: Password, Region: region,
		AuthURL:  cmp.Or(os.Getenv("HW_AUTH_URL"), provider.Named(cfg.Provider).IdentityURL(cmp.Or(cfg.Region, region))),
		Username: os.Getenv("HW_USER_NAME"), Password: os.Getenv("HW_PASSWORD"),
		DomainID: os.Getenv("HW_DOMAIN_ID"), DomainName: os.Getenv("HW_DOMAIN_NAME"),
		ProjectID: os.Getenv("HW_PROJECT_ID"), ProjectName: os.Getenv("HW_PROJECT_NAME"),
	}
	if l.DomainName != "" {
		l.DomainID = "" // as the vendor's tools
	}
	switch {
	case l.Password == "":
		return nil, fmt.Errorf("read the environment: HW_USER_NAME needs a password: set HW_PASSWORD")
	case cmp.Or(cfg.Auth.URL, l.AuthURL) == "":
		return nil, errors.New("read the environment: it does not say where to log in: set HW_AUTH_URL or HW_REGION_NAME")
	case l.DomainName == "" && l.DomainID == "":
		return nil, errors.New("read the environment: HW_USER_NAME needs its account: set HW_DOMAIN_NAME or HW_DOMAIN_ID")
	}
	l.fillDomains()
	return l, nil
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
