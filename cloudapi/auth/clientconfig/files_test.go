//go:build unix

package clientconfig

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cloudip_exporter/config"
)

func TestWhatIsNoFileKeepsNoLoginWaiting(t *testing.T) {
	clearEnv(t)
	put := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, spoil := range map[string]func(dir string) error{
		"clouds.yaml":        func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "clouds.yaml"), 0o600) },
		"secure.yaml":        func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "secure.yaml"), 0o600) },
		"a device":           func(dir string) error { return os.Symlink("/dev/zero", filepath.Join(dir, "secure.yaml")) },
		"a folder":           func(dir string) error { return os.Mkdir(filepath.Join(dir, "secure.yaml"), 0o700) },
		"larger than 1 MiB":  func(dir string) error { put(dir, "secure.yaml", strings.Repeat("#", maxAuthFile+1)); return nil },
		"a password in YAML": func(dir string) error { put(dir, "secure.yaml", "clouds: sUpEr-sEcReT\n"); return nil },
	} {
		dir := t.TempDir()
		if name != "clouds.yaml" {
			put(dir, "clouds.yaml", cloudsYAML)
		}
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{filepath.Join(dir, "clouds.yaml"), ""} {
			t.Chdir(dir) // a place that is searched
			_, err := FromCloudsYAML(cloudsYAMLConfig(file, "one"))
			if err == nil || !strings.Contains(err.Error(), ".yaml") || strings.Contains(err.Error(), "sEcReT") {
				t.Errorf("%s, file %q: error %v", name, file, err)
			}
		}
	}
}

func TestACertificateThatIsNoFileIsAnError(t *testing.T) {
	clearEnv(t)
	for name, value := range map[string]string{
		"OS_AUTH_URL": "https://iam.test/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_NAME": "alpha",
		"OS_USER_DOMAIN_NAME": "Users", "OS_PROJECT_DOMAIN_NAME": "Projects", "OS_CACERT": "/dev/zero",
	} {
		t.Setenv(name, value)
	}
	login, err := FromEnvironment(environmentConfig(config.OpenStack))
	if err == nil {
		err = login.ApplyTLS(&http.Transport{})
	}
	if err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}

func TestCloudsYAMLIsFoundInTheHomeThatTheEnvironmentNames(t *testing.T) {
	clearEnv(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(t.TempDir())
	dir := filepath.Join(home, ".config", "openstack")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "clouds: {one: {auth: {auth_url: 'https://iam.test/v3', username: u, password: p, project_name: alpha}}}"
	if err := os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	login, err := FromCloudsYAML(cloudsYAMLConfig("", "one"))
	if err != nil || login.Project != "alpha" {
		t.Errorf("got %+v, %v", login, err)
	}
}

// credentialFiles writes a clouds file, and beside it one with the password.
func credentialFiles(t *testing.T, dir, clouds, secure, password string) {
	t.Helper()
	for name, text := range map[string]string{
		clouds: cloudsYAML,
		secure: "clouds: {one: {auth: {password: " + password + "}}}\n",
	} {
		if name == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func passwordOfOne(t *testing.T, file string) string {
	t.Helper()
	o, err := FromCloudsYAML(cloudsYAMLConfig(file, "one"))
	if err != nil {
		t.Fatal(err)
	}
	return o.Password
}

func TestThePasswordOfANamedCloudsYAMLStandsBesideIt(t *testing.T) {
	clearEnv(t)
	here := t.TempDir()
	t.Chdir(here)
	credentialFiles(t, here, "", "secure.yaml", "of-here")
	for _, clouds := range []string{"clouds.yaml", "clouds.yml", "other"} {
		for _, secure := range []string{"secure.yaml", "secure.yml"} {
			dir := t.TempDir()
			credentialFiles(t, dir, clouds, secure, "beside")
			if got := passwordOfOne(t, filepath.Join(dir, clouds)); got != "beside" {
				t.Errorf("%s and %s: password %q", clouds, secure, got)
			}
		}
	}
	dir := t.TempDir()
	credentialFiles(t, dir, "clouds.yml", "secure.yml", "of-yml")
	credentialFiles(t, dir, "clouds.yml", "secure.yaml", "of-yaml")
	if got := passwordOfOne(t, filepath.Join(dir, "clouds.yml")); got != "of-yaml" {
		t.Errorf("with both endings: password %q", got)
	}
}

func TestTheEnvironmentNamesCloudsYAMLAndNotWhereItsPasswordIs(t *testing.T) {
	clearEnv(t)
	here, named := t.TempDir(), t.TempDir()
	t.Chdir(here)
	credentialFiles(t, here, "", "secure.yml", "of-a-usual-place")
	credentialFiles(t, named, "clouds.yaml", "secure.yaml", "beside")
	t.Setenv("OS_CLIENT_CONFIG_FILE", filepath.Join(named, "clouds.yaml"))
	if got := passwordOfOne(t, ""); got != "of-a-usual-place" {
		t.Errorf("password %q", got)
	}
}
