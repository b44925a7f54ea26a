package auth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"

	"cloudip_exporter/test/check"
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
		check.Equal(t, "the member is an administrator", false, check.Get(member.Admin(t.Context()))(t))
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
			check.Equal(t, "how often all projects were asked for", n, asked["/v3/projects"])
		}
		want(1)
		time.Sleep(sharedLife + time.Second)
		want(2)
		down = true
		time.Sleep(sharedLife + time.Second)
		want(3) // what is known serves on, and is not asked for again at once
	})
}

func TestOfACatalogueOnlyWhatCanBeAskedIsKept(t *testing.T) {
	endpoint := `{"interface":"public","region":"eu-de","url":"https://x.test"}`
	for text, want := range map[string]int{
		`null`: 0,
		`[]`:   0,
		`[{"endpoints":[` + endpoint + `],"type":"vpc","x":[{}]}]`:         1,
		`[{"type":"dns","endpoints":[` + endpoint + `,` + endpoint + `]}]`: 0,
		`[` + strings.Repeat(`{},`, 1<<12) + `{}]`:                         0,
		`{`: -1, `[5`: -1, `[`: -1, ``: -1, `[{"type":"vpc","endpoints":[`: -1, // errors
	} {
		var got Catalogue
		err := json.Unmarshal([]byte(text), &got)
		if (err != nil) != (want < 0) || want >= 0 && (len(got) != want || cap(got) > 1) {
			t.Errorf("%.80s: kept %d services in space for %d, %v; want %d", text, len(got), cap(got), err, want)
		}
	}
}

func TestMoreProjectsThanCanBeWatchedAreAnError(t *testing.T) {
	many := maxProjects
	s := newSession(t, ofProjects(keyConfig(), "*"), &world{IAM: func(*http.Request) (fakeAnswer, bool) {
		var all []string
		for n := range many {
			all = append(all, fmt.Sprintf(`{"id":"%032x","name":"p%d"}`, n, n))
		}
		return fakeAnswer{Status: 200, Body: `{"projects":[` + strings.Join(all, ",") + `]}`}, true
	}})
	check.Equal(t, "projects", maxProjects, len(check.Get(s.own.Projects(t.Context()))(t)))
	many++
	_, err := s.own.Projects(t.Context())
	check.Fails(t, "one more", err, "write those to watch")
}
