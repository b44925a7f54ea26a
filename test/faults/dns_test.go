package faults

import (
	"net"
	"net/netip"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"cloudip_exporter/test/check"
)

// nameServer answers questions of type A on a loopback port.
type nameServer struct {
	address string
	names   sync.Map // an address, NXDOMAIN, SERVFAIL or "no answer"
}

func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	conn := check.Get(net.ListenPacket("udp", "127.0.0.1:0"))(t)
	s := &nameServer{address: conn.LocalAddr().String()}
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

// reply is the answer to one question, nil for none.
func (s *nameServer) reply(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	with, _ := s.names.Load(q.Name.String())
	m.Response, m.Additionals = true, nil
	switch with {
	case "no answer":
		return nil
	case "SERVFAIL":
		m.RCode = dnsmessage.RCodeServerFailure
	case "NXDOMAIN", nil:
		m.RCode = dnsmessage.RCodeNameError
	default:
		if q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: netip.MustParseAddr(with.(string)).As4()}}}
		}
	}
	reply, _ := m.Pack()
	return reply
}
