package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

const (
	aProject = "5f0c1d2e3a4b4c5d8e9f001122334455"
	aVPC     = "7a10c0de-0001-4000-8000-000000000001"
	aNetwork = "7a10c0de-0002-4000-8000-000000000010"
	aSubnet4 = "7a10c0de-0003-4000-8000-000000000104"
	aSubnet6 = "7a10c0de-0003-4000-8000-000000000106"
	aServer  = "7a10c0de-0005-4000-8000-000000010000"
)

// api is a cloud of written answers: by method and path with the query.
type api struct {
	mu    sync.Mutex
	calls []string // method, path, query and, of a POST, body
	heads []http.Header
	told  int // of the calls
	url   string
}

func (a *api) seen() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// since returns the calls since it was asked last.
func (a *api) since() (calls []string, heads []http.Header) {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls, heads, a.told = a.calls[a.told:], a.heads[a.told:], len(a.calls)
	return calls, heads
}

// startAPI serves the answers and returns the project that asks for them. A
// key is "METHOD /path"; a value is the body of a 200, or "STATUS body".
func startAPI(t *testing.T, provider, settings string, answers map[string]string) (*Project, *api) {
	t.Helper()
	a := &api{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/tokens") {
			w.Header().Set("X-Subject-Token", "token-of-the-test")
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"token":{"expires_at":"2099-01-02T03:04:05.000000Z","issued_at":"2026-01-02T03:04:05.000000Z",
				"user":{"id":"u","name":"u","domain":{"id":"d","name":"d"}},
				"project":{"id":%q,"name":"test","domain":{"id":"d","name":"d"}},"roles":[{"id":"1","name":"reader"}],"catalog":[]}}`, aProject)
			return
		}
		a.mu.Lock()
		call := r.Method + " " + r.URL.EscapedPath()
		full := call
		if r.URL.RawQuery != "" {
			full += "?" + r.URL.RawQuery
		}
		if body, _ := io.ReadAll(r.Body); len(body) > 0 {
			full += " " + string(body)
		}
		a.calls, a.heads = append(a.calls, full), append(a.heads, r.Header.Clone())
		a.mu.Unlock()
		answer, ok := answers[call+"?"+r.URL.RawQuery]
		if !ok {
			answer, ok = answers[call]
		}
		if !ok {
			t.Errorf("unexpected call %s", full)
		}
		status := http.StatusOK
		if n, _ := fmt.Sscanf(answer, "%3d ", &status); n == 1 {
			answer = answer[4:]
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	endpoints := "{vpc: URL, compute: URL, bms: URL, workspace: URL}"
	if provider == config.OpenStack {
		endpoints = "{network: URL, compute: URL}"
	}
	yaml := fmt.Sprintf(`
clouds:
  - name: test
    provider: %s
    region: r1
    auth: {type: password, url: URL/v3, username: u, user_domain: d, password: p}
    projects: [test]
    endpoints: %s
    limits: {requests_per_second: 0, page_size: 2}
%s`, provider, endpoints, settings)
	return openYAML(t, strings.ReplaceAll(yaml, "URL", server.URL)), a
}

func wantCalls(t *testing.T, a *api, want ...string) {
	t.Helper()
	check.Equal(t, "calls", want, a.seen())
}

// whole reads a listing and fails the test when it failed or skipped anything.
func whole[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	items, faults, err := collect(seq)
	if err != nil || len(faults) > 0 {
		t.Fatalf("listing: %v, faults %v", err, faults)
	}
	return items
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	check.Equal(t, what, want, got, compareRecords)
}

func TestConsolesOfTheThreeAPIs(t *testing.T) {
	const secret = "040134bb-9195"
	action := "POST /v2.1/" + aProject + "/servers/s1/action"
	remote := "POST /v2.1/" + aProject + "/servers/s1/remote-consoles"
	bms := "POST /v1/" + aProject + "/baremetalservers/s1/remote_console"
	old := `{"console":{"type":"serial","url":"https://proxy.example:8003/?token=` + secret + `"}}`
	young := `{"remote_console":{"protocol":"serial","type":"serial","url":"ws://proxy.example:6083/?token=` + secret + `"}}`
	for _, test := range []struct {
		name, provider, settings string
		answers                  map[string]string
		calls                    []string
	}{
		{"action", config.OTC, "", map[string]string{action: old}, []string{action + " " + serialActionBody}},
		{"bms", config.HuaweiCloud, "    apis: {servers: bms}", map[string]string{bms: young}, []string{bms + " " + remoteConsoleBody}},
		{"remote-consoles", config.OpenStack, "", map[string]string{remote: young}, []string{remote + " " + remoteConsoleBody}},
		{"Nova before 2.6", config.OpenStack, "", map[string]string{remote: `406 {"computeFault":{"code":406,"message":"no"}}`, action: old},
			[]string{remote + " " + remoteConsoleBody, action + " " + serialActionBody}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, a := startAPI(t, test.provider, test.settings, test.answers)
			console := check.Get(p.SerialConsole(t.Context(), "s1"))(t)
			if url, err := console.URL.Reveal(); err != nil || !strings.Contains(url, secret) || console.Type != "serial" {
				t.Errorf("console %q, %v, type %q", url, err, console.Type)
			}
			for _, text := range []string{fmt.Sprint(console), fmt.Sprintf("%+v", console), fmt.Sprintf("%#v", console)} {
				if strings.Contains(text, secret) || strings.Contains(text, "proxy.example") {
					t.Errorf("%s shows the address", text)
				}
			}
			wantCalls(t, a, test.calls...)
		})
	}
}

func TestAConsoleThatIsNoneIsAnErrorWithoutItsToken(t *testing.T) {
	action := "POST /v2.1/" + aProject + "/servers/s1/action"
	for _, answer := range []string{
		string(readFile(t, "seeds", "serial_console_invalid.json")), `{}`, `{"console":{}}`, `{"console":{"url":""}}`,
		`{"console":{"url":7}}`, `{"console":{"url":"javascript://040134bb"}}`, `{"console":{"url":"040134bb"}}`, `{"console":{"url":"https://a b/040134bb"}}`, "", "<html>040134bb",
	} {
		p, a := startAPI(t, config.OTC, "", map[string]string{action: answer})
		_, err := p.SerialConsole(t.Context(), "s1")
		if err == nil || strings.Contains(err.Error(), "040134bb") || !strings.HasPrefix(err.Error(), "get serial console: ") && !apierr.IsItem(err) {
			t.Errorf("%s: error %v", answer, err)
		}
		if len(a.seen()) != 1 {
			t.Errorf("%s: calls %v", answer, a.seen())
		}
		if strings.Contains(answer, `type":`) && !strings.Contains(err.Error(), "is not shown") {
			t.Errorf("error %q does not say that it leaves out the answer", err)
		}
	}
}

func TestACancelledContextEndsAvailabilityAtOnce(t *testing.T) {
	p, _ := startAPI(t, config.OTC, "", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Availability(ctx, []inventory.Subnet{{NetworkID: inventory.ParseID("n")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context canceled", err)
	}
}
