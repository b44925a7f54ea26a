package cloudapi

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
)

func projectID(n int) string { return fmt.Sprintf("%032x", n) }

func projectsAnswered(body string) *world {
	return &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
		return fakeAnswer{Status: 200, Body: body}, strings.HasSuffix(req.URL.Path, "/projects")
	}}
}

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

func TestAllProjectsAreThoseThatCanBeWatched(t *testing.T) {
	s := newSession(t, ofProjects(keyConfig(), "*"), projectsAnswered(`{"projects":[`+strings.Join([]string{
		`{"id":"` + projectID(1) + `","name":"cn-north-4","enabled":true}`,
		`{"id":"` + projectID(2) + `","name":"cn-north-4_dev","enabled":"true"}`,
		`{"id":"` + projectID(3) + `","name":"MOS","enabled":true}`,
		`{"id":"` + projectID(4) + `","name":"off","enabled":false}`,
		`{"id":"` + projectID(9) + `","name":"off as a text","enabled":"False"}`,
		`{"id":"` + projectID(5) + `","name":"twin","enabled":true}`,
		`{"id":"` + projectID(6) + `","name":"twin"}`,
		`{"id":"` + projectID(7) + `","name":"eu-west-101","enabled":true}`,
		`{"id":"` + projectID(8) + `","name":"` + projectID(6) + `"}`,
		`{"id":"../evil","name":"evil","enabled":true}`,
	}, ",")+`],"links":{"next":null}}`))
	check.Equal(t, "before", []string{"*"}, s.cloud.Labels())
	check.Equal(t, "projects", []string{projectID(5), projectID(6), projectID(8), "cn-north-4", "cn-north-4_dev"}, s.labels(t))
	first := check.Get(s.cloud.Projects(t.Context()))(t)
	for _, p := range first {
		if id, err := p.ID(t.Context()); err != nil || len(id) != 32 {
			t.Errorf("%s: got id %q, %v", p.Label(), id, err)
		}
	}
	if !slices.Equal(first, check.Get(s.cloud.Projects(t.Context()))(t)) {
		t.Error("a project that stays is made anew, and logs in anew")
	}
	if s.Identity[0].Header.Get("X-Project-Id") != "" || s.Identity[0].URL.Path != "/v3/auth/projects" {
		t.Errorf("got %v", s.Identity[0].URL)
	}
}

func TestAToldProjectIsLoggedInToByItsIDWhateverItLooksLike(t *testing.T) {
	s := newSession(t, ofProjects(passwordConfig(), "*"), projectsAnswered(`{"projects":[{"id":"ldap-7","name":"alpha"}]}`))
	check.Equal(t, "projects", []string{"alpha"}, s.labels(t))
	_ = s.get(t.Context()) // the fake tells a token of another project
	if last := s.Bodies[len(s.Bodies)-1]; !strings.Contains(last, `"project":{"id":"ldap-7"}`) {
		t.Errorf("got the login %s, want one by id", last)
	}
	check.Equal(t, "id", "ldap-7", check.Get(s.project.ID(t.Context()))(t))
}

func TestAllProjectsByToken(t *testing.T) {
	recorded, _ := scripted.Recorded(t, "testdata/openstack", "keystone-auth-projects-200")
	s := newSession(t, ofProjects(passwordConfig(), "*"), projectsAnswered(recorded))
	check.Equal(t, "projects", []string{"admin"}, s.labels(t))
	_, _ = s.project.session.Catalogue(t.Context()) // logs in
	if strings.Contains(s.Bodies[0], "scope") || !strings.Contains(s.Bodies[1], `"scope":{"project":{"id":"9fb4f6c6110d4609bcc583144135802d"}}`) {
		t.Errorf("the logins, the first of which has no scope, are %q", s.Bodies)
	}
}

func TestAListOfProjectsThatIsNotWholeIsAnError(t *testing.T) {
	for _, body := range []string{
		`{}`, `<html>`, `{"projects":[],"truncated":true,"links":{}}`,
		`{"projects":[],"links":{"next":"http://internal/v3/auth/projects?marker=1"}}`,
		`{"projects":[{"id":"a","name":"a"}],"truncated":true}`, `{"projects":[{"id":"a","name":"a"}],"links":{"next":"http://internal/v3/auth/projects"}}`,
	} {
		s := newSession(t, ofProjects(keyConfig(), "*"), projectsAnswered(body))
		if projects, err := s.cloud.Projects(t.Context()); err == nil || len(s.Identity) != 1 {
			t.Errorf("%s: got %d projects after %d requests, no error", body, len(projects), len(s.Identity))
		}
	}
}

func TestAListOfProjectsIsReadPageByPage(t *testing.T) {
	pages := map[string]string{
		"":                  `{"projects":[{"id":"a1","name":"alpha"}],"truncated":true,"links":{"next":"http://internal/v3/projects?limit=1&marker=a1"}}`,
		"limit=1&marker=a1": `{"projects":[{"id":"a1","name":"alpha"},{"id":"b2","name":"beta"}],"links":{"next":null}}`,
	}
	s := newSession(t, ofProjects(keyConfig(), "*"), &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
		return fakeAnswer{Status: 200, Body: pages[req.URL.RawQuery]}, req.URL.Path == "/v3/auth/projects"
	}})
	check.Equal(t, "projects", []string{"alpha", "beta"}, s.labels(t))
	endless := &world{}
	endless.IAM = func(req *http.Request) (fakeAnswer, bool) {
		return fakeAnswer{Status: 200, Body: `{"projects":[{"id":"a1","name":"alpha"}],"links":{"next":"?marker=a1` + req.URL.Query().Get("marker") + `"}}`}, req.URL.Path == "/v3/auth/projects"
	}
	_, err := newSession(t, ofProjects(keyConfig(), "*"), endless).cloud.Projects(t.Context())
	check.Fails(t, "the same page for ever", err, "cut the list short")
	check.Equal(t, "its requests", 2, len(endless.Identity))
}

