package cloudapi

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

func projectID(n int) string { return fmt.Sprintf("%032x", n) }

func projectsAnswered(body string) func(req *http.Request) (fakeAnswer, bool) {
	return func(req *http.Request) (fakeAnswer, bool) {
		return fakeAnswer{Status: 200, Body: body}, strings.HasSuffix(req.URL.Path, "/projects")
	}
}

func expandedLabels(t *testing.T, s *session) []string {
	t.Helper()
	projects, err := s.cloud.Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]string, len(projects))
	for i, p := range projects {
		labels[i] = p.Label()
		if id, err := p.ID(t.Context()); err != nil || len(id) != 32 {
			t.Errorf("%s: got id %q, %v", p.Label(), id, err)
		}
	}
	return labels
}

func TestAllProjectsAreThoseThatCanBeWatched(t *testing.T) {
	body := `{"projects":[` + strings.Join([]string{
		`{"id":"` + projectID(1) + `","name":"cn-north-4","enabled":true}`,
		`{"id":"` + projectID(2) + `","name":"cn-north-4_dev","enabled":true}`,
		`{"id":"` + projectID(3) + `","name":"MOS","enabled":true}`,
		`{"id":"` + projectID(4) + `","name":"off","enabled":false}`,
		`{"id":"` + projectID(5) + `","name":"twin","enabled":true}`,
		`{"id":"` + projectID(6) + `","name":"twin"}`,
		`{"id":"` + projectID(7) + `","name":"eu-west-101","enabled":true}`,
		`{"id":"` + projectID(8) + `","name":"` + projectID(6) + `"}`,
		`{"id":"../evil","name":"evil","enabled":true}`,
	}, ",") + `],"links":{"next":null}}`
	cfg := keyConfig()
	cfg.Projects = []string{"*"}
	s := newSession(t, cfg, &world{IAM: projectsAnswered(body)})
	if got := s.cloud.Labels(); !slices.Equal(got, []string{"*"}) {
		t.Errorf("before: got %q", got)
	}
	want := []string{projectID(5), projectID(6), projectID(8), "cn-north-4", "cn-north-4_dev"}
	if got := expandedLabels(t, s); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	again, _ := s.cloud.Projects(t.Context())
	first, _ := s.cloud.Projects(t.Context())
	if !slices.Equal(first, again) {
		t.Error("a project that stays is made anew, and logs in anew")
	}
	if s.Identity[0].Header.Get("X-Project-Id") != "" || s.Identity[0].URL.Path != "/v3/auth/projects" {
		t.Errorf("got %v", s.Identity[0].URL)
	}
}

func TestAToldProjectIsLoggedInToByItsIDWhateverItLooksLike(t *testing.T) {
	cfg := passwordConfig()
	cfg.Projects = []string{"*"}
	s := newSession(t, cfg, &world{IAM: projectsAnswered(`{"projects":[{"id":"ldap-7","name":"alpha"}]}`)})
	projects, err := s.cloud.Projects(t.Context())
	if err != nil || len(projects) != 1 {
		t.Fatalf("got %v, %v", projects, err)
	}
	s.project = projects[0]
	_ = s.get(t.Context()) // the fake tells a token of another project
	if last := s.Bodies[len(s.Bodies)-1]; !strings.Contains(last, `"project":{"id":"ldap-7"}`) {
		t.Errorf("got the login %s, want one by id", last)
	}
	if id, err := s.project.ID(t.Context()); id != "ldap-7" || err != nil {
		t.Errorf("got id %q, %v", id, err)
	}
}

func TestAllProjectsByToken(t *testing.T) {
	cfg := passwordConfig()
	cfg.Projects = []string{"*"}
	recordedBody, _ := recorded(t, "keystone-auth-projects-200")
	s := newSession(t, cfg, &world{IAM: projectsAnswered(recordedBody)})
	projects, err := s.cloud.Projects(t.Context())
	if err != nil || len(projects) != 1 || projects[0].Label() != "admin" {
		t.Fatalf("got %v, %v", projects, err)
	}
	if strings.Contains(s.Bodies[0], "scope") {
		t.Errorf("the first login has a scope: %s", s.Bodies[0])
	}
	_ = drain(nil, projects[0].warm(t))
	if !strings.Contains(s.Bodies[1], `"scope":{"project":{"id":"9fb4f6c6110d4609bcc583144135802d"}}`) {
		t.Errorf("the second login is %s", s.Bodies[1])
	}
}

// warm logs in.
func (p *Project) warm(t *testing.T) error {
	_, err := p.session.Catalogue(t.Context())
	return err
}

