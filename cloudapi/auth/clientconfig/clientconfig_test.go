package clientconfig

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

func environmentConfig(provider string) config.Cloud {
	return config.Cloud{Provider: provider, Auth: config.Auth{Type: config.Env}}
}

func TestTheVariablesOfTheVendorsToolsMixWithNoneOfOpenStack(t *testing.T) {
	const url = "https://iam.eu-de.myhuaweicloud.com/v3"
	block := map[string]map[string]string{
		`"domain":{"name":"account"}`: {"HW_USER_NAME": "exporter", "HW_PASSWORD": "hw-secret", "HW_DOMAIN_NAME": "account", "HW_PROJECT_NAME": "eu-de"},
		`"domain":{"id":"7"}`:         {"HW_USER_NAME": "exporter", "HW_PASSWORD": "hw-secret", "HW_DOMAIN_ID": "7", "HW_PROJECT_NAME": "eu-de"},
	}
	for name, more := range map[string]map[string]string{
		"none":                       {},
		"the address":                {"OS_AUTH_URL": "https://keystone.private.example/v3"},
		"a whole openrc":             {"OS_AUTH_URL": "https://keystone.private.example/v2.0", "OS_IDENTITY_API_VERSION": "2", "OS_USERNAME": "me", "OS_PASSWORD": "os-secret", "OS_PROJECT_NAME": "lab", "OS_PROJECT_ID": "77", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_ID": "default", "OS_REGION_NAME": "RegionOne", "OS_INTERFACE": "internal", "OS_CACERT": "/absent"},
		"OS_CLOUD":                   {"OS_CLOUD": "absent"},
		"OS_USER_DOMAIN_ID":          {"OS_USER_DOMAIN_ID": "default"},
		"OS_USER_DOMAIN_NAME":        {"OS_USER_DOMAIN_NAME": "Default"},
		"OS_DOMAIN_ID":               {"OS_DOMAIN_ID": "default"},
		"OS_DOMAIN_NAME":             {"OS_DOMAIN_NAME": "Default"},
		"OS_PROJECT_DOMAIN_ID":       {"OS_PROJECT_DOMAIN_ID": "default"},
		"OS_PROJECT_ID":              {"OS_PROJECT_ID": "77"},
		"OS_TENANT_ID":               {"OS_TENANT_ID": "77"},
		"OS_USER_ID":                 {"OS_USER_ID": "77"},
		"OS_TOKEN":                   {"OS_TOKEN": "os-token"},
		"OS_APPLICATION_CREDENTIAL_": {"OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "b"},
		"a system scope":             {"OS_SYSTEM_SCOPE": "all"},
		"the name before the id":     {"HW_DOMAIN_ID": "7"},
	} {
		for domain, own := range block {
			t.Run(name+" "+domain, func(t *testing.T) {
				o := check.Get(vendorOptions(t, own, more))(t)
				ao := o.Options()
				body, err := ao.ToTokenV3CreateMap(map[string]any{"project": map[string]any{"name": ao.Scope.ProjectName}})
				text, _ := json.Marshal(body)
				want := `{"auth":{"identity":{"methods":["password"],"password":{"user":{` + domain + `,"name":"exporter","password":"hw-secret"}}},"scope":{"project":{"name":"eu-de"}}}}`
				if err != nil || string(text) != want {
					t.Errorf("logs in by %s, %v, want %s", text, err, want)
				}
				scope, _ := json.Marshal(ao.Scope)
				if o.AuthURL != url || o.Project() != "eu-de" || o.ProjectID != "" || o.Interfaces != nil || o.CAFile != "" || o.Region != "" {
					t.Errorf("at %s, scope %s, %+v", o.AuthURL, scope, o)
				}
				if d := `"domain":{"name":"` + ao.Scope.DomainName + `"}`; d != domain && `"domain":{"id":"`+ao.Scope.DomainID+`"}` != domain {
					t.Errorf("scope %s, want that of %s", scope, domain)
				}
			})
		}
	}
}

// vendorOptions reads an environment for Huawei Cloud, region eu-de.
func vendorOptions(t *testing.T, variables ...map[string]string) (*Login, error) {
	t.Helper()
	cfg := environmentConfig(config.HuaweiCloud)
	cfg.Region = "eu-de"
	return fromEnvironment(t, cfg, variables...)
}

func fromEnvironment(t *testing.T, cfg config.Cloud, variables ...map[string]string) (*Login, error) {
	t.Helper()
	scripted.ClearEnv(t)
	for _, set := range variables {
		for name, value := range set {
			t.Setenv(name, value)
		}
	}
	return FromEnvironment(cfg)
}

func TestWithoutItsUserNoVariableOfTheVendorsToolsCounts(t *testing.T) {
	hw := map[string]string{"HW_PASSWORD": "hw-secret", "HW_DOMAIN_NAME": "account", "HW_PROJECT_NAME": "other", "HW_AUTH_URL": "https://other.example/v3", "HW_REGION_NAME": "other"}
	own := map[string]string{"OS_AUTH_URL": "https://iam.test/v3", "OS_USERNAME": "me", "OS_PASSWORD": "os-secret", "OS_USER_DOMAIN_ID": "d", "OS_PROJECT_ID": "77"}
	o, err := vendorOptions(t, hw, own)
	if err != nil || o.AuthURL != "https://iam.test/v3" || o.Password != "os-secret" || o.UserDomainID != "d" || o.UserDomainName != "" || o.Project() != "77" {
		t.Errorf("got %+v, %v", o, err)
	}
	delete(own, "OS_PASSWORD")
	if o, err = vendorOptions(t, hw, own); err == nil {
		t.Errorf("logs in by %q at %s", o.Password, o.AuthURL)
	}
	if o, err = vendorOptions(t, map[string]string{"HW_USER_NAME": "exporter", "HW_DOMAIN_NAME": "account"}, map[string]string{"OS_PASSWORD": "os-secret", "OS_TOKEN": "x"}); err == nil || !strings.Contains(err.Error(), "HW_PASSWORD") {
		t.Errorf("without its password: got %+v, %v", o, err)
	}
}

func TestTheVariablesOfTheVendorsToolsLogInToTheVendorsCloudsOnly(t *testing.T) {
	const host = "https://iam.cn-north-4.myhuaweicloud.com/v3"
	for _, tt := range []struct{ provider, url, want string }{
		{config.HuaweiCloud, "", host}, {config.HuaweiCloud, "https://iam.test/v3", "https://iam.test/v3"}, {config.OTC, "https://iam.test/v3", "https://iam.test/v3"},
		{config.OpenStack, "https://iam.test/v3", ""}, // logs in nowhere
	} {
		l, err := fromEnvironment(t, environmentConfig(tt.provider), map[string]string{"HW_AUTH_URL": tt.url, "HW_USER_NAME": "exporter", "HW_PASSWORD": "hw-secret", "HW_DOMAIN_NAME": "account", "HW_REGION_NAME": "cn-north-4"})
		if (err == nil) != (tt.want != "") || err == nil && (l.AuthURL != tt.want || l.Region != "cn-north-4" || l.Password != "hw-secret") {
			t.Errorf("%s, HW_AUTH_URL=%s: got %+v, %v, want %q", tt.provider, tt.url, l, err, tt.want)
		}
	}
}

func TestACloudOfCloudsYAMLWithoutLoginSaysWhatToDo(t *testing.T) {
	scripted.ClearEnv(t)
	dir := t.TempDir()
	check.Write(t, filepath.Join(dir, "secure.yaml"), "clouds: {secure: {auth: {access_key: AKEXAMPLE, secret_key: sk-canary}}}\n")
	file := check.Write(t, filepath.Join(dir, "clouds.yaml"), `clouds:
  key: {auth: {auth_url: "https://iam.test/v3", ak: AKEXAMPLE, sk: sk-canary}}
  secure: {auth: {auth_url: "https://iam.test/v3", project_name: alpha}}
  bare: {auth: {auth_url: "https://iam.test/v3", username: u}}
  system: {auth: {auth_url: "https://iam.test/v3", username: u, password: p-canary, system_scope: all}}
`)
	for _, tt := range []struct{ provider, cloud, want string }{
		{config.OTC, "key", "use auth.type access_key"},
		{config.HuaweiCloud, "secure", "use auth.type access_key"},
		{config.OTC, "bare", "has no credential"},
		{config.OpenStack, "key", "use auth.type access_key"},
		{config.OpenStack, "system", "write the projects to watch into projects"},
	} {
		cfg := config.Cloud{Provider: tt.provider, Auth: config.Auth{Type: config.CloudsYAML, CloudsYAMLFile: file, CloudsYAMLCloud: tt.cloud}}
		_, err := FromCloudsYAML(cfg)
		check.Fails(t, tt.provider+", "+tt.cloud, err, tt.want, "canary")
	}
}

func TestAnEnvironmentWithoutCredentialSaysWhatToSet(t *testing.T) {
	for provider, want := range map[string]string{config.OTC: "HW_ACCESS_KEY", config.HuaweiCloud: "OS_DOMAIN_NAME", config.OpenStack: "OS_APPLICATION_CREDENTIAL_ID"} {
		cfg := environmentConfig(provider)
		cfg.Auth.URL = "https://iam.test/v3"
		_, err := fromEnvironment(t, cfg)
		check.Fails(t, provider, err, want)
	}
}
