package auth

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

const otherProject = "00000000000000000000000000000bad"

func TestATokenCountsAsAskedForUnlessItNamesAnotherProject(t *testing.T) {
	const alpha, beta = `"name":"alpha"`, `"name":"beta"`
	id, other := `"id":"`+testProject+`"`, `"id":"`+otherProject+`"`
	named := wantedProject{name: "alpha", written: "projects"}
	byID := wantedProject{id: testProject, written: "projects"}
	for _, test := range []struct {
		want    wantedProject
		project string // of the answer
		id      string // "-" is an error
	}{
		{named, id + "," + alpha, testProject},
		{named, id, testProject},
		{named, alpha, ""},
		{named, id + `,"name":"Alpha"`, testProject}, // some clouds do not tell them apart
		{named, ``, ""},
		{named, id + "," + beta, "-"},
		{named, beta, "-"},
		{byID, id + "," + alpha, testProject},
		{byID, id, testProject},
		{byID, alpha, testProject},
		{byID, ``, testProject},
		{byID, other, "-"},
		{byID, other + "," + alpha, "-"},
		{wantedProject{}, id, testProject},
		{wantedProject{}, alpha, ""},
		{wantedProject{}, ``, "-"},
		{wantedProject{}, `"id":"../x"`, "-"},
		{wantedProject{none: true}, ``, ""},
		{wantedProject{none: true}, other + "," + beta, otherProject},
	} {
		l := &login{Identity: &Identity{}}
		got, err := l.read("text", tokenAnswerOf(t, `{"token":{"project":{`+test.project+`}}}`), test.want)
		switch {
		case test.id == "-":
			if !apierr.IsAuth(err) {
				t.Errorf("%+v, {%s}: got %+v, %v; want an error", test.want, test.project, got, err)
			}
		case err != nil:
			t.Errorf("%+v, {%s}: %v", test.want, test.project, err)
		case got.value.projectID != test.id:
			t.Errorf("%+v, {%s}: got the id %q, want %q", test.want, test.project, got.value.projectID, test.id)
		}
	}
}

func TestATokenOfAnotherProjectIsRefusedWhateverTheLogin(t *testing.T) {
	clearEnv(t)
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	text := "clouds: {one: {auth: {auth_url: 'https://iam.test/v3', username: u, password: p, project_name: beta}}}"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, auth := range map[string]config.Auth{
		"password":               passwordConfig().Auth,
		"application_credential": {Type: config.ApplicationCredential, ApplicationCredentialID: "a", ApplicationCredentialSecret: config.NewSecret("s3cret")},
		"clouds_yaml":            {Type: config.CloudsYAML, CloudsYAMLCloud: "one", CloudsYAMLFile: file},
	} {
		cfg := passwordConfig()
		cfg.Projects = []string{"beta"}
		auth.URL = cfg.Auth.URL
		cfg.Auth = auth
		if name == "clouds_yaml" {
			cfg.Projects = nil // it names one itself
		}
		s := newSession(t, cfg, &world{})
		err := s.get(t.Context())
		if !apierr.IsAuth(err) || !strings.Contains(err.Error(), `"alpha", not to "beta"`) {
			t.Errorf("%s: got %v", name, err)
		}
		if s.Asked() != 0 {
			t.Errorf("%s: a request was sent to the wrong project", name)
		}
	}
}

func TestAnApplicationCredentialMustTellWhichProjectAllIs(t *testing.T) {
	cfg := passwordConfig()
	cfg.Projects = []string{"*"}
	cfg.Auth = config.Auth{Type: config.ApplicationCredential, URL: cfg.Auth.URL, ApplicationCredentialID: "a", ApplicationCredentialSecret: config.NewSecret("s3cret")}
	s := newSession(t, cfg, &world{Token: `{"token":{"project":{"name":"alpha"}}}`})
	if projects, err := s.own.Projects(t.Context()); !apierr.IsAuth(err) {
		t.Errorf("got %v, %v; want an error", projects, err)
	}
}

func tokenAnswerOf(t *testing.T, text string) *tokenAnswer {
	t.Helper()
	answer := &tokenAnswer{}
	if err := json.Unmarshal([]byte(text), answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer
}

func TestARefusalNamesTheAccessRulesOfTheCredential(t *testing.T) {
	for rules, hinted := range map[string]bool{
		`,"application_credential":{"id":"a","access_rules":[{"path":"/v2.1/servers","method":"GET","service":"compute"}]}`: true,
		`,"application_credential":{"id":"a","access_rules":[]}`:                                                            true,
		`,"application_credential":{"id":"a","restricted":true}`:                                                            false,
		`,"application_credential":{"id":"a","access_rules":null}`:                                                          false,
		`,"application_credential":null`:                                                                                    false,
		``:                                                                                                                  false,
	} {
		w := &world{
			Token:  `{"token":{"expires_at":"2099-01-02T03:04:05Z","project":{"id":"` + testProject + `","name":"alpha"}` + rules + `}}`,
			Answer: func(int, *http.Request) fakeAnswer { return status(http.StatusUnauthorized) },
		}
		err := newSession(t, passwordConfig(), w).get(t.Context())
		if err == nil || strings.Contains(err.Error(), "access rules: one has to allow GET "+testPath) != hinted {
			t.Errorf("%s: %v, want a word of access rules: %v", rules, err, hinted)
		}
		if e, ok := errors.AsType[*apierr.StatusError](err); !ok || e.Limited != hinted {
			t.Errorf("%s: %#v, want limited %v", rules, err, hinted)
		}
	}
}

func TestMessagesNameTheIdentityServiceAsTheCloudDoes(t *testing.T) {
	for provider, want := range map[string]string{config.OpenStack: "Keystone answered 401", config.OTC: "IAM answered 401", config.HuaweiCloud: "IAM answered 401"} {
		cfg := passwordConfig()
		cfg.Provider = provider
		w := &world{Login: func(int) (int, string) { return http.StatusUnauthorized, `{}` }}
		if err := newSession(t, cfg, w).get(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", provider, err, want)
		}
	}
}
