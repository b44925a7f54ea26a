package faults

import (
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"testing"

	"cloudip_exporter/test/check"
)

// nameServer answers questions of type A on a loopback port.
type nameServer struct {
	address string
	mu      sync.Mutex
	names   map[string]string // an address, NXDOMAIN, SERVFAIL or "no answer"
}

func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	check.OK(t, err)
	s := &nameServer{address: conn.LocalAddr().String(), names: map[string]string{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		question := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			if reply := s.reply(question[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return s
}

func (s *nameServer) answer(name, with string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name] = with
}

// reply is the answer to one question, nil for none.
func (s *nameServer) reply(q []byte) []byte {
	const header = 12
	if len(q) < header+5 {
		return nil
	}
	var name strings.Builder
	at := header
	for at < len(q) && q[at] != 0 && at+1+int(q[at]) < len(q) {
		name.Write(q[at+1 : at+1+int(q[at])])
		name.WriteByte('.')
		at += 1 + int(q[at])
	}
	end := at + 5 // the root, type and class
	if end > len(q) {
		return nil
	}
	kind := binary.BigEndian.Uint16(q[at+1:])
	s.mu.Lock()
	with := s.names[name.String()]
	s.mu.Unlock()
	code := byte(0)
	switch with {
	case "no answer":
		return nil
	case "SERVFAIL":
		code = 2
	case "NXDOMAIN", "":
		code = 3
	}
	reply := append([]byte{q[0], q[1], 0x81, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0}, q[header:end]...)
	if ip := net.ParseIP(with).To4(); ip != nil && kind == 1 {
		reply[7] = 1
		reply = append(reply, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, ip...)
	}
	return reply
}
