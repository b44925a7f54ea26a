package cloudapi

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

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
		resp, err := bounded(transport).RoundTrip(req)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%s: answered %d", method, resp.StatusCode)
		}
		if n := requests.Load(); n != 1 || class(err) != classConnection {
			t.Errorf("%s: sent %d times, want once; error %v of class %s", method, n, err, class(err))
		}
	}
}
