package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
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

	answers map[string]string
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
	a := &api{answers: answers}
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

// whole reads a listing and fails the test when it failed or skipped anything.
func whole[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	items, faults, err := collect(seq)
	if err != nil || len(faults) > 0 {
		t.Fatalf("listing: %v, faults %v", err, faults)
	}
	return items
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
			check.Equal(t, "calls", test.calls, a.seen())
		})
	}
}

func TestAConsoleThatIsNoneIsAnErrorWithoutItsToken(t *testing.T) {
	action := "POST /v2.1/" + aProject + "/servers/s1/action"
	for _, answer := range []string{
		check.Read(t, "testdata/seeds/serial_console_invalid.json"), `{}`, `{"console":{}}`, `{"console":{"url":""}}`,
		`{"console":{"url":7}}`, `{"console":{"url":"javascript://040134bb"}}`, `{"console":{"url":"040134bb"}}`, `{"console":{"url":"https://a b/040134bb"}}`, "", "<html>040134bb",
	} {
		p, a := startAPI(t, config.OTC, "", map[string]string{action: answer})
		_, err := p.SerialConsole(t.Context(), "s1")
		if err == nil || strings.Contains(err.Error(), "040134bb") || !strings.HasPrefix(err.Error(), "get serial console: ") && !apierr.IsItem(err) {
			t.Errorf("%s: error %v", answer, err)
		}
		check.Equal(t, "calls for "+answer, 1, len(a.seen()))
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

func TestAPageOfBareMetalServersThatComesTwiceIsAFailure(t *testing.T) {
	var servers []string
	for n := range 50 {
		servers = append(servers, fmt.Sprintf(`{"id":"s%d","name":"n","status":"ACTIVE"}`, n))
	}
	p, _ := startAPI(t, config.HuaweiCloud, "    apis: {servers: bms}", map[string]string{
		"GET /v1/" + aProject + "/baremetalservers/detail": `{"count":64,"servers":[` + strings.Join(servers, ",") + `]}`,
	})
	if all, _, err := collect(p.Servers(t.Context())); err == nil {
		t.Errorf("%d servers of 64 and no error", len(all))
	}
}

func TestEveryAPIOfAProviderIsThere(t *testing.T) {
	for _, p := range provider.All() {
		for _, a := range p.Resources {
			serves := map[provider.Resource]bool{
				provider.VPCs: has(vpcAPIs, a.Name), provider.Subnets: has(subnetAPIs, a.Name), provider.Availability: has(availabilityAPIs, a.Name),
				provider.VPCPrefixes: has(vpcPrefixAPIs, a.Name), provider.SubnetPools: has(subnetPoolAPIs, a.Name),
				provider.Ports: has(portQuery{}.listings(), a.Name), provider.Servers: has(serverAPIs, a.Name), provider.ServerAddresses: a.Name == "nova",
				provider.AddressGroups: has(addressGroupAPIs, a.Name), provider.PrivateIPs: privateIPAPIs[a.Name].list != nil,
				provider.SubInterfaces: has(subInterfaceAPIs, a.Name), provider.PublicIPs: has(publicIPAPIs, a.Name), provider.PublicIPPools: has(poolAPIs, a.Name),
				provider.Networks: has(networkAPIs, a.Name), provider.Owners: a.Name == "iam", provider.SubnetTags: has(subnetTagAPIs, a.Name),
				provider.Quotas: has(quotaAPIs, a.Name), provider.Projects: a.Name == "iam", provider.Console: has(consoleAPIs, a.Name),
				provider.Assignment: privateIPAPIs[a.Name].assign != nil, provider.Release: privateIPAPIs[a.Name].release != nil,
			}
			if !serves[a.Resource] {
				t.Errorf("%s: %s does not serve %s", p.Name, a.Name, a.Resource)
			}
		}
	}
}

func has[F any](apis map[string]F, name string) bool {
	_, ok := apis[name]
	return ok
}

// unaskable are ids that cannot stand in a path.
func unaskable() []string {
	return []string{".", "..", "../x", "a/b", `a\b`, "a?b", "a#b", "a%2fb", "\x1b[31m", "a\nb", "a\u202eb", "\u2028", strings.Repeat("x", 255+1)}
}

func TestAnItemThatCannotBeAskedForIsOneItemLeftOut(t *testing.T) {
	const good = `,{"id":"good","name":"n","cidr":"10.0.0.0/24"}`
	server := func(s inventory.Server) string { return s.ID.String() }
	subnet := func(s inventory.Subnet) string { return s.ID.String() }
	for _, id := range unaskable() {
		quoted := quoteJSON(id)
		for what, kept := range map[string]string{
			"server":  shown(t, readServer, `{"id":`+quoted+`,"name":"n"}`+good, server),
			"subnet":  shown(t, readVPCSubnet, `{"id":`+quoted+`,"cidr":"10.0.1.0/24"}`+good, subnet),
			"network": shown(t, readVPCSubnet, `{"id":"s","neutron_network_id":`+quoted+`,"cidr":"10.0.1.0/24"}`+good, subnet),
		} {
			check.Equal(t, fmt.Sprintf("%s %q", what, id), "good left out", kept)
		}
	}
}

func quoteJSON(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\x1b", `\u001b`).Replace(s) + `"`
}

func TestAnIDThatLeadsOutOfThePathIsAskedOfNobody(t *testing.T) {
	p, a := startAPI(t, config.OTC, "", nil)
	for _, id := range []string{"", ".", ".."} {
		_, err := p.Server(t.Context(), id)
		if _, ok := errors.AsType[*apierr.IDError](err); !ok || !strings.Contains(err.Error(), strconv.Quote(id)) {
			t.Errorf("server %q: %v, want an IDError", id, err)
		}
	}
	if calls := a.seen(); len(calls) > 0 {
		t.Errorf("asked %v", calls)
	}
}

// withBlanks are answers with blanks and line breaks between the tokens, as real clouds write them.
func withBlanks(answers map[string]string) map[string]string {
	wide := maps.Clone(answers)
	for call, answer := range answers {
		if status, body, ok := strings.Cut(answer, "{"); ok {
			if v := jsontext.Value("{" + body); v.Indent() == nil {
				wide[call] = status + string(v)
			}
		}
	}
	return wide
}
