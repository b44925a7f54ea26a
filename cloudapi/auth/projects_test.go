package auth

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestNamesOfProjectsAreAskedForOnceAnHourByAllProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, down := map[string]int{}, false
		s := newSession(t, passwordConfig(), &world{
			Token: `{"token":{"expires_at":"2099-01-02T03:04:05Z","project":{"id":"` + testProject + `","name":"alpha"},"roles":[{"name":"admin"}]}}`,
			IAM: func(req *http.Request) (fakeAnswer, bool) {
				if req.Method != http.MethodGet {
					return fakeAnswer{}, false
				}
				if asked[req.URL.Path]++; down {
					return fakeAnswer{Status: 404}, true
				}
				return fakeAnswer{Status: 200, Body: `{"projects":[{"id":"p1","name":"one"}]}`}, true
			},
		})
		other := s.account.NewSession(Scope{Project: "beta"}, "beta")
		want := func(n int) {
			t.Helper()
			for _, of := range []*Session{s.own, other} {
				if all, err := of.ReadableProjects(t.Context()); err != nil || len(all) != 1 || all[0].Name != "one" {
					t.Errorf("got %v, %v", all, err)
				}
			}
			if asked["/v3/projects"] != n {
				t.Errorf("asked %v, want %d times for all projects", asked, n)
			}
		}
		want(1)
		time.Sleep(sharedLife + time.Second)
		want(2)
		down = true
		time.Sleep(sharedLife + time.Second)
		want(3) // what is known serves on, and is not asked for again at once
	})
}
