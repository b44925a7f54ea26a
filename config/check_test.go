package config_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
)

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
    auth: {type: env}
  - name: e
    provider: nowhere
    auth: {type: env}
`)
	keys := map[string]string{"a": "auth.cloud", "b": "auth.file", "c": "auth.cloud", "d": "", "e": "auth.type"}
	_, err := config.Load(file, config.Options{Check: func(c config.Cloud) (string, []string, error) {
		return keys[c.Name], nil, errors.New("not there,\nby the check")
	}})
	want := strings.ReplaceAll(`FILE:6: clouds[0].auth.cloud: not there,\nby the check
FILE:9: clouds[1].bogus: unknown key: known here are name, provider, region, auth, projects, collectors, apis, servers, enterprise_project, endpoints, limits, http
FILE:10: clouds[1].auth.file: not there,\nby the check
FILE:14: clouds[2].auth.cloud: missing: auth.type clouds_yaml needs it
FILE:16: clouds[3]: not there,\nby the check
FILE:18: clouds[3].http.timeout: must be more than 0s, not "0s"
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
