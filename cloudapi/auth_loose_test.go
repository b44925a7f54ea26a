package cloudapi

import (
	"net/http"
	"strings"
	"testing"
)

func TestOfATokenWhatCannotBeReadIsAbsent(t *testing.T) {
	for _, body := range []string{
		``,
		`{}`,
		`{"token":{}}`,
		`{"token":null}`,
		`{"token":{"roles":["member"],"catalog":{},"expires_at":1767225600,"issued_at":false,"project":"alpha"}}`,
		`{"token":{"roles":{},"catalog":"none","expires_at":"soon","project":{"id":5,"name":["alpha"]}}}`,
		`{"token":{"roles":[5,{"name":{}}],"catalog":[5,{"type":{},"endpoints":7},{"type":"network","endpoints":[5,{"url":5}]}]}}`,
	} {
		cfg := passwordConfig()
		cfg.Projects = []string{testProject}
		s := newSession(t, cfg, &world{token: body, bare: true})
		if err := s.get(t.Context()); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if id, err := s.project.ID(t.Context()); id != testProject || err != nil {
			t.Errorf("%s: got the project %q, %v", body, id, err)
		}
	}
}

func TestWhatIsNoAnswerOfALoginIsAnErrorWhateverItsHeader(t *testing.T) {
	for _, body := range []string{`<html>login</html>`, `[]`, `{"token":`, `{"token":{"catalog":[`, `{"token":{"roles":[{]}}`} {
		s := newSession(t, passwordConfig(), &world{token: body})
		if err := s.get(t.Context()); err == nil || s.asked() != 0 {
			t.Errorf("%s: got %v and %d requests, want an error and none", body, err, s.asked())
		}
	}
}

func TestOneUnreadableRoleDoesNotHideTheOthers(t *testing.T) {
	l := &login{project: &Project{cloud: &Cloud{}}}
	answer := tokenAnswerOf(t, `{"token":{"roles":["member",{"name":"admin"}],"project":{"id":5,"name":"alpha"}}}`)
	if got, err := l.read("text", answer, asked{}); err != nil || !got.admin || got.project != "alpha" {
		t.Errorf("got %+v, %v", got, err)
	}
	answer = tokenAnswerOf(t, `{"token":{"roles":["member","admin"],"project":{"name":"alpha"}}}`)
	if got, err := l.read("text", answer, asked{}); err != nil || !got.admin {
		t.Errorf("roles that are names alone: got %+v, %v", got, err)
	}
}

func TestTheMessageOfAMissingTokenIsWhole(t *testing.T) {
	s := newSession(t, passwordConfig(), &world{login: func(int) (int, string) { return http.StatusCreated, `{}` }})
	err := s.get(t.Context())
	if err == nil || !strings.Contains(err.Error(), "X-Subject-Token") || !strings.HasSuffix(err.Error(), "is auth.url the identity service?") ||
		strings.Contains(err.Error(), redacted) {
		t.Errorf("got %v", err)
	}
}
