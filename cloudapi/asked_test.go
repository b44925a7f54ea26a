package cloudapi

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// asker asks a project, and writes the calls and what came of them.
type asker struct {
	*Project
	s           *session
	t           *testing.T
	ctx         context.Context
	api         *api
	out         strings.Builder
	met, logins int // of the requests to the identity service
}

// tell writes the calls since the last time, and the value or the error.
func (a *asker) tell(v any, err error) {
	for _, call := range a.api.since() {
		fmt.Fprintln(&a.out, call)
	}
	a.came(v, err)
}

// came writes what came of a question.
func (a *asker) came(v any, err error) {
	switch text := strings.ReplaceAll(fmt.Sprint(err), "json: unable to", "json: cannot"); { // the library says either
	case apierr.IsAuth(err):
		fmt.Fprintln(&a.out, "  refused:", text)
	case err != nil:
		fmt.Fprintln(&a.out, "  error:", text)
	case v != nil:
		fmt.Fprintf(&a.out, "  %s\n", inJSON(a.t, v))
	}
}

func tellAll[T any](a *asker, seq iter.Seq2[T, error]) []T {
	items, faults, err := collect(seq)
	a.tell(fmt.Sprintf("%d items", len(items)), err)
	for _, item := range items {
		a.tell(item, nil)
	}
	for _, fault := range faults {
		fmt.Fprintln(&a.out, "  left out:", fault)
	}
	return items
}

// tellFigures asks for the figures of subnets; the calls, which come in any order, and late
// where another one failed, are not written.
func (a *asker) tellFigures(subnets []inventory.Subnet) {
	all, err := a.Availability(a.ctx, subnets)
	missing := ""
	if all.Missing.N > 0 {
		missing = fmt.Sprintf("%d, the first: %v", all.Missing.N, all.Missing.First)
	}
	a.came(struct {
		Calls    int
		BySubnet map[inventory.ID]inventory.Availability
		Gone     inventory.Gone
		Missing  string
	}{len(a.api.since()), all.BySubnet, all.Gone, missing}, err)
}

// tellConsole asks for a console, whose address no text shows but the revealed one.
func (a *asker) tellConsole(server string) {
	console, err := a.SerialConsole(a.ctx, server)
	url, _ := console.Reveal()
	a.tell(url, err)
	check.Lacks(a.t, "a console", fmt.Sprintf("%v %+v %#v %v", console, console, console, err), "040134bb", "proxy.example")
}

// tellLogin writes the requests to the identity service, too.
func (a *asker) tellLogin(v any, err error) {
	for ; a.met < len(a.s.Identity); a.met++ {
		req := a.s.Identity[a.met]
		line := strings.TrimSpace(req.Method + " " + req.URL.String() + " " + req.Header.Get("X-Project-Id"))
		if req.Method == http.MethodPost {
			line += " " + a.s.Bodies[a.logins]
			a.logins++
		}
		fmt.Fprintln(&a.out, line)
	}
	a.tell(v, err)
}

// tellProjects writes the labels and the ids of the projects, and asks the first of them from then on.
func (a *asker) tellProjects() {
	projects, err := a.s.cloud.Projects(a.ctx)
	shown := map[string]string{}
	for _, p := range projects {
		id, err := p.ID(a.ctx)
		shown[p.Label()] = cmp.Or(id, fmt.Sprint(err))
		a.Project, a.s.project = projects[0], projects[0]
	}
	a.tellLogin(shown, err)
}

// inJSON shows what is not zero.
func inJSON(t *testing.T, v any) string {
	t.Helper()
	return string(check.Get(json.Marshal(v, json.Deterministic(true), json.OmitZeroStructFields(true)))(t))
}

// subnetOf reads "NETWORK NEUTRON-SUBNET PREFIX" with commas in place of blanks.
func subnetOf(text string) inventory.Subnet {
	parts := append(strings.Split(text, ","), "", "")
	prefix, _ := netip.ParsePrefix(parts[2])
	return inventory.Subnet{NetworkID: inventory.ParseID(parts[0]), NeutronID: inventory.ParseID(parts[1]), Prefix: prefix}
}

