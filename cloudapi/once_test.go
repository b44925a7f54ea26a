package cloudapi

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
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

// refusingServer speaks just enough HTTP/2 to say of each request that it was
// not looked at, and counts them.
func refusingServer(t *testing.T) (url string, requests *atomic.Int32) {
	t.Helper()
	made := httptest.NewTLSServer(nil)
	certificates := made.TLS.Certificates
	made.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	requests = &atomic.Int32{}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go refuseAll(conn, requests)
		}
	}()
	return "https://" + l.Addr().String(), requests
}

func refuseAll(conn net.Conn, requests *atomic.Int32) {
	defer conn.Close()
	const (
		headers, settings, goAway = 1, 4, 7
		preface                   = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	)
	frame := func(kind, flags byte, payload []byte) {
		_, _ = conn.Write(append([]byte{0, 0, byte(len(payload)), kind, flags, 0, 0, 0, 0}, payload...))
	}
	if _, err := io.ReadFull(conn, make([]byte, len(preface))); err != nil {
		return
	}
	frame(settings, 0, nil)
	for head := make([]byte, 9); ; {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		length := int64(binary.BigEndian.Uint32(append([]byte{0}, head[:3]...)))
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		switch {
		case head[3] == settings && head[4] == 0:
			frame(settings, 1, nil)
		case head[3] == headers:
			requests.Add(1)
			frame(goAway, 0, make([]byte, 8)) // the last request that was looked at is number 0
		}
	}
}

func TestARequestSentBackIsNotSentForEver(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPut} {
		url, requests := refusingServer(t)
		transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := once(transport, transport.CloseIdleConnections).RoundTrip(req)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%s: answered %d", method, resp.StatusCode)
		}
		if n := requests.Load(); n != 1 || class(err) != classConnection {
			t.Errorf("%s: sent %d times, want once; error %v of class %s", method, n, err, class(err))
		}
	}
}
