package cloudapi

import (
	"cmp"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

// TestWhatIsSentIsWhatOpenstacksdkSends logs in by each recorded clouds.yaml and
// environment to a cloud of two regions and three interfaces, and compares the
// login and the addresses of the services with those of openstacksdk.
func TestWhatIsSentIsWhatOpenstacksdkSends(t *testing.T) {
	files := check.Files(t, check.Get(filepath.Abs("auth/clientconfig/testdata/*.txtar"))(t))
	if len(files) < 60 {
		t.Fatalf("%d cases, want at least 60", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			cfg, want := recordedLogin(t, file)
			s := newSession(t, cfg, &world{Token: twoRegions()})
			// Where nobody chooses a region openstacksdk takes the first, in silence.
			if _, err := s.project.service(t.Context(), "network"); err != nil && strings.Contains(err.Error(), "several regions (RegionOne, RegionTwo): set region") {
				cfg.Region = "RegionOne"
				s = newSession(t, cfg, &world{Token: twoRegions()})
			}
			got := map[string]string{}
			for _, service := range []string{"network", "compute"} {
				c := check.Get(s.project.service(t.Context(), service))(t)
				got[service] = c.Base.Path
				if want[service] = strings.TrimSuffix(want[service], "/v2.1"); got[service] == strings.TrimSuffix(want[service], "/v2.0") {
					want[service] = got[service] // a version in the path is replaced by the one that is asked
				}
			}
			check.Get(s.project.ID(t.Context()))(t)
			got["auth_url"] = strings.TrimSuffix(s.Identity[0].URL.String(), "/v3/auth/tokens")
			want["auth_url"] = strings.ToLower(strings.TrimSuffix(want["auth_url"], "/v3"))
			got["verify"] = fmt.Sprint(s.secure.TLSClientConfig == nil || !s.secure.TLSClientConfig.InsecureSkipVerify)
			got["login"], got["who"], got["scope"] = sentBy(t, s.Bodies[0])
			// A domain that openstacksdk leaves out counts as Default.
			for _, key := range []string{"auth_url", "login", "who", "scope", "network", "compute", "verify"} {
				if got[key] != want[key] && strings.TrimPrefix(got[key], "domain name Default ") != want[key] {
					t.Errorf("%s: got %q, openstacksdk sends %q", key, got[key], want[key])
				}
			}
		})
	}
}

// recordedLogin lays out the files and variables of a case and returns the
// configuration that names them, and what openstacksdk sends.
func recordedLogin(t *testing.T, file string) (cfg config.Cloud, want map[string]string) {
	t.Helper()
	archive := check.Get(txtar.ParseFile(file))(t)
	dir := t.TempDir()
	t.Chdir(dir)
	scripted.ClearEnv(t)
	t.Setenv("HOME", dir)
	server := httptest.NewTLSServer(http.NotFoundHandler()) // for a certificate that OS_CACERT can name
	server.Close()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	check.Write(t, "ca.pem", string(authority))
	cfg = passwordConfig()
	cfg.Region, cfg.Projects, cfg.Endpoints = "", nil, nil
	cfg.Auth = config.Auth{Type: config.CloudsYAML, CloudsYAMLCloud: "c1"}
	want = map[string]string{}
	for _, f := range archive.Files {
		switch f.Name {
		case "expect":
			var all map[string]any
			check.OK(t, json.Unmarshal(f.Data, &all))
			for key, value := range all {
				want[key] = fmt.Sprint(value)
			}
		case "env":
			cfg.Auth = config.Auth{Type: config.Env}
			for line := range strings.Lines(string(f.Data)) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				t.Setenv(name, value)
			}
		}
		path := filepath.Join(dir, f.Name)
		check.OK(t, os.MkdirAll(filepath.Dir(path), 0o700))
		check.Write(t, path, string(f.Data))
	}
	return cfg, want
}

// twoRegions is a token answer whose catalogue has two regions and three interfaces.
func twoRegions() string {
	var services []string
	for _, service := range []string{"network", "compute"} {
		var endpoints []string
		for _, region := range []string{"RegionOne", "RegionTwo"} {
			for _, face := range []string{"public", "internal", "admin"} {
				endpoints = append(endpoints, fmt.Sprintf(`{"interface":%q,"region":%q,"url":"https://cloud.test/%s/%s/%s"}`, face, region, region, face, service))
			}
		}
		services = append(services, fmt.Sprintf(`{"type":%q,"endpoints":[%s]}`, service, strings.Join(endpoints, ",")))
	}
	return `{"token":{"expires_at":"2099-01-01T00:00:00Z","project":{"id":"` + testProject + `"},"catalog":[` + strings.Join(services, ",") + `]}}`
}

// named is a user, a project or a credential of a user in a login, by its id or its names.
type named struct {
	ID, Name string
	Domain   struct{ ID, Name string }
	User     *named
}

func (n named) String() string {
	switch {
	case n.ID != "":
		return "id=" + n.ID
	case n.User != nil:
		return "name=" + n.Name + " " + n.User.String()
	case n.Domain.ID != "":
		return "domain id " + n.Domain.ID + " name=" + n.Name
	}
	return "domain name " + cmp.Or(n.Domain.Name, "Default") + " name=" + n.Name
}

// sentBy returns the method, the user or credential, and the scope of a login.
func sentBy(t *testing.T, body string) (method, who, scope string) {
	t.Helper()
	var sent struct {
		Auth struct {
			Identity struct {
				Methods    []string
				Password   struct{ User named }
				Token      named
				Credential named `json:"application_credential"`
			}
			Scope struct{ Project *named }
		}
	}
	check.OK(t, json.Unmarshal([]byte(body), &sent))
	identity, scope := sent.Auth.Identity, "none"
	if p := sent.Auth.Scope.Project; p != nil {
		scope = p.String()
	}
	by := map[string]named{"password": identity.Password.User, "token": identity.Token, "application_credential": identity.Credential}
	return identity.Methods[0], by[identity.Methods[0]].String(), scope
}
