package cloudapi

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// hangingUp is a server that hangs up on those requests that it should.
type hangingUp struct {
	should   func(*http.Request) bool
	requests atomic.Int32
}

func (h *hangingUp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.requests.Add(1)
	if h.should(r) {
		panic(http.ErrAbortHandler)
	}
}

// keepConnections opens n connections at once, so that they are kept.
func keepConnections(t *testing.T, s *session, all *sync.WaitGroup, n int) {
	t.Helper()
	all.Add(n)
	var asked sync.WaitGroup
	for range n {
		asked.Go(func() {
			if err := s.get(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	asked.Wait()
}

func TestAServerThatHangsUpSeesThreeTriesAndNoMore(t *testing.T) {
	var down atomic.Bool
	var all sync.WaitGroup
	server := &hangingUp{should: func(*http.Request) bool {
		if down.Load() {
			return true
		}
		all.Done()
		all.Wait()
		return false
	}}
	s := over(t, server, nil)
	keepConnections(t, s, &all, 6)
	down.Store(true)
	server.requests.Store(0)
	if err := s.get(t.Context()); err == nil {
		t.Error("got no error")
	}
	if n := server.requests.Load(); n != maxTries {
		t.Errorf("the server saw %d requests, want %d", n, maxTries)
	}
	if n := s.metric(t, "cloudip_api_requests_total", "list_ports", classConnection); n != maxTries {
		t.Errorf("%v requests counted, want %d", n, maxTries)
	}
}

func TestKeptConnectionsThatAllEndedCostOneTry(t *testing.T) {
	var all sync.WaitGroup
	var old sync.Map // addresses of the connections that were kept
	var aged atomic.Bool
	server := &hangingUp{should: func(r *http.Request) bool {
		if aged.Load() {
			_, is := old.Load(r.RemoteAddr)
			return is
		}
		old.Store(r.RemoteAddr, true)
		all.Done()
		all.Wait()
		return false
	}}
	s := over(t, server, nil)
	keepConnections(t, s, &all, 6)
	aged.Store(true)
	server.requests.Store(0)
	if err := s.get(t.Context()); err != nil {
		t.Error(err)
	}
	if n := server.requests.Load(); n != 2 {
		t.Errorf("the server saw %d requests, want 2", n)
	}
}
