package faults

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/loopback"
)

// echoes are the ways in which an error repeats a request: the content type and the text.
func echoes(head, body string) [][2]string {
	raw := []byte(body)
	return [][2]string{
		{"application/json", fmt.Sprintf(`{"error_msg":%q,"error_code":"APIGW.0301","request":%q,"b64":%q,"hex":%q}`,
			head, body, base64.StdEncoding.EncodeToString(raw), hex.EncodeToString(raw))},
		{"application/json", fmt.Sprintf(`{"code":"VPC.0702","message":%q}`, "cannot read "+body)},
		{"application/json", fmt.Sprintf(`{"code":"VPC.0702","message":%q}`, "cannot read "+url.QueryEscape(body)+" or "+fmt.Sprintf("%q", body))},
		{"text/html", "<html><title>400 Bad Request: " + html.EscapeString(body) + "</title><pre>" + html.EscapeString(body) + "</pre></html>"},
		{"text/plain", "bad gateway, the request was " + html.EscapeString(body)},
		{"text/plain", base64.StdEncoding.EncodeToString(raw) + " " + hex.EncodeToString(raw)},
	}
}

// echo is a gateway that repeats what it was sent in errors of its own.
type echo struct {
	mu     sync.Mutex
	on     func(*http.Request) bool
	way    int               // one of echoes
	token  string            // the beginning of one that was sent
	bodies map[string]string // what stands in a request body, by name
	quoted map[string]int    // how often it was repeated
}

// set says which requests are refused, and how.
func (e *echo) set(on func(*http.Request) bool, way int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.on, e.way = on, way
}

// answer is the refusal of a request, "" for none.
func (e *echo) answer(r *http.Request) (kind, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if sent := r.Header.Get("X-Auth-Token"); len(sent) > 40 {
		e.token = sent[:40]
	}
	if !e.on(r) {
		return "", ""
	}
	body := make([]byte, 4096)
	n, _ := r.Body.Read(body)
	var head strings.Builder
	_ = r.Header.Write(&head)
	for name, part := range e.bodies {
		e.quoted[name] += min(1, strings.Count(string(body[:n]), part))
	}
	way := echoes(head.String(), string(body[:n]))[e.way]
	return way[0], way[1]
}

// before puts the gateway before a cloud.
func (e *echo) before(t *testing.T, c http.Handler) (base string) {
	return loopback.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, text := e.answer(r)
		if kind == "" {
			c.ServeHTTP(w, r)
			return
		}
		status := []int{400, 401, 403, 500}[len(r.URL.Path)%4]
		if assigns(r) {
			status = 400 // a refusal: what is not known for sure is read back for long
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
}

func logsIn(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/auth/tokens") }

func assigns(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/privateips")
}

// bodies has logins and assignments refused by errors that quote them, in every way, and
// looks at what is shown then.
func bodies(t *testing.T, e *echo, c *simtest.Cloud, journal string, canary map[string]string, look func(), show func(args ...string) (code int)) {
	t.Helper()
	subnets := c.Truth().Subnets
	subnet := subnets[slices.IndexFunc(subnets, func(s simtest.TruthSubnet) bool { return s.Name == "dual-big" && s.IPVersion == "4" })]
	free := netip.MustParsePrefix(subnet.CIDR).Addr().As4()
	free[3] = 200 // beyond the addresses that the simulator has given out
	address := netip.AddrFrom4(free).String()
	e.mu.Lock()
	e.bodies["assignment body"], e.bodies["login body"] = `"ip_address":"`+address+`"`, `"identity":{"methods":["`
	e.mu.Unlock()
	ways := len(echoes("", ""))
	for way := range ways {
		e.set(logsIn, way)
		c.RevokeTokens()
		look()
		for _, cloud := range []string{"sim-otc", "app"} {
			show("inventory", "--cloud="+cloud)
		}
		e.set(assigns, way)
		if code := show("private-ip", "assign", "--subnet="+subnet.ID, "--address="+address, "--yes", "--cloud=sim-otc", "--journal.file="+journal); code == 0 || code == 75 {
			t.Errorf("a refused assignment exits with %d", code)
		}
	}
	e.set(func(*http.Request) bool { return false }, 0)
	for name, part := range e.bodies {
		canary[name] = part
		if n := e.quoted[name]; n < ways {
			t.Errorf("the %s was repeated %d times only", name, n)
		}
	}
}
