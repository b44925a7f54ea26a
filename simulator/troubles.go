package simulator

import (
	"net/http"
	"regexp"
	"sync"
	"time"
)

// trouble is a time of the demo's world in which an API fails.
type trouble struct {
	path *regexp.Regexp // inside the cloud
	on   func(now time.Time) bool
	free int // requests that are answered in each window of ten seconds
	with reply

	mu     sync.Mutex // held to count
	window time.Time
	calls  int
}

// answer is what is sent instead of the cloud's own answer, nil for that.
func (t *trouble) answer(path string, now time.Time) *reply {
	if !t.path.MatchString(path) || !t.on(now) {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.window) >= 10*time.Second {
		t.window, t.calls = now, 0
	}
	if t.calls++; t.calls <= t.free {
		return nil
	}
	return &t.with
}

// troublesOf are the failures of one cloud of the demo.
func troublesOf(c *Cloud) []*trouble {
	minute := time.Minute
	during := func(s spell) func(time.Time) bool {
		return func(now time.Time) bool { return s.on(c.world.since(now)) }
	}
	reply := func(status int, kind, body string) reply {
		return reply{status: status, header: http.Header{"Content-Type": {kind}}, body: []byte(body)}
	}
	switch c.opts.Provider {
	case OpenStack:
		return []*trouble{{path: regexp.MustCompile(`/address-groups`), on: during(spell{120 * minute, 20 * minute, 75 * minute}),
			with: reply(http.StatusServiceUnavailable, "text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>")}}
	case OTC:
		return []*trouble{{path: regexp.MustCompile(`/servers/[^/]+/ips`), on: during(spell{120 * minute, 25 * minute, 80 * minute}), free: 5,
			with: reply(http.StatusTooManyRequests, "application/json", `{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:1,time:1 second","error_code":"APIGW.0308","request_id":"7a10c0de-0308-4000-8000-000000000001"}`).with("Retry-After", "1")}}
	}
	return []*trouble{{path: regexp.MustCompile(`/vpc/`), on: during(spell{160 * minute, 30 * minute, 60 * minute}),
		with: reply(http.StatusUnauthorized, "application/json", `{"error_msg":"Incorrect IAM authentication information: verify aksk signature fail","error_code":"APIGW.0301","request_id":"7a10c0de-0301-4000-8000-000000000001"}`)}}
}
