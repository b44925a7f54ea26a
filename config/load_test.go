package config_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// options are those of the tests that hold what is read. Their collectors are
// fixed, so that a new one changes no more than the documentation.
func options() config.Options {
	return config.Options{Collectors: []config.Collector{
		{Name: "subnets"}, {Name: "ports"}, {Name: "servers"}, {Name: "address_groups"},
		{Name: "private_ips", Needs: []provider.Resource{provider.PrivateIPs}}, {Name: "quotas"},
	}}
}

var faultLine = regexp.MustCompile(`^testdata/bad/\w+\.yml:[1-9][0-9]*: \S+: \S.*$`)

func TestBadConfigurationsGiveTheirExactFaults(t *testing.T) {
	for _, file := range check.Files(t, "testdata/bad/*.yml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := config.Load(file, options())
			if err == nil || c != nil {
				t.Fatalf("got %v, %v, want faults and no configuration", c, err)
			}
			if _, ok := errors.AsType[config.Faults](err); !ok {
				t.Errorf("error is a %T, want Faults", err)
			}
			for _, line := range strings.Split(err.Error(), "\n") {
				if !faultLine.MatchString(line) {
					t.Errorf("not FILE:LINE: KEY: text: %q", line)
				}
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("the error shows a secret:\n%v", err)
			}
			golden.Check(t, strings.TrimSuffix(file, ".yml")+".txt", err.Error()+"\n")
		})
	}
}

func TestGoodConfigurationsLoad(t *testing.T) {
	for _, file := range check.Files(t, "testdata/good/*.yml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if _, err := config.Load(file, options()); err != nil {
				t.Error(err)
			}
		})
	}
}

func load(t *testing.T, file string) *config.Config {
	t.Helper()
	return check.Get(config.Load(file, options()))(t)
}

