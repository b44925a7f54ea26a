package faults

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
	"cloudip_exporter/test/loopback"
)

// cloud is a simulated cloud on a loopback port.
type cloud struct {
	*simtest.Cloud
	base string
}

func simulate(t *testing.T, o simulator.Options) *cloud {
	t.Helper()
	c := simtest.New(o)
	return &cloud{c, loopback.Serve(t, c)}
}

func otc(t *testing.T) *cloud { return simulate(t, simulator.Options{Provider: simulator.OTC}) }

// unlimited lets the rows not wait for their own pace.
const unlimited = "  limits: {requests_per_second: 0, concurrency: 8}"

// with is a configuration of clouds; tail are the lines behind the list.
func with(tail string, items ...string) string {
	return "clouds:\n" + strings.Join(items, "") + tail
}

// byToken is the usual configuration of one cloud: a password, the given keys.
func (c *cloud) byToken(extra ...string) string { return c.item("password", extra...) }

func (c *cloud) item(auth string, extra ...string) string {
	for _, line := range extra {
		if strings.Contains(line, "limits:") {
			return c.ConfigYAML(c.base, auth, extra...)
		}
	}
	return c.ConfigYAML(c.base, auth, append(extra, unlimited)...)
}

// at is the configuration of the cloud seen through another address.
func (c *cloud) at(base string, extra ...string) string {
	return c.ConfigYAML(base, "password", append(extra, unlimited)...)
}

// watch serves a cloud of a provider, and returns what is published of it without faults.
func watch(t *testing.T, provider string, extra ...string) (c *cloud, d *daemon, control ledger) {
	t.Helper()
	c = simulate(t, simulator.Options{Provider: provider})
	d = serve(t, with("", c.byToken(extra...)))
	return c, d, d.good()
}

// hold keeps the answers at a path back until they are let go.
func (c *cloud) hold(t *testing.T, path string) (letGo func()) {
	t.Helper()
	held := make(chan struct{})
	remove := c.Fault(simtest.Fault{Path: path, ReplaceBody: func(body []byte) []byte { <-held; return body }})
	letGo = sync.OnceFunc(func() { remove(); close(held) })
	t.Cleanup(letGo)
	return letGo
}

// logins counts the logins so far.
func (c *cloud) logins() int { return c.Calls(http.MethodPost, "/auth/tokens$") }

// resources is a request for anything but identity.
func resources(r *http.Request) bool {
	return !strings.Contains(r.URL.Path, "/v3/") || strings.Contains(r.URL.Path, "/vpc/v3/")
}
