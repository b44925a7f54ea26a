package auth

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

func TestAFaultOfTheCredentialNamesTheKeyThatIsToBeMended(t *testing.T) {
	const text = `clouds:
  good: {auth: {auth_url: "https://iam.test/v3", username: u, password: canary}}
  bare: {}
  profile: {profile: vendor, auth: {username: u, password: canary}}
  certified: {cacert: /nowhere/ca.pem, auth: {auth_url: "https://iam.test/v3", username: u, password: canary}}
  home: {cacert: ~/ca.pem, auth: {auth_url: "https://iam.test/v3", username: u, password: canary}}
`
	named := func(cloud, file string) config.Auth {
		return config.Auth{Type: config.CloudsYAML, CloudsYAMLCloud: cloud, CloudsYAMLFile: file}
	}
	for name, tt := range map[string]struct {
		auth      config.Auth
		provider  string
		variables map[string]string
		files     map[string]string
		key, says string
	}{
		"good":                   {auth: named("good", "clouds.yaml")},
		"good, in a usual place": {auth: named("good", "")},
		"no such cloud":          {auth: named("nope", "clouds.yaml"), key: "auth.cloud", says: "nope"},
		"no auth section":        {auth: named("bare", "clouds.yaml"), key: "auth.cloud", says: "has no credential"},
		"no certificate":         {auth: named("certified", "clouds.yaml"), key: "auth.cloud", says: "/nowhere/ca.pem"},
		"one in the home":        {auth: named("home", "clouds.yaml"), files: map[string]string{"ca.pem": "none"}, key: "auth.cloud", says: "unable to use specified CA cert"},
		"no such file":           {auth: named("good", "none.yaml"), key: "auth.file", says: "none.yaml"},
		"no file anywhere":       {auth: named("good", ""), files: map[string]string{"clouds.yaml": "-"}, key: "auth.file", says: "no clouds.yaml in this directory"},
		"no YAML":                {auth: named("good", "clouds.yaml"), files: map[string]string{"clouds.yaml": "clouds: [canary"}, key: "auth.file", says: "not valid YAML"},
		"no YAML beside it":      {auth: named("good", "clouds.yaml"), files: map[string]string{"secure.yaml": "clouds: canary"}, key: "auth.file", says: "secure.yaml"},
		"no public YAML":         {auth: named("profile", "clouds.yaml"), files: map[string]string{"clouds-public.yaml": "public-clouds: canary"}, key: "auth.file", says: "clouds-public.yaml"},
		"no such profile":        {auth: named("profile", "clouds.yaml"), key: "auth.cloud", says: "vendor"},
		"environment":            {auth: config.Auth{Type: config.Env}, variables: map[string]string{"OS_AUTH_URL": "https://iam.test/v3", "OS_USERNAME": "u", "OS_PASSWORD": "canary"}},
		"no environment":         {auth: config.Auth{Type: config.Env}, key: "auth.type", says: "OS_AUTH_URL"},
		"no credential there":    {auth: config.Auth{Type: config.Env, URL: "https://iam.test/v3"}, key: "auth.type", says: "has no credential"},
		"OS_CLOUD":               {auth: config.Auth{Type: config.Env}, variables: map[string]string{"OS_CLOUD": "good"}},
		"OS_CLOUD, profile":      {auth: config.Auth{Type: config.Env}, variables: map[string]string{"OS_CLOUD": "profile"}, files: map[string]string{"clouds-public.yaml": "public-clouds: {vendor: {auth: {auth_url: 'https://iam.test/v3'}}}"}},
		"OS_CLOUD, no such":      {auth: config.Auth{Type: config.Env}, variables: map[string]string{"OS_CLOUD": "nope"}, key: "auth.type", says: "nope"},
		"OS_CLOUD, no file":      {auth: config.Auth{Type: config.Env}, variables: map[string]string{"OS_CLOUD": "good"}, files: map[string]string{"clouds.yaml": "-"}, key: "auth.type", says: "no clouds.yaml"},
		"half an access key":     {auth: config.Auth{Type: config.Env}, provider: config.OTC, variables: map[string]string{"OS_ACCESS_KEY": "canary"}, key: "auth.type", says: "set HW_SECRET_KEY"},
		"another type":           {auth: config.Auth{Type: config.AccessKey}},
	} {
		t.Run(name, func(t *testing.T) {
			scripted.ClearEnv(t)
			for variable, value := range tt.variables {
				t.Setenv(variable, value)
			}
			dir := t.TempDir()
			t.Setenv("HOME", dir)
			t.Chdir(dir)
			check.Write(t, "clouds.yaml", text)
			for file, text := range tt.files {
				if check.Write(t, file, text); text == "-" { // it is not there
					check.OK(t, os.Remove(file))
				}
			}
			cfg := passwordConfig()
			cfg.Provider, cfg.Auth = cmp.Or(tt.provider, config.OpenStack), tt.auth
			key, _, err := Check(cfg)
			if key != tt.key || (err != nil) != (tt.key != "") || err != nil && (!strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("got %q, %v, want %q and %q", key, err, tt.key, tt.says)
			}
		})
	}
}

func TestCertificatesThatTheConfigurationOverrulesAreWarnedOf(t *testing.T) {
	t.Chdir(t.TempDir())
	check.Write(t, "clouds.yaml", `clouds: {c: {verify: false, auth: {auth_url: "https://iam.test/v3", username: u, password: p}}}`)
	cfg := passwordConfig()
	cfg.Auth = config.Auth{Type: config.CloudsYAML, CloudsYAMLCloud: "c", CloudsYAMLFile: "clouds.yaml"}
	cfg.HTTP.TLS.ServerName = "iam.test"
	_, warnings, err := Check(cfg)
	check.OK(t, err)
	check.Has(t, "warnings", strings.Join(warnings, "\n"), "not used: http.tls_config counts")
}