func TestDefaultsAreThoseOfTheProvider(t *testing.T) {
	all := []string{"subnets", "ports", "servers", "address_groups", "private_ips", "quotas"}
	limits := config.Limits{RequestsPerSecond: 10, Concurrency: 8, PageSize: 2000}
	want := map[string]config.Cloud{
		"minimal_otc": {
			Name: "otc", Provider: config.OTC, Region: "eu-de",
			Auth:     config.Auth{Type: config.AccessKey, URL: "https://iam.eu-de.otc.t-systems.com/v3", AccessKeyID: "AKEXAMPLE", SecretKey: config.NewSecret("SKEXAMPLE")},
			Projects: []string{"eu-de"}, Collectors: all, APIs: config.APIs{"neutron", "nova", "ips"}, Servers: "baremetal",
			Endpoints: map[string]string{}, Limits: limits, HTTP: config.HTTP{Timeout: 30 * time.Second},
		},
		"minimal_huaweicloud": {
			Name: "hwc", Provider: config.HuaweiCloud, Region: "eu-west-101",
			Auth:     config.Auth{Type: config.InstanceMetadata, URL: "https://iam.eu-west-101.myhuaweicloud.eu/v3"},
			Projects: []string{"eu-west-101"}, Collectors: all, APIs: config.APIs{"vpc", "nova", "ips"}, Servers: "baremetal",
			Endpoints: map[string]string{}, Limits: limits, HTTP: config.HTTP{Timeout: 30 * time.Second},
		},
		"minimal_openstack": {
			Name: "lab", Provider: config.OpenStack,
			Auth:       config.Auth{Type: config.Password, URL: "http://127.0.0.1:5000/v3", Username: "u", UserDomain: "Default", Password: config.NewSecret("p")},
			Collectors: []string{"subnets", "ports", "servers", "address_groups", "quotas"},
			APIs:       config.APIs{"neutron", "nova", "ips"}, Servers: "all",
			Endpoints: map[string]string{}, Limits: config.Limits{10, 8, 1000}, HTTP: config.HTTP{Timeout: 30 * time.Second},
		},
	}
	for name, cloud := range want {
		c := load(t, "testdata/good/"+name+".yml")
		check.Equal(t, name, []config.Cloud{cloud}, c.Clouds())
		check.Equal(t, name+": collection", config.Collection{0, 5 * time.Minute, 15 * time.Minute}, c.Collection())
		check.Equal(t, name+": series", config.Series{50000, "none", true, "none", nil}, c.Series())
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	c := load(t, "testdata/good/full.yml")
	clouds := c.Clouds()
	a := clouds[0]
	proxy := check.Get(a.HTTP.ProxyURL.Reveal())(t)
	type row struct{ got, want any }
	for name, r := range map[string]row{
		"auth":        {a.Auth, config.Auth{Type: config.Password, URL: "https://iam.example/v3", Username: "u", UserDomain: "d", Password: config.NewSecretFile("testdata/files/secret")}},
		"projects":    {a.Projects, []string{"eu-de", "eu-de_sub", "12345678901234567890123456789012"}},
		"collectors":  {a.Collectors, []string{"subnets", "quotas"}},
		"apis":        {a.APIs, config.APIs{"workspace", "bms", "list"}},
		"servers":     {a.Servers, "all"},
		"enterprise":  {a.EnterpriseProject + clouds[1].EnterpriseProject, "0"},
		"endpoints":   {a.Endpoints, map[string]string{"vpc": "https://vpc.example", "compute": "https://ecs.example/prefix", "bms": "https://bms.example", "workspace": "https://ws.example"}},
		"limits":      {a.Limits, config.Limits{2.5, 3, 50}},
		"timeout":     {a.HTTP.Timeout, 90 * time.Second},
		"proxy":       {proxy, "http://user:pass@proxy:3128"},
		"server name": {a.HTTP.TLS.ServerName, "x"},
		"insecure":    {a.HTTP.TLS.InsecureSkipVerify, true},
		"min version": {uint16(a.HTTP.TLS.MinVersion), uint16(0x0304)},
		"merged":      {clouds[1].Auth.URL + " " + clouds[1].Auth.Username, "https://iam.eu-nl.example/v3 u"},
		"star":        {clouds[1].Projects, []string{"*"}},
		"null group":  {clouds[1].Limits, config.Limits{10, 8, 2000}},
		"clouds_yaml": {clouds[2].Auth, config.Auth{Type: config.CloudsYAML, CloudsYAMLCloud: "lab", CloudsYAMLFile: "testdata/files/clouds.yaml"}},
		"env":         {clouds[3].Auth, config.Auth{Type: config.Env}},
		"app cred":    {clouds[4].Auth, config.Auth{Type: config.ApplicationCredential, URL: "https://keystone.example", ApplicationCredentialID: "i", ApplicationCredentialSecret: config.NewSecret("s")}},
		"temporary":   {clouds[5].Auth.SecurityToken, config.NewSecret("c")},
		"collection":  {c.Collection(), config.Collection{time.Minute, 2 * time.Minute, time.Hour}},
		"series":      {c.Series(), config.Series{10, "idle", false, "unattached", []string{"team", "cost-centre"}}},
	} {
		check.Equal(t, name, r.want, r.got)
	}
}

func TestWhatChecksFindStandsAmongAllOtherFaults(t *testing.T) {
	file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), `clouds:
  - name: a
    provider: openstack
    auth:
      type: clouds_yaml
      cloud: nope
  - name: b
    provider: openstack
    bogus: 1
    auth:
      type: env
  - name: c
    provider: openstack
    auth:
      type: clouds_yaml
  - name: d
    provider: openstack
    http: {timeout: 0s}
    auth: {type: env, password: x}
  - name: e
    provider: nowhere
    auth: {type: env}
`)
	keys := map[string]string{"a": "cloud", "b": "file", "c": "cloud", "d": "type", "e": "type"}
	_, err := config.Load(file, config.Options{Check: func(c config.Cloud) (string, []string, error) {
		return keys[c.Name], nil, errors.New("not there,\nby the check")
	}})
	want := strings.ReplaceAll(`FILE:6: clouds[0].auth.cloud: not there,\nby the check
FILE:9: clouds[1].bogus: unknown key: known here are name, provider, region, auth, projects, collectors, apis, servers, enterprise_project, endpoints, limits, http
FILE:10: clouds[1].auth.file: not there,\nby the check
FILE:14: clouds[2].auth.cloud: missing: auth.type clouds_yaml needs it
FILE:18: clouds[3].http.timeout: must be more than 0s, not "0s"
FILE:19: clouds[3].auth.password: is not used with auth.type env: remove it
FILE:19: clouds[3].auth.type: not there,\nby the check
FILE:21: clouds[4].provider: must be PROVIDERS, not "nowhere"`, "FILE", file)
	names := provider.Names()
	last := len(names) - 1
	want = strings.Replace(want, "PROVIDERS", strings.Join(names[:last], ", ")+" or "+names[last], 1)
	check.Equal(t, "faults", want, fmt.Sprint(err))
}

func TestAConfigurationThatChecksAgreeWithIsGood(t *testing.T) {
	file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), "clouds: [{name: a, provider: openstack, auth: {type: env}}]")
	asked := 0
	if cfg, err := config.Load(file, config.Options{Check: func(c config.Cloud) (string, []string, error) {
		asked++
		return "", []string{"the key trust is not used"}, nil
	}}); err != nil || asked != 1 || !strings.Contains(strings.Join(cfg.Warnings(), "\n"), "clouds[0].auth: the key trust is not used") {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
