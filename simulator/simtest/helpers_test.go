package simtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/estate"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

// rig is a cloud behind a real HTTP server and somebody who talks to it.
type rig struct {
	t      *testing.T
	cloud  *Cloud
	base   string // with the prefix
	prefix string
	token  string
	pid    string
}

func newRig(t *testing.T, o simulator.Options) *rig {
	t.Helper()
	return serve(t, New(o), o.Prefix)
}

func serve(t *testing.T, c *Cloud, prefix string) *rig {
	t.Helper()
	return &rig{t: t, cloud: c, base: loopback.Serve(t, c) + prefix, prefix: prefix}
}

// login gets a token of the user, by default scope.
func (r *rig) login(user string) *rig {
	r.t.Helper()
	id := r.cloud.Credentials(user)
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":%q}}}},"scope":{"project":{"id":%q}}}}`,
		id.Username, id.Password, id.UserDomain, id.DefaultProjectID)
	resp, _ := r.do("POST", r.cloud.IdentityURL(strings.TrimSuffix(r.base, r.prefix))+"/auth/tokens", body)
	if resp.StatusCode != 201 {
		r.t.Fatalf("login answers %s", resp.Status)
	}
	r.token, r.pid = resp.Header.Get("X-Subject-Token"), id.DefaultProjectID
	return r
}

// do sends one request, to a path or a whole URL.
func (r *rig) do(method, path, body string, headers ...string) (*http.Response, []byte) {
	r.t.Helper()
	resp, b, err := r.raw(check.Within(r.t, 10*time.Second), method, path, body, headers...)
	check.OK(r.t, err)
	return resp, b
}

// raw is do, and keeps what goes wrong.
func (r *rig) raw(ctx context.Context, method, path, body string, headers ...string) (*http.Response, []byte, error) {
	url := path
	if !strings.HasPrefix(path, "http") {
		url = r.base + strings.ReplaceAll(path, "{pid}", r.pid)
	}
	req := check.Get(http.NewRequestWithContext(ctx, method, url, strings.NewReader(body)))(r.t)
	if r.token != "" {
		req.Header.Set("X-Auth-Token", r.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(req) // follows no redirect
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

// get decodes a 200 answer.
func (r *rig) get(path string, headers ...string) map[string]any {
	r.t.Helper()
	resp, b := r.do("GET", path, "", headers...)
	if resp.StatusCode != 200 {
		r.t.Fatalf("GET %s answers %s: %s", path, resp.Status, b)
	}
	return decode(r.t, b)
}

// status tells the status and the body of any answer.
func (r *rig) status(method, path, body string, headers ...string) (int, string) {
	r.t.Helper()
	resp, b := r.do(method, path, body, headers...)
	return resp.StatusCode, string(b)
}

// wants compares the status of an answer, and looks for a part of the body.
func (r *rig) wants(status int, part, method, path, body string, headers ...string) {
	r.t.Helper()
	if code, got := r.status(method, path, body, headers...); code != status || !strings.Contains(got, part) {
		r.t.Errorf("%s %s %s: %d %s, want %d with %s", method, path, body, code, got, status, part)
	}
}

func decode(t *testing.T, b []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, b)
	}
	return v
}

func byName(v map[string]any, key string) map[string]map[string]any {
	named := map[string]map[string]any{}
	for _, item := range items(v, key) {
		named[item["name"].(string)] = item
	}
	return named
}

func items(v map[string]any, key string) []map[string]any {
	var out []map[string]any
	list, _ := v[key].([]any)
	for _, i := range list {
		out = append(out, i.(map[string]any))
	}
	return out
}

// estate is the estate as it is now; tests that change it do so alone.
func (c *Cloud) estate() (now *estate.State) {
	c.Read(func(e *estate.State) { now = e })
	return now
}
