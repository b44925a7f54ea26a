//go:build e2e

package openstack

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"cloudip_exporter/test/check"
)

// cloudsFile is where clouds.yaml was found.
func cloudsFile(t *testing.T) string {
	home, _ := os.UserConfigDir()
	for _, file := range []string{os.Getenv("OS_CLIENT_CONFIG_FILE"), "clouds.yaml", filepath.Join(home, "openstack", "clouds.yaml"), "/etc/openstack/clouds.yaml"} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err == nil {
			return check.Get(filepath.Abs(file))(t)
		}
	}
	t.Fatal("no clouds.yaml: set OS_CLIENT_CONFIG_FILE, and OS_CLOUD to the cloud to compare with")
	return ""
}

// session is a login of the test's own.
type session struct {
	t         *testing.T
	token     string
	expires   time.Time
	projectID string
	admin     bool
	endpoints map[string]string // by service type
}

// login logs in to a cloud of a clouds.yaml by its password.
func login(t *testing.T, file, cloud string) *session {
	var all struct {
		Clouds map[string]struct {
			Auth struct {
				AuthURL           string `yaml:"auth_url"`
				Username          string `yaml:"username"`
				Password          string `yaml:"password"`
				ProjectName       string `yaml:"project_name"`
				UserDomainName    string `yaml:"user_domain_name"`
				ProjectDomainName string `yaml:"project_domain_name"`
			} `yaml:"auth"`
			Region string `yaml:"region_name"`
		} `yaml:"clouds"`
	}
	check.OK(t, yaml.Unmarshal([]byte(check.Read(t, file)), &all))
	e, ok := all.Clouds[cloud]
	if !ok {
		t.Fatalf("%s has no cloud %q (OS_CLOUD)", file, cloud)
	}
	domain := func(name string) map[string]any { return map[string]any{"name": name} }
	body, err := json.Marshal(map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": map[string]any{
			"name": e.Auth.Username, "password": e.Auth.Password, "domain": domain(e.Auth.UserDomainName)}}},
		"scope": map[string]any{"project": map[string]any{"name": e.Auth.ProjectName, "domain": domain(e.Auth.ProjectDomainName)}},
	}})
	check.OK(t, err)
	resp := check.Get(http.Post(strings.TrimSuffix(e.Auth.AuthURL, "/")+"/auth/tokens", "application/json", bytes.NewReader(body)))(t)
	defer resp.Body.Close()
	var answer struct {
		Token struct {
			ExpiresAt time.Time `json:"expires_at"`
			Project   struct{ ID string }
			Roles     []struct{ Name string }
			Catalog   []struct {
				Type      string
				Endpoints []struct{ Interface, URL, Region string }
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("login as %s: status %d, %v", e.Auth.Username, resp.StatusCode, err)
	}
	s := &session{t: t, token: resp.Header.Get("X-Subject-Token"), expires: answer.Token.ExpiresAt,
		projectID: answer.Token.Project.ID, endpoints: map[string]string{}}
	for _, role := range answer.Token.Roles {
		s.admin = s.admin || role.Name == "admin"
	}
	for _, service := range answer.Token.Catalog {
		for _, ep := range service.Endpoints {
			if ep.Interface == "public" && (e.Region == "" || ep.Region == e.Region) {
				s.endpoints[service.Type] = strings.TrimSuffix(ep.URL, "/")
			}
		}
	}
	return s
}

// get reads one whole answer into v.
func (s *session) get(service, path string, query url.Values, v any) {
	s.t.Helper()
	base := s.endpoints[service]
	if base == "" {
		s.t.Fatalf("the catalogue has no public endpoint for %q", service)
	}
	status, text := s.do(http.MethodGet, base+path+"?"+query.Encode(), "")
	if status != http.StatusOK {
		s.t.Fatalf("GET %s: status %d: %.200s", path, status, text)
	}
	check.OK(s.t, json.Unmarshal(text, v))
}

func (s *session) do(method, address, body string) (status int, answer []byte) {
	s.t.Helper()
	req := check.Get(http.NewRequest(method, address, strings.NewReader(body)))(s.t)
	req.Header.Set("X-Auth-Token", s.token)
	req.Header.Set("Content-Type", "application/json")
	resp := check.Get(http.DefaultClient.Do(req))(s.t)
	defer resp.Body.Close()
	return resp.StatusCode, check.Get(io.ReadAll(resp.Body))(s.t)
}

// list reads all pages of a listing, by marker, until an empty page.
func list[T any](s *session, service, path, key string, query url.Values, id func(T) string) []T {
	s.t.Helper()
	var all []T
	q := url.Values{"limit": {"500"}}
	maps.Copy(q, query)
	for {
		var page map[string]json.RawMessage
		s.get(service, path, q, &page)
		var items []T
		check.OK(s.t, json.Unmarshal(page[key], &items))
		if len(items) == 0 {
			return all
		}
		all = append(all, items...)
		q.Set("marker", id(items[len(items)-1]))
	}
}