// questions are what the cases ask, by their first word.
func questions(a *asker) map[string]func(args []string) {
	addr := func(text string) netip.Addr { at, _ := netip.ParseAddr(text); return at }
	return map[string]func([]string){
		"subnets": func([]string) { tellAll(a, a.Subnets(a.ctx)) },
		"subnet_tags": func(args []string) {
			var ids []inventory.ID
			for _, id := range args[:len(args)-4] {
				ids = append(ids, inventory.ParseID(id))
			}
			for tags, err := range a.SubnetTags(a.ctx, ids) {
				a.tell(tags.ID.String(), err)
			}
		},
		"vpcs":           func([]string) { tellAll(a, a.VPCs(a.ctx)) },
		"vpc_prefixes":   func([]string) { tellAll(a, a.VPCPrefixes(a.ctx)) },
		"subnet_pools":   func([]string) { tellAll(a, a.SubnetPools(a.ctx)) },
		"ports":          func([]string) { tellAll(a, a.Ports(a.ctx)) },
		"sub_interfaces": func([]string) { tellAll(a, a.SubInterfaces(a.ctx)) },
		"ports_of":       func(args []string) { tellAll(a, a.PortsByAddress(a.ctx, addr(args[0]))) },
		"address_groups": func([]string) { tellAll(a, a.AddressGroups(a.ctx)) },
		"quotas":         func([]string) { tellAll(a, a.Quotas(a.ctx)) },
		"public_ips":     func([]string) { tellAll(a, a.PublicIPs(a.ctx)) },
		"public_ips_of":  func(args []string) { tellAll(a, a.PublicIPsOf(a.ctx, args[0])) },
		"servers":        func([]string) { tellAll(a, a.Servers(a.ctx)) },
		"server":         func(args []string) { a.tell(a.Server(a.ctx, args[0])) },
		"addresses":      func(args []string) { a.tell(a.ServerAddresses(a.ctx, args[0])) },
		"console":        func(args []string) { a.tellConsole(args[0]) },
		"private_ips":    func(args []string) { tellAll(a, a.PrivateIPs(a.ctx, args[0])) },
		"private_ip":     func(args []string) { a.tell(a.PrivateIP(a.ctx, args[0])) },
		"release":        func(args []string) { a.tell(nil, a.ReleasePrivateIP(a.ctx, args[0])) },
		"assign": func(args []string) {
			a.tell(a.AssignPrivateIP(a.ctx, inventory.Subnet{ID: inventory.ParseID(args[0]), NetworkID: inventory.ParseID(args[1])}, addr(args[2]), args[3]))
		},
		"intent": func(args []string) {
			ip, found, err := a.PrivateIPByIntent(a.ctx, args[0], addr(args[1]))
			a.tell(fmt.Sprintf("found %v %v", found, ip.ID), err)
		},
		"figures": func(args []string) {
			var subnets []inventory.Subnet
			for _, text := range args[:len(args)-4] {
				subnets = append(subnets, subnetOf(text))
			}
			a.tellFigures(subnets)
		},
		"endpoint": func(args []string) {
			c, err := a.Project.service(a.ctx, args[0])
			if err == nil {
				a.tellLogin(c.Base.String(), nil)
				return
			}
			if cause := apierr.CauseOf(err); cause != err.Error() {
				err = fmt.Errorf("%w (cause: %s)", err, cause)
			}
			a.tellLogin(nil, err)
		},
		"changed": func([]string) { a.tellLogin(a.s.cloud.Changed(), nil) },
		"revoke": func([]string) {
			old := a.s.Newest()
			a.s.Valid = func(token string) bool { return token != old }
		},
		"get":    func([]string) { a.tellLogin(nil, a.s.get(a.ctx)) },
		"id":     func([]string) { a.tellLogin(a.Project.ID(a.ctx)) },
		"labels": func([]string) { a.tellLogin(a.s.cloud.Labels(), nil) },
		"narrowed": func([]string) {
			narrow, err := a.Narrow(a.ctx)
			all, _ := a.AllTenants(a.ctx)
			a.tell(fmt.Sprintf("to project %q, whole cloud %v", narrow, all), err)
		},
		"projects": func([]string) { a.tellProjects() },
		"wait":     func(args []string) { time.Sleep(check.Get(time.ParseDuration(args[0]))(a.t)) },

		"figures_of_subnets": func([]string) { a.tellFigures(tellAll(a, a.Subnets(a.ctx))) },
	}
}

// TestWhatIsAskedAndReadIsThatInTheFile compares the calls, the records and the errors of
// all cases with testdata/asked.txt: a provider, keys of its configuration, the answers of the cloud
// as "METHOD /path [STATUS] BODY", and the questions. Blanks between the tokens of an answer
// change nothing.
func TestWhatIsAskedAndReadIsThatInTheFile(t *testing.T) {
	for _, written := range []func(string) string{strings.Clone, withBlanks} {
		compareAsked(t, "testdata/asked.txt", written)
	}
}

// TestLoginsAndEndpointsAreThoseInTheFile has answers of the identity service, as "IAM /path [STATUS] BODY",
// "TOKEN BODY" or
// "CATALOG TYPE ENDPOINTS" of a token, "LOGIN STATUS BODY" in place of one, and the role of a token.
func TestLoginsAndEndpointsAreThoseInTheFile(t *testing.T) {
	compareAsked(t, "testdata/logins.txt", strings.Clone)
}

func compareAsked(t *testing.T, file string, written func(string) string) {
	golden.Cases(t, file, func(in string) (out string) {
		synctest.Test(t, func(t *testing.T) { out = asked(t, strings.Split(in, "\n"), written) })
		return out
	})
}