func TestAListOfProjectsThatIsNotWholeIsAnError(t *testing.T) {
	for _, body := range []string{
		`{}`, `<html>`, `{"projects":[],"truncated":true,"links":{}}`,
		`{"projects":[],"links":{"next":"http://internal/v3/auth/projects?marker=1"}}`,
	} {
		cfg := keyConfig()
		cfg.Projects = []string{"*"}
		s := newSession(t, cfg, &world{IAM: projectsAnswered(body)})
		if projects, err := s.cloud.Projects(t.Context()); err == nil || len(s.Identity) != 1 {
			t.Errorf("%s: got %d projects after %d requests, no error", body, len(projects), len(s.Identity))
		}
	}
}

func TestANameIsResolvedToOneID(t *testing.T) {
	entry := func(n int, name string) string { return fmt.Sprintf(`{"id":%q,"name":%q}`, projectID(n), name) }
	for name, test := range map[string]struct{ list, want, fault string }{
		"one":     {entry(1, "cn-north-4") + "," + entry(2, "cn-north-4_dev"), projectID(1), ""},
		"none":    {entry(2, "cn-north-4_dev"), "", "none of that name"},
		"several": {entry(1, "cn-north-4") + "," + entry(3, "cn-north-4"), "", "write the id"},
	} {
		cfg := keyConfig()
		cfg.Projects = []string{"cn-north-4"}
		s := newSession(t, cfg, &world{IAM: projectsAnswered(`{"projects":[` + test.list + `]}`)})
		for range 2 {
			got, err := s.project.ID(t.Context())
			if got != test.want || test.fault != "" && (!apierr.IsAuth(err) || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		}
		if want := map[string]int{"one": 1, "none": 4, "several": 2}[name]; len(s.Identity) != want {
			t.Errorf("%s: asked %d times, want %d: only a failure is tried again", name, len(s.Identity), want)
		}
		if got := s.Identity[0].URL.String(); got != "https://iam.test/v3/projects?name=cn-north-4" {
			t.Errorf("%s: asked %s", name, got)
		}
	}
}

func TestANameIsResolvedAmongTheOwnProjectsWhereAllAreHidden(t *testing.T) {
	for _, refusal := range []int{200, 403, 404} {
		cfg := keyConfig()
		cfg.Projects = []string{"cn-north-4"}
		s := newSession(t, cfg, &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
			if req.URL.Path == "/v3/projects" {
				return fakeAnswer{Status: refusal, Body: `{"projects":[]}`}, true
			}
			return fakeAnswer{Status: 200, Body: fmt.Sprintf(`{"projects":[{"id":%q,"name":"cn-north-4"}]}`, projectID(1))}, true
		}})
		if got, err := s.project.ID(t.Context()); got != projectID(1) || err != nil {
			t.Errorf("%d: got %q, %v", refusal, got, err)
		}
		if got := s.Identity[1].URL.Path; got != "/v3/auth/projects" {
			t.Errorf("%d: asked %s", refusal, got)
		}
	}
}

func TestListingsAreNarrowedForAdministratorsOfWrittenProjects(t *testing.T) {
	for name, test := range map[string]struct {
		projects   []string
		admin      bool
		narrow     string
		allTenants bool
	}{
		"written, admin":    {[]string{"alpha"}, true, testProject, false},
		"written, member":   {[]string{"alpha"}, false, "", false},
		"own scope, admin":  {nil, true, "", true},
		"own scope, member": {nil, false, "", false},
	} {
		cfg := passwordConfig()
		cfg.Projects = test.projects
		w := &world{}
		if test.admin {
			w.Role = "admin"
		}
		s := newSession(t, cfg, w)
		narrow, err := s.project.Narrow(t.Context())
		all, err2 := s.project.AllTenants(t.Context())
		if narrow != test.narrow || all != test.allTenants || err != nil || err2 != nil {
			t.Errorf("%s: got %q, %v, %v, %v", name, narrow, all, err, err2)
		}
	}
}

const cloudsYAML = `clouds:
  one:
    auth: {auth_url: "https://iam.test/v3", username: exporter, project_name: alpha, user_domain_name: Users, project_domain_name: Projects}
    region_name: RegionOne
    interface: internal
    cacert: ""
  bare:
    auth: {auth_url: "https://iam.test/v3", username: exporter, password: yaml-secret}
`

