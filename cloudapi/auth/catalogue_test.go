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
		`[{},{"type":"compute"},{"type":"compute","endpoints":null}]`:           0,
		`[{"type":"compute","endpoints":[{},` + endpoint + `,{"url":""}]}]`:     1,
		`[{"endpoints":[` + endpoint + `],"type":"vpc","x":[{}]}]`:              1,
		`[{"type":"dns","endpoints":[` + endpoint + `,` + endpoint + `]}]`:      0,
		`[` + strings.Repeat(`{},`, 1<<20) + `{}]`:                              0,
		`[{"type":"bms","endpoints":[` + strings.Repeat(`{},`, 1<<20) + `{}]}]`: 0,
	} {
		var got Catalogue
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%.80s: %v", text, err)
		}
		n := 0
		for _, e := range got {
			n += cap(e.Endpoints)
		}
		if n != want || cap(got) > 1 {
			t.Errorf("%.80s: kept %d endpoints in room for %d services, want %d", text, n, cap(got), want)
		}
	}
}

func TestACatalogueWithoutEndIsAnError(t *testing.T) {
	endpoint := `{"interface":"public","url":"https://x.test"}`
	for _, text := range []string{
		`[{"type":"vpc","endpoints":[` + strings.Repeat(endpoint+",", maxEndpoints) + endpoint + `]}]`,
		`[` + strings.Repeat(`{"type":"vpc","endpoints":[`+endpoint+`]},`, maxEndpoints) + `{"type":"vpc","endpoints":[` + endpoint + `]}]`,
		`{`, `[5`, `[`, ``, `[{"type":"vpc","endpoints":[`,
	} {
		var got Catalogue
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%.80s: no error", text)
		}
	}
}

func TestMoreProjectsThanCanBeWatchedAreAnError(t *testing.T) {
	cfg := keyConfig()
	cfg.Projects = []string{"*"}
	s := newSession(t, cfg, &world{})
	many := maxProjects
	s.iam = func(*http.Request) (fakeAnswer, bool) {
		var b strings.Builder
		for n := range many {
			fmt.Fprintf(&b, `{"id":%q,"name":"p%d"},`, fmt.Sprintf("%032x", n), n)
		}
		return fakeAnswer{status: 200, body: `{"projects":[` + strings.TrimSuffix(b.String(), ",") + `]}`}, true
	}
	if projects, err := s.own.Projects(t.Context()); err != nil || len(projects) != maxProjects {
		t.Errorf("%d projects: got %d, %v", many, len(projects), err)
	}
	many++
	if projects, err := s.own.Projects(t.Context()); err == nil || !strings.Contains(err.Error(), "write those to watch") {
		t.Errorf("%d projects: got %d, %v", many, len(projects), err)
	}
}
