package auth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestOfACatalogueOnlyWhatCanBeAskedIsKept(t *testing.T) {
	endpoint := `{"interface":"public","region":"eu-de","url":"https://x.test"}`
	for text, want := range map[string]int{
		`null`: 0,
		`[]`:   0,
		`[{"endpoints":[` + endpoint + `],"type":"vpc","x":[{}]}]`:         1,
		`[{"type":"dns","endpoints":[` + endpoint + `,` + endpoint + `]}]`: 0,
		`[` + strings.Repeat(`{},`, 1<<20) + `{}]`:                         0,
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
	cfg := keyConfig()
	cfg.Projects = []string{"*"}
	s := newSession(t, cfg, &world{})
	many := maxProjects
	s.IAM = func(*http.Request) (fakeAnswer, bool) {
		var b strings.Builder
		for n := range many {
			fmt.Fprintf(&b, `{"id":%q,"name":"p%d"},`, fmt.Sprintf("%032x", n), n)
		}
		return fakeAnswer{Status: 200, Body: `{"projects":[` + strings.TrimSuffix(b.String(), ",") + `]}`}, true
	}
	if projects, err := s.own.Projects(t.Context()); err != nil || len(projects) != maxProjects {
		t.Errorf("%d projects: got %d, %v", many, len(projects), err)
	}
	many++
	if projects, err := s.own.Projects(t.Context()); err == nil || !strings.Contains(err.Error(), "write those to watch") {
		t.Errorf("%d projects: got %d, %v", many, len(projects), err)
	}
}
