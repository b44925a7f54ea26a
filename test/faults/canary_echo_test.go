package faults

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/loopback"
)

// echoes are the ways in which an error repeats a request.
func echoes() []func(head, body string) (kind, text string) {
	return []func(head, body string) (kind, text string){
		func(head, body string) (string, string) {
			return "application/json", fmt.Sprintf(`{"error_msg":%q,"error_code":"APIGW.0301","request":%q,"b64":%q,"hex":%q}`,
				head, body, base64.StdEncoding.EncodeToString([]byte(body)), hex.EncodeToString([]byte(body)))
		},
		func(_, body string) (string, string) {
			return "application/json", fmt.Sprintf(`{"code":"VPC.0702","message":%q}`, "cannot read "+body)
		},
		func(_, body string) (string, string) {
			return "application/json", fmt.Sprintf(`{"code":"VPC.0702","message":%q}`, "cannot read "+url.QueryEscape(body)+" or "+fmt.Sprintf("%q", body))
		},
		func(_, body string) (string, string) {
			return "text/html", "<html><title>400 Bad Request: " + html.EscapeString(body) + "</title><pre>" + html.EscapeString(body) + "</pre></html>"
		},
		func(_, body string) (string, string) {
			return "text/plain", "bad gateway, the request was " + html.EscapeString(body)
		},
		func(_, body string) (string, string) {
			return "text/plain", base64.StdEncoding.EncodeToString([]byte(body)) + " " + hex.EncodeToString([]byte(body))
		},
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

// watch counts how often part of a request body is repeated.
func (e *echo) watch(name, part string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bodies[name] = part
}

func (e *echo) note(r *http.Request) (on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if sent := r.Header.Get("X-Auth-Token"); len(sent) > 40 {
		e.token = sent[:40]
	}
	return e.on(r)
}

// answer is the refusal of a request.
func (e *echo) answer(head, body string) (kind, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, c := range e.bodies {
		if strings.Contains(body, c) {
			e.quoted[name]++
		}
	}
	return echoes()[e.way](head, body)
}

// before puts the gateway before a cloud.
func (e *echo) before(t *testing.T, c http.Handler) (base string) {
	return loopback.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !e.note(r) {
			c.ServeHTTP(w, r)
			return
		}
		body := make([]byte, 4096)
		n, _ := r.Body.Read(body)
		var b strings.Builder
		_ = r.Header.Write(&b)
		kind, text := e.answer(b.String(), string(body[:n]))
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

// bodies has logins and assignments refused by errors that quote them, in every
// way; what is then shown, logged and journaled goes to shown.
func bodies(t *testing.T, e *echo, c *simtest.Cloud, file, journal string, look func(), canary map[string]string, shown *strings.Builder) {
	t.Helper()
	var subnet simtest.TruthSubnet
	for _, s := range c.Truth().Subnets {
		if s.Name == "dual-big" && s.IPVersion == "4" {
			subnet = s
		}
	}
	free := netip.MustParsePrefix(subnet.CIDR).Addr().As4()
	free[3] = 200 // beyond the addresses that the simulator has given out
	address := netip.AddrFrom4(free).String()
	e.watch("assignment body", `"ip_address":"`+address+`"`)
	e.watch("login body", `"identity":{"methods":["`)
	for way := range echoes() {
		e.set(logsIn, way)
		c.RevokeTokens()
		look()
		for _, cloud := range []string{"sim-otc", "app"} {
			_, out, errs := command(t, "inventory", "--cloud="+cloud, "--config.file="+file, "--log.level=debug")
			shown.WriteString(out + errs)
		}
		e.set(assigns, way)
		code, out, errs := command(t, "private-ip", "assign", "--subnet="+subnet.ID, "--address="+address, "--yes",
			"--cloud=sim-otc", "--config.file="+file, "--journal.file="+journal, "--log.level=debug")
		if code == 0 || code == 75 {
			t.Errorf("a refused assignment exits with %d: %s", code, errs)
		}
		shown.WriteString(out + errs)
	}
	e.set(func(*http.Request) bool { return false }, 0)
	for name, part := range e.bodies {
		canary[name] = part
		if n := e.quoted[name]; n < len(echoes()) {
			t.Errorf("the %s was repeated %d times only", name, n)
		}
	}
}