func TestCloudsYAMLIsRead(t *testing.T) {
	for _, name := range []string{"OS_PASSWORD", "OS_PROJECT_NAME", "OS_USERNAME"} {
		t.Setenv(name, "from the environment")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "clouds.yaml")
	for name, text := range map[string]string{"clouds.yaml": cloudsYAML, "secure.yaml": "clouds: {one: {auth: {password: file-secret}}}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := passwordConfig()
	cfg.Region, cfg.Projects = "", nil
	cfg.Auth = config.Auth{Type: config.CloudsYAML, CloudsYAMLFile: file, CloudsYAMLCloud: "one"}
	s := newSession(t, cfg, &world{})
	if got := s.cloud.Labels(); !slices.Equal(got, []string{"alpha"}) || s.cloud.region != "RegionOne" || !slices.Equal(s.cloud.credential.Interfaces("network"), []string{"internal"}) {
		t.Errorf("got labels %q, region %q", got, s.cloud.region)
	}
	if err := s.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"Users"},"name":"exporter","password":"file-secret"}}},"scope":{"project":{"domain":{"name":"Projects"},"name":"alpha"}}}}`
	if s.Bodies[0] != want {
		t.Errorf("got %s, want %s", s.Bodies[0], want)
	}
	cfg.Auth.CloudsYAMLCloud = "bare"
	if got := newSession(t, cfg, &world{}).cloud.Labels(); !slices.Equal(got, []string{""}) {
		t.Errorf("without project: got labels %q", got)
	}
	cfg.Projects = []string{"alpha"}
	s = newSession(t, cfg, &world{})
	if err := s.get(t.Context()); err != nil || !strings.Contains(s.Bodies[0], `"password":"yaml-secret"`) {
		t.Errorf("got %v, %s", err, s.Bodies)
	}
	cfg.Auth.CloudsYAMLCloud = "none"
	if _, err := Open(cfg, Options{}); err == nil || !strings.Contains(err.Error(), "clouds.yaml") {
		t.Errorf("an unknown cloud: got %v", err)
	}
}

func TestAccessKeysOfTheEnvironmentSign(t *testing.T) {
	for _, names := range [][3]string{
		{"HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"},
		{"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"},
		{"OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_SECURITY_TOKEN"},
		{"OS_AK", "OS_SK", "OS_SECURITY_TOKEN"},
	} {
		clearEnv(t)
		for i, value := range []string{"ENVAK", "ENVSK", "ENVTOKEN"} {
			t.Setenv(names[i], value)
		}
		cfg := keyConfig()
		cfg.Auth = config.Auth{Type: config.Env}
		s := newSession(t, cfg, &world{})
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := s.Requests[0].Header
		if !strings.Contains(h.Get("Authorization"), "Access=ENVAK,") || h.Get("X-Security-Token") != "ENVTOKEN" {
			t.Errorf("%v: got %v", names, h)
		}
	}
}

func clearEnv(t *testing.T) {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"OS_", "HW_", "HUAWEICLOUD_"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
}

func TestTheOwnScopeIsNamedByItsToken(t *testing.T) {
	cfg := passwordConfig()
	cfg.Projects = nil
	s := newSession(t, cfg, &world{})
	if got := s.cloud.Labels(); len(got) != 1 || got[0] != "" {
		t.Errorf("before: got %q", got)
	}
	projects, err := s.cloud.Projects(t.Context())
	if err != nil || len(projects) != 1 || projects[0].Label() != "alpha" {
		t.Fatalf("got %v, %v", projects, err)
	}
	if got := s.metric(t, "cloudip_api_requests_total", "alpha", "create_token", "201"); got != 1 {
		t.Errorf("the login counts %v times under the name, want 1", got)
	}
	if _, err := s.cloud.Projects(t.Context()); err != nil || s.Logins() != 1 {
		t.Errorf("got %d logins, %v; want no other", s.Logins(), err)
	}
}

func TestATokenWithoutProjectServesPathsWithoutProject(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{Token: `{"token":{}}`, Answer: func(int, *http.Request) fakeAnswer {
		return fakeAnswer{Status: http.StatusOK, Body: `{"subnets":[]}`}
	}})
	for _, err := range s.project.Subnets(t.Context()) {
		if err != nil {
			t.Error(err)
		}
	}
	if len(s.Identity) != 1 {
		t.Errorf("got %d requests to the identity service, want the login alone", len(s.Identity))
	}
	if _, err := s.project.ID(t.Context()); !apierr.IsStatus(err, http.StatusNotFound) {
		t.Errorf("where an id is needed: got %v", err)
	}
}

func TestAProjectThatAloneTheTokenNamesIsResolved(t *testing.T) {
	cfg := passwordConfig()
	cfg.Projects = nil
	s := newSession(t, cfg, &world{Token: `{"token":{"project":{"name":"alpha"}}}`})
	s.IAM = func(req *http.Request) (fakeAnswer, bool) {
		body := `{"projects":[]}`
		if req.URL.Query().Get("name") == "alpha" {
			body = `{"projects":[{"id":"` + testProject + `","name":"alpha"}]}`
		}
		return fakeAnswer{Status: http.StatusOK, Body: body}, true
	}
	projects, err := s.cloud.Projects(t.Context())
	if err != nil || len(projects) != 1 || projects[0].Label() != "alpha" {
		t.Fatalf("got %v, %v", projects, err)
	}
	if id, err := projects[0].ID(t.Context()); id != testProject || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
}
