package simtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Fault is one scripted fault. The zero value of each condition matches every
// request; several faults can hit one request, in the order in which they were set.
type Fault struct {
	// Which requests.
	Method      string                   // "" for any
	Path        string                   // regular expression, found in the path inside the cloud ("/vpc/v2.0/ports")
	Query       string                   // substring of the query as sent
	Match       func(*http.Request) bool // anything else
	Nth         int                      // the nth matching request only, from 1
	From        int                      // the matching requests from this one on
	Count       int                      // so many, then no more
	Probability float64                  // of each matching request, whatever the order in which they come; 0 is 1
	Seed        uint64                   // for Probability

	// What happens instead of an answer.
	Status   int         // this status with Body; the request is not executed
	Body     string      // with Status
	Header   http.Header // added to the answer, whatever it is
	Redirect string      // Location of a redirect; Status defaults to 302
	Throttle *Throttle   // 429 beyond a number in a window
	Hang     bool        // no answer until the client goes; with a cut, after the bytes
	Reset    bool        // the connection is reset

	// What happens to the real answer.
	Commit       bool                // execute first, then Status, Reset, Hang or Delay lose the answer
	Delay        time.Duration       // before the answer
	ReplaceBody  func([]byte) []byte // edits the body; Content-Length is that of the result
	MutateJSON   func(any) any       // edits the decoded body; numbers are json.Number
	NextLink     string              // all hrefs of *_links, and next_marker, become this
	RepeatMarker bool                // the page is served as if it had no marker: the last id comes again
	KeepLinks    bool                // with EmptyPage: the links stay
	EmptyPage    bool                // every list in the body is emptied
	CutAfter     int                 // the connection ends after n bytes of body, below the Content-Length
	CutAtPercent float64             // the same, in percent of the body
	SlowBytes    time.Duration       // pause before every 64 bytes of the body
	Padding      int64               // so many spaces follow the body, without Content-Length
}

// Throttle answers 429 beyond Limit requests in a Window.
type Throttle struct {
	Limit      int
	Window     time.Duration
	RetryAfter string // header; "" for none, as Huawei Cloud and OTC have it
	Body       string // default as the gateway writes it
}

// Faults that are in force.
type faults struct {
	mu   sync.Mutex
	list []*active
}

type active struct {
	Fault
	path   *regexp.Regexp
	seen   int            // matching requests so far
	same   map[string]int // of these, those with the same method, path and query
	window time.Time
	calls  int // in the window
}

// Fault puts a fault into force until remove is called.
func (c *Cloud) Fault(f Fault) (remove func()) {
	a := &active{Fault: f, path: regexp.MustCompile(f.Path), same: map[string]int{}}
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.list = append(c.faults.list, a)
	return func() {
		c.faults.mu.Lock()
		defer c.faults.mu.Unlock()
		for i, other := range c.faults.list {
			if other == a {
				c.faults.list = append(c.faults.list[:i:i], c.faults.list[i+1:]...)
				return
			}
		}
	}
}

// match collects what will happen to the request.
func (fs *faults) match(r *http.Request, path string, now time.Time) plan {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var p plan
	for _, a := range fs.list {
		if !a.hits(r, path) {
			continue
		}
		if a.Throttle != nil {
			if over := a.throttled(now); over != nil {
				p.faults = append(p.faults, *over)
			}
			continue
		}
		p.faults = append(p.faults, a.Fault)
	}
	return p
}

func (a *active) hits(r *http.Request, path string) bool {
	if a.Method != "" && a.Method != r.Method || !a.path.MatchString(path) || !strings.Contains(r.URL.RawQuery, a.Query) || a.Match != nil && !a.Match(r) {
		return false
	}
	a.seen++
	switch {
	case a.Nth > 0 && a.seen != a.Nth:
		return false
	case a.From > 0 && a.seen < a.From:
		return false
	case a.Count > 0 && a.seen-max(a.From, 1) >= a.Count:
		return false
	}
	return a.Probability == 0 || a.drawn(r)
}

// drawn draws for the nth request of its kind. The order in which requests arrive
// that were sent at once has no part in it, so a run can be played again.
func (a *active) drawn(r *http.Request) bool {
	kind := r.Method + " " + r.URL.Path + "?" + r.URL.RawQuery
	a.same[kind]++
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, kind, a.same[kind])
	return rand.New(rand.NewPCG(a.Seed, h.Sum64())).Float64() < a.Probability
}

// throttled counts the request in its window; a fault is its refusal.
func (a *active) throttled(now time.Time) *Fault {
	t := a.Throttle
	if now.Sub(a.window) >= t.Window {
		a.window, a.calls = now, 0
	}
	if a.calls++; a.calls <= t.Limit {
		return nil
	}
	f := &Fault{Status: http.StatusTooManyRequests, Body: t.Body, Header: http.Header{"Content-Type": {"application/json"}}}
	if f.Body == "" {
		f.Body = `{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:1,time:1 second","error_code":"APIGW.0308","request_id":"7a10c0de-0308-4000-8000-000000000001"}`
	}
	if t.RetryAfter != "" {
		f.Header.Set("Retry-After", t.RetryAfter)
	}
	return f
}

// wait pauses, or less if the client goes.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
