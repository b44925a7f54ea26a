package cloudapi

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

// labels returns the labels of the projects that are watched, after a listing.
func (s *session) labels(t *testing.T) (labels []string) {
	t.Helper()
	projects := check.Get(s.cloud.Projects(t.Context()))(t)
	for _, p := range projects {
		labels = append(labels, p.Label())
	}
	s.project = projects[0]
	return labels
}

func TestCloudsYAMLIsRead(t *testing.T) {
	for _, name := range []string{"OS_PASSWORD", "OS_PROJECT_NAME", "OS_USERNAME"} {
		t.Setenv(name, "from the environment")
	}
	dir := t.TempDir()
	check.Write(t, filepath.Join(dir, "secure.yaml"), "clouds: {one: {auth: {password: file-secret}}}\n")
	file := check.Write(t, filepath.Join(dir, "clouds.yaml"), `clouds:
  one:
    auth: {auth_url: "https://iam.test/v3", username: exporter, project_name: alpha, user_domain_name: Users, project_domain_name: Projects}
    region_name: RegionOne
    interface: internal
    cacert: ""
  bare:
    auth: {auth_url: "https://iam.test/v3", username: exporter, password: yaml-secret}
`)
	named := func(cloud string, projects ...string) config.Cloud {
		cfg := ofProjects(passwordConfig(), projects...)
		cfg.Region, cfg.Auth = "", config.Auth{Type: config.CloudsYAML, CloudsYAMLFile: file, CloudsYAMLCloud: cloud}
		return cfg
	}
	_, err := Open(named("none"), Options{})
	check.Fails(t, "an unknown cloud", err, "clouds.yaml")
	s := newSession(t, named("one"), &world{})
	if got := s.cloud.Labels(); !slices.Equal(got, []string{"alpha"}) || s.cloud.region != "RegionOne" || !slices.Equal(s.cloud.credential.Interfaces("network"), []string{"internal"}) {
		t.Errorf("got labels %q, region %q", got, s.cloud.region)
	}
	check.OK(t, s.get(t.Context()))
	check.Equal(t, "the login", `{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"Users"},"name":"exporter","password":"file-secret"}}},"scope":{"project":{"domain":{"name":"Projects"},"name":"alpha"}}}}`, s.Bodies[0])
	check.Equal(t, "labels without project", []string{""}, newSession(t, named("bare"), &world{}).cloud.Labels())
	s = newSession(t, named("bare", "alpha"), &world{})
	if err := s.get(t.Context()); err != nil || !strings.Contains(s.Bodies[0], `"password":"yaml-secret"`) {
		t.Errorf("got %v, %s", err, s.Bodies)
	}
}

func TestAccessKeysOfTheEnvironmentSign(t *testing.T) {
	for _, names := range [][3]string{
		{"HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"},
		{"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"},
		{"OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_SECURITY_TOKEN"},
		{"OS_AK", "OS_SK", "OS_SECURITY_TOKEN"},
	} {
		scripted.ClearEnv(t)
		for i, value := range []string{"ENVAK", "ENVSK", "ENVTOKEN"} {
			t.Setenv(names[i], value)
		}
		cfg := keyConfig()
		cfg.Auth = config.Auth{Type: config.Env}
		s := newSession(t, cfg, &world{})
		check.OK(t, s.get(t.Context()))
		h := s.Requests[0].Header
		if !strings.Contains(h.Get("Authorization"), "Access=ENVAK,") || h.Get("X-Security-Token") != "ENVTOKEN" {
			t.Errorf("%v: got %v", names, h)
		}
	}
}

func TestTheOwnScopeIsNamedByItsToken(t *testing.T) {
	s := newSession(t, ofProjects(passwordConfig()), &world{})
	check.Equal(t, "labels before", []string{""}, s.cloud.Labels())
	for range 2 {
		check.Equal(t, "labels", []string{"alpha"}, s.labels(t))
	}
	if counted := s.metric(t, "cloudip_api_requests_total", "alpha", "create_token", "201"); counted != 1 || s.Logins() != 1 {
		t.Errorf("got %d logins, %v of them counted under the name, want 1", s.Logins(), counted)
	}
}