func TestANameIsResolvedToOneID(t *testing.T) {
	entry := func(n int, name string) string { return fmt.Sprintf(`{"id":%q,"name":%q}`, projectID(n), name) }
	for name, test := range map[string]struct {
		list, want, fault string
		asked             int // only a failure is tried again
	}{
		"one":     {entry(1, "cn-north-4") + "," + entry(2, "cn-north-4_dev"), projectID(1), "", 1},
		"none":    {entry(2, "cn-north-4_dev"), "", "none of that name", 4},
		"several": {entry(1, "cn-north-4") + "," + entry(3, "cn-north-4"), "", "write the id", 2},
	} {
		s := newSession(t, ofProjects(keyConfig(), "cn-north-4"), projectsAnswered(`{"projects":[`+test.list+`]}`))
		for range 2 {
			got, err := s.project.ID(t.Context())
			if got != test.want || test.fault != "" && (!apierr.IsAuth(err) || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		}
		if url := s.Identity[0].URL.String(); len(s.Identity) != test.asked || url != "https://iam.test/v3/projects?name=cn-north-4" {
			t.Errorf("%s: asked %d times, want %d, the first time %s", name, len(s.Identity), test.asked, url)
		}
	}
}

func TestANameIsResolvedAmongTheOwnProjectsWhereAllAreHidden(t *testing.T) {
	for _, refusal := range []int{200, 403, 404} {
		s := newSession(t, ofProjects(keyConfig(), "cn-north-4"), &world{IAM: func(req *http.Request) (fakeAnswer, bool) {
			if req.URL.Path == "/v3/projects" {
				return fakeAnswer{Status: refusal, Body: `{"projects":[]}`}, true
			}
			return fakeAnswer{Status: 200, Body: fmt.Sprintf(`{"projects":[{"id":%q,"name":"cn-north-4"}]}`, projectID(1))}, true
		}})
		if got, err := s.project.ID(t.Context()); got != projectID(1) || err != nil || s.Identity[1].URL.Path != "/v3/auth/projects" {
			t.Errorf("%d: got %q, %v by %s", refusal, got, err, s.Identity[1].URL.Path)
		}
	}
}

func TestListingsAreNarrowedForAdministratorsOfWrittenProjects(t *testing.T) {
	for name, test := range map[string]struct {
		projects   []string
		role       string
		narrow     string
		allTenants bool
	}{
		"written, admin":    {[]string{"alpha"}, "admin", testProject, false},
		"written, member":   {[]string{"alpha"}, "member", "", false},
		"own scope, admin":  {nil, "admin", "", true},
		"own scope, member": {nil, "member", "", false},
	} {
		s := newSession(t, ofProjects(passwordConfig(), test.projects...), &world{Role: test.role})
		narrow, err := s.project.Narrow(t.Context())
		all, err2 := s.project.AllTenants(t.Context())
		if narrow != test.narrow || all != test.allTenants || err != nil || err2 != nil {
			t.Errorf("%s: got %q, %v, %v, %v", name, narrow, all, err, err2)
		}
	}
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

func TestATokenWithoutProjectServesPathsWithoutProject(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{Token: `{"token":{}}`, Answer: inTurn(fakeAnswer{Status: http.StatusOK, Body: `{"subnets":[]}`})})
	whole(t, s.project.Subnets(t.Context()))
	check.Equal(t, "requests to the identity service", 1, len(s.Identity)) // the login alone
	if _, err := s.project.ID(t.Context()); !apierr.IsStatus(err, http.StatusNotFound) {
		t.Errorf("where an id is needed: got %v", err)
	}
}

func TestAProjectThatAloneTheTokenNamesIsResolved(t *testing.T) {
	s := newSession(t, ofProjects(passwordConfig()), &world{Token: `{"token":{"project":{"name":"alpha"}}}`})
	s.IAM = func(req *http.Request) (fakeAnswer, bool) {
		body := `{"projects":[]}`
		if req.URL.Query().Get("name") == "alpha" {
			body = `{"projects":[{"id":"` + testProject + `","name":"alpha"}]}`
		}
		return fakeAnswer{Status: http.StatusOK, Body: body}, true
	}
	check.Equal(t, "projects", []string{"alpha"}, s.labels(t))
	check.Equal(t, "id", testProject, check.Get(s.project.ID(t.Context()))(t))
}

func TestACloudWhoseLoginLeadsToAnotherProjectHasChanged(t *testing.T) {
	cfg := passwordConfig()
	cfg.Projects, cfg.Auth.Project = nil, ""
	s := newSession(t, cfg, &world{})
	check.OK(t, s.get(t.Context()))
	check.Equal(t, "changed before", false, s.cloud.Changed())
	s.Token = `{"token":{"project":{"id":"` + projectID(7) + `","name":"beta"}}}`
	old := s.Newest()
	s.Valid = func(token string) bool { return token != old }
	check.Fails(t, "a request", s.get(t.Context()), "reload")
	check.Equal(t, "changed after", true, s.cloud.Changed())
}