// asked plays a case to a cloud that answers as written.
func asked(t *testing.T, lines []string, written func(string) string) string {
	cloud, w, a := &api{answers: map[string]string{}}, &world{}, (*asker)(nil)
	w.Answer = func(_ int, req *http.Request) fakeAnswer { return cloud.answer(t, req) }
	w.IAM = func(req *http.Request) (fakeAnswer, bool) { return cloud.written("IAM " + req.URL.RequestURI()) }
	name, catalog := config.OTC, []string(nil)
	var with []string
	for _, line := range lines {
		word, rest, _ := strings.Cut(line, " ")
		path, body, _ := strings.Cut(rest, " ")
		switch word {
		case "on":
			name = rest
		case "with":
			with = append(with, rest)
		case "role":
			w.Role = rest
		case "TOKEN":
			w.Token, w.Bare = rest, true
		case "LOGIN":
			code := check.Get(strconv.Atoi(path))(t)
			w.Login = func(int) (int, string) { return code, body }
		case "CATALOG":
			catalog = append(catalog, `{"type":"`+path+`","endpoints":[`+body+`]}`)
			w.Token = `{"token":{"expires_at":"2099-01-01T00:00:00Z","project":{"id":"` + testProject + `","name":"alpha"},"catalog":[` + strings.Join(catalog, ",") + `]}}`
		case "GET", "POST", "DELETE", "IAM":
			cloud.answers[word+" "+path] = written(body)
		default:
			if a == nil {
				s := newSession(t, configOf(t, name, with), w)
				a = &asker{Project: s.project, s: s, t: t, ctx: t.Context(), api: cloud}
			}
			question := questions(a)[word]
			if question == nil {
				t.Fatalf("%q is no question", line)
			}
			question(append(strings.Split(rest, " "), "", "", "", ""))
		}
	}
	return a.out.String()
}

// configOf is a cloud of the provider with pages of two items, and with other keys; a key without
// value is left out.
func configOf(t *testing.T, name string, with []string) config.Cloud {
	t.Helper()
	endpoints := ""
	for _, service := range provider.Named(name).Endpoints() {
		endpoints += service + ": https://" + service + ".test, "
	}
	keys := []string{
		"name: test", "provider: " + name, "region: r1", "auth: {type: password, url: https://iam.test/v3, username: u, user_domain: d, password: p}",
		"projects: [alpha]", "endpoints: {" + endpoints + "}", "limits: {requests_per_second: 0, page_size: 2}",
	}
	for _, line := range with {
		key, value, _ := strings.Cut(line, ":")
		keys = slices.DeleteFunc(keys, func(k string) bool { return strings.HasPrefix(k, key+":") })
		if value != "" {
			keys = append(keys, line)
		}
	}
	text := "clouds:\n  - " + strings.Join(keys, "\n    ") + "\n"
	return check.Get(config.Parse("test.yml", []byte(text), config.Options{}))(t).Clouds()[0]
}

// api is a cloud of written answers: by method and path with the query.
type api struct {
	mu    sync.Mutex
	calls []string // method, path, query, of a POST the body, and the version of Nova's API
	told  int      // of the calls

	answers map[string]string
}

// since returns the calls since it was asked last.
func (a *api) since() (calls []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls, a.told = a.calls[a.told:], len(a.calls)
	return calls
}

// written is the answer to a call, by its query or without.
func (a *api) written(call string) (fakeAnswer, bool) {
	answer, ok := a.answers[call]
	if !ok {
		path, _, _ := strings.Cut(call, "?")
		answer, ok = a.answers[path]
	}
	status := http.StatusOK
	if n, _ := fmt.Sscanf(answer, "%3d", &status); n == 1 {
		answer = answer[3:]
	}
	return fakeAnswer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: strings.TrimPrefix(answer, " ")}, ok
}

// answer notes a call and answers it.
func (a *api) answer(t *testing.T, req *http.Request) fakeAnswer {
	a.mu.Lock()
	defer a.mu.Unlock()
	call := req.Method + " " + req.URL.RequestURI()
	answer, ok := a.written(call)
	if req.Body != nil {
		if body, _ := io.ReadAll(req.Body); len(body) > 0 {
			call += " " + string(body)
		}
	}
	if a.calls = append(a.calls, strings.TrimSpace(call+" "+req.Header.Get("X-OpenStack-Nova-API-Version"))); !ok {
		t.Errorf("unexpected call %s", call)
	}
	return answer
}

// withBlanks is an answer with blanks and line breaks between the tokens, as real clouds write them.
func withBlanks(answer string) string {
	if status, body, ok := strings.Cut(answer, "{"); ok {
		if v := jsontext.Value("{" + body); v.Indent() == nil {
			return status + string(v)
		}
	}
	return answer
}
