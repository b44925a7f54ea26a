package auth

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// An administrator's sessions read the names of all projects, and the others those of
// their own: each asks once an hour, whoever came first.
func TestNamesOfProjectsAreAskedForOnceAnHourByAllProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, down := map[string]int{}, false
		w := &world{
			Life: 24 * time.Hour, Role: "member", Valid: func(string) bool { return true },
			IAM: func(req *http.Request) (fakeAnswer, bool) {
				if req.Method != http.MethodGet {
					return fakeAnswer{}, false
				}
				if asked[req.URL.Path]++; down {
					return fakeAnswer{Status: 404}, true
				}
				return fakeAnswer{Status: 200, Body: fmt.Sprintf(`{"projects":[{"id":"p1","name":%q}]}`, req.URL.Path)}, true
			},
		}
		s := newSession(t, passwordConfig(), w)
		member := s.account.NewSession(Scope{Project: "alpha"}, "alpha")
		if admin, err := member.Admin(t.Context()); admin || err != nil {
			t.Fatalf("the member is an administrator: %t, %v", admin, err)
		}
		w.Role = "admin" // of the sessions that log in from now on
		want := func(n int) {
			t.Helper()
			for _, of := range []struct {
				*Session
				path string
			}{{member, "/v3/auth/projects"}, {s.own, "/v3/projects"}, {s.account.NewSession(Scope{Project: "alpha"}, "alpha"), "/v3/projects"}} {
				if all, err := of.ReadableProjects(t.Context()); err != nil || len(all) != 1 || all[0].Name != of.path {
					t.Errorf("got %v, %v, want those of %s", all, err, of.path)
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
