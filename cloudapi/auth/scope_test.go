package auth

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator/simtest/scripted"
	"cloudip_exporter/test/check"
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
		{wantedProject{id: strings.ToUpper(testProject)}, id, testProject},
		{wantedProject{name: strings.ToUpper(testProject)}, id + "," + beta, testProject},
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
		if (err != nil) != (test.id == "-") || err != nil && !apierr.IsAuth(err) || err == nil && got.value.projectID != test.id {
			t.Errorf("%+v, {%s}: got %+v, %v; want the id %q", test.want, test.project, got, err, test.id)
		}
	}
}

func TestATokenOfAnotherProjectIsRefusedWhateverTheLogin(t *testing.T) {
	scripted.ClearEnv(t)
	file := check.Write(t, filepath.Join(t.TempDir(), "clouds.yaml"), "clouds: {one: {auth: {auth_url: 'https://iam.test/v3', username: u, password: p, project_name: beta}}}")
	const url = "https://iam.test/v3"
	for _, cfg := range []config.Cloud{
		{Auth: passwordConfig().Auth, Projects: []string{"beta"}},
		{Auth: config.Auth{Type: config.ApplicationCredential, URL: url, ApplicationCredentialID: "a", ApplicationCredentialSecret: config.NewSecret("s3cret")}, Projects: []string{"beta"}},
		{Auth: config.Auth{Type: config.CloudsYAML, URL: url, CloudsYAMLCloud: "one", CloudsYAMLFile: file}}, // it names one itself
	} {
		s := newSession(t, authAs(cfg.Auth, cfg.Projects...), &world{})
		if err := s.get(t.Context()); !apierr.IsAuth(err) || !strings.Contains(err.Error(), `"alpha", not to "beta"`) || s.Asked() != 0 {
			t.Errorf("%s: got %v, and %d requests were sent to the wrong project", cfg.Auth.Type, err, s.Asked())
		}
	}
}

func authAs(auth config.Auth, projects ...string) config.Cloud {
	cfg := ofProjects(passwordConfig(), projects...)
	cfg.Auth = auth
	return cfg
}

func tokenAnswerOf(t *testing.T, text string) *tokenAnswer {
	t.Helper()
	answer := &tokenAnswer{}
	check.OK(t, json.Unmarshal([]byte(text), answer))
	return answer
}

// TestNoErrorShowsASecret has a cloud that repeats each secret in its refusals, as gateways do.
func TestNoErrorShowsASecret(t *testing.T) {
	scripted.ClearEnv(t)
	refusing := func(secret string) *world {
		body := `{"error":{"code":400,"message":"it was ` + secret + `, they say"}}`
		return &world{Answer: inTurn(fakeAnswer{Status: http.StatusBadRequest, Body: body})}
	}
	refused := func(what, secret string, s *session) {
		t.Helper()
		check.Fails(t, what, s.get(t.Context()), "it was [redacted], they say", secret)
	}
	const secret = "open sesame"
	hidden := config.NewSecret(secret)
	for what, auth := range map[string]config.Auth{
		"password":                      {Type: config.Password, URL: "https://iam.test", Username: "u", Password: hidden},
		"application credential secret": {Type: config.ApplicationCredential, URL: "https://iam.test", ApplicationCredentialID: "a", ApplicationCredentialSecret: hidden},
		"given token":                   {Type: config.Env, URL: "https://iam.test"},
		"secret key":                    {Type: config.AccessKey, URL: "https://iam.test", AccessKeyID: "AK", SecretKey: hidden},
		"security token":                {Type: config.AccessKey, URL: "https://iam.test", AccessKeyID: "AK", SecretKey: config.NewSecret("another"), SecurityToken: hidden},
	} {
		if auth.Type == config.Env {
			t.Setenv("OS_AUTH_TYPE", "v3token")
			t.Setenv("OS_TOKEN", secret)
		}
		refused(what, secret, newSession(t, authAs(auth, testProject), refusing(secret)))
	}
	for _, secret := range []string{"TEMPSK", "TEMPTOKEN", "session"} {
		refused("keys of the machine", secret, metadataSession(t, &metadata{tokenStatus: 200, life: time.Hour}, refusing(secret)))
	}
	w := refusing("token-1")
	refused("token of a login", "token-1", newSession(t, passwordConfig(), w))
	check.Equal(t, "the token", "token-1", w.Newest())
}
