package simtest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const maxRecorded = 200_000

// Request is one request that the cloud saw.
type Request struct {
	Time          time.Time
	Method        string
	Path          string // whole, with prefix and service
	Query         string // as sent
	Host          string
	Headers       []string // names, sorted
	Auth          string   // "token", "signature", "login", or "" for none
	User, Project string   // names, once the login was accepted
	Status        int      // 0 while the answer is not finished, or when it was cut
}

type requestLog struct {
	mu  sync.Mutex
	all []*Request
}

func (l *requestLog) begin(r *http.Request, now time.Time) *Request {
	e := &Request{Time: now, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Host: r.Host, Auth: authKind(r)}
	for name := range r.Header {
		e.Headers = append(e.Headers, name)
	}
	slices.Sort(e.Headers)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) >= maxRecorded {
		l.all = slices.Clone(l.all[maxRecorded/2:])
	}
	l.all = append(l.all, e)
	return e
}

func authKind(r *http.Request) string {
	switch {
	case r.Header.Get("X-Auth-Token") != "":
		return "token"
	case r.Header.Get("Authorization") != "":
		return "signature"
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/v3/auth/tokens"):
		return "login"
	}
	return ""
}

// login notes who asked.
func (l *requestLog) login(e *Request, user, project string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.User, e.Project = user, project
}

func (l *requestLog) end(e *Request, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Status = status
}

// Requests are all requests seen so far (the last 100,000 at least), oldest first.
func (c *Cloud) Requests() []Request {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	out := make([]Request, len(c.log.all))
	for i, e := range c.log.all {
		out[i] = *e
	}
	return out
}

// Calls counts the requests whose method is method ("" for any) and whose path
// matches the regular expression.
func (c *Cloud) Calls(method, path string) int {
	re := regexp.MustCompile(path)
	n := 0
	for _, r := range c.Requests() {
		if (method == "" || r.Method == method) && re.MatchString(r.Path) {
			n++
		}
	}
	return n
}

// Forget empties the record of requests.
func (c *Cloud) Forget() {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	c.log.all = nil
}
