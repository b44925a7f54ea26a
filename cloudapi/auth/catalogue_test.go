package auth

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"cloudip_exporter/test/check"
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
