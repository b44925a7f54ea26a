package cloudapi

import (
	"path/filepath"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

// What a login by clouds.yaml sends, and its region and interface, are compared with openstacksdk.
func TestTheLabelOfCloudsYAMLCounts(t *testing.T) {
	scripted.ClearEnv(t)
	t.Setenv("OS_PROJECT_NAME", "of the environment")
	file := check.Write(t, filepath.Join(t.TempDir(), "clouds.yaml"), `clouds:
  one: {auth: {auth_url: "https://iam.test/v3", username: u, password: p, project_name: alpha}}
  bare: {auth: {auth_url: "https://iam.test/v3", username: u, password: p}}
`)
	for cloud, label := range map[string]string{"one": "alpha", "bare": ""} {
		cfg := ofProjects(passwordConfig())
		cfg.Region, cfg.Auth = "", config.Auth{Type: config.CloudsYAML, CloudsYAMLFile: file, CloudsYAMLCloud: cloud}
		c := newSession(t, cfg, &world{}).cloud
		check.Equal(t, cloud+": labels", []string{label}, c.Labels())
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
		check.Equal(t, "label", "alpha", check.Get(s.cloud.Projects(t.Context()))(t)[0].Label())
		check.Equal(t, "labels", []string{"alpha"}, s.cloud.Labels())
	}
	counted := s.metric(t, "cloudip_api_requests_total", "alpha", "create_token", "201")
	check.Equal(t, "logins, and those counted under the name", []int{1, 1}, []int{s.Logins(), int(counted)})
}

func TestWhatAClosedCloudStillDoesIsNotCounted(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{})
	s.cloud.Close()
	check.OK(t, s.get(t.Context()))
	for _, f := range check.Get(s.registry.Gather())(t) {
		t.Errorf("%s: %v", f.GetName(), f.GetMetric())
	}
}
