package config_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

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
			if _, ok := errors.AsType[config.Faults](err); !ok || c != nil {
				t.Fatalf("got %v, %v, want faults and no configuration", c, err)
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !faultLine.MatchString(line) {
					t.Errorf("not FILE:LINE: KEY: text: %q", line)
				}
			}
			check.Lacks(t, "the error", err.Error(), "CANARY")
			golden.Check(t, strings.TrimSuffix(file, ".yml")+".txt", err.Error()+"\n")
		})
	}
}

// TestWhatIsReadIsThatInTheFile compares every setting of each good configuration, the defaults
// among them, with the file beside it.
func TestWhatIsReadIsThatInTheFile(t *testing.T) {
	for _, file := range check.Files(t, "testdata/good/*.yml") {
		c := load(t, file)
		var lines []string
		for i, cloud := range c.Clouds() {
			lines = append(lines, settings(t, fmt.Sprintf("Clouds[%d]", i), reflect.ValueOf(cloud))...)
		}
		for name, group := range map[string]any{"Collection": c.Collection(), "Series": c.Series(), "Storage": c.Storage()} {
			lines = append(lines, settings(t, name, reflect.ValueOf(group))...)
		}
		slices.Sort(lines)
		golden.Check(t, strings.TrimSuffix(file, ".yml")+".txt", strings.Join(lines, ""))
	}
}

// settings has a line for each setting that is not zero. Secrets are revealed.
func settings(t *testing.T, path string, v reflect.Value) (lines []string) {
	secret, is := v.Interface().(config.Secret)
	switch {
	case v.IsZero():
	case is:
		lines = append(lines, fmt.Sprintf("%s: %s\n", path, check.Get(secret.Reveal())(t)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			lines = append(lines, settings(t, path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	default:
		lines = append(lines, fmt.Sprintf("%s: %v\n", path, v))
	}
	return lines
}

func load(t *testing.T, file string) *config.Config {
	t.Helper()
	return check.Get(config.Load(file, options()))(t)
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
