// Package scripted has a cloud that answers as a test writes, for tests of the
// client in virtual time.
package scripted

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Project is the id of the project that tokens are for.
const Project = "5f0c1d2e3a4b4c5d8e9f001122334455"

// Cloud is a cloud behind a transport, without network, so that it can stand
// in a bubble of virtual time.
type Cloud struct {
	mu       sync.Mutex
	Requests []*http.Request // in the order they came, without those to the identity service
	Times    []time.Time     // of the requests
	Identity []*http.Request
	Bodies   []string // of logins

	Takes time.Duration                         // a login
	Life  time.Duration                         // of tokens; 0: an hour
	Login func(n int) (status int, body string) // nil, or status 0: a token
	Token string                                // the body that comes with a token, where it is another
	Bare  bool                                  // the same also where it is none at all

	Broken error                                  // of the connection to log in by
	Role   string                                 // of tokens; "": member
	Answer func(n int, req *http.Request) Answer  // n counts from 1
	Slow   time.Duration                          // of an answer 401
	Valid  func(token string) bool                // nil: the newest token only
	IAM    func(req *http.Request) (Answer, bool) // other requests to the identity service
}

// Answer is one answer, after a time; Err stands in for it.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Err    error
	After  time.Duration
}

// sleep waits, at most as long as ctx allows.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// RoundTrip answers a request as the test wrote it.
func (w *Cloud) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Host, "iam.test") {
		return w.roundTripIdentity(req)
	}
	w.mu.Lock()
	w.Requests = append(w.Requests, req)
	w.Times = append(w.Times, time.Now())
	n, newest := len(w.Requests), w.Newest()
	w.mu.Unlock()
	token := req.Header.Get("X-Auth-Token")
	good := token == newest
	if w.Valid != nil {
		good = w.Valid(token)
	}
	if token != "" && !good {
		return Respond(req, Answer{Status: http.StatusUnauthorized, After: w.Slow})
	}
	if w.Answer == nil {
		return Respond(req, Answer{Status: http.StatusOK, Body: `{}`})
	}
	return Respond(req, w.Answer(n, req))
}

// Newest returns the token that was made last.
func (w *Cloud) Newest() string { return fmt.Sprintf("token-%d", len(w.Bodies)) }

func (w *Cloud) roundTripIdentity(req *http.Request) (*http.Response, error) {
	if err := sleep(req.Context(), w.Takes); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Identity = append(w.Identity, req)
	if req.Method != http.MethodPost {
		if w.IAM != nil {
			if a, ok := w.IAM(req); ok {
				return Respond(req, a)
			}
		}
		return Respond(req, Answer{Status: http.StatusNotFound, Body: `{}`})
	}
	body, _ := io.ReadAll(req.Body)
	w.Bodies = append(w.Bodies, string(body))
	if w.Broken != nil {
		return nil, w.Broken
	}
	if w.Login != nil {
		if code, text := w.Login(len(w.Bodies)); code != 0 {
			return Respond(req, Answer{Status: code, Body: text})
		}
	}
	life := w.Life
	if life == 0 {
		life = time.Hour
	}
	if w.Token != "" || w.Bare {
		return Respond(req, Answer{Status: http.StatusCreated, Header: http.Header{"X-Subject-Token": {w.Newest()}}, Body: w.Token})
	}
	now := time.Now().UTC()
	return Respond(req, Answer{
		Status: http.StatusCreated, Header: http.Header{"X-Subject-Token": {w.Newest()}},
		Body: fmt.Sprintf(`{"token":{"issued_at":%q,"expires_at":%q,"project":{"id":%q,"name":"alpha"},"roles":[{"name":%q}],"catalog":[]}}`,
			now.Format(time.RFC3339Nano), now.Add(life).Format(time.RFC3339Nano), Project, cmp.Or(w.Role, "member")),
	})
}

// Respond answers a request.
func Respond(req *http.Request, a Answer) (*http.Response, error) {
	if err := sleep(req.Context(), a.After); err != nil {
		return nil, err
	}
	if a.Err != nil {
		return nil, a.Err
	}
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: a.Status, Header: header, Request: req,
		Body: io.NopCloser(strings.NewReader(a.Body)),
	}, nil
}

// Asked returns how many requests came, without those to the identity service.
func (w *Cloud) Asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.Requests)
}

// Logins returns how many logins came.
func (w *Cloud) Logins() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.Bodies)
}
