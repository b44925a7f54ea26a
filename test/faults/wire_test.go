package faults

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

// toxic is what a wire does to what comes back over it; the zero toxic nothing.
type toxic struct {
	latency   time.Duration // before each piece
	limit     int           // so many bytes of each connection, then it ends
	reset     bool          // it ends by RST
	slowClose bool          // it ends never, after limit
	stall     bool          // nothing passes, in either direction
	refuse    bool          // a connection ends at once
}

// wire is a TCP proxy between the exporter and a cloud.
type wire struct {
	url    string
	target string

	mu      sync.Mutex
	now     toxic
	changed chan struct{} // closed when now changes
	conns   map[net.Conn]bool
}

func newWire(t *testing.T, base string) *wire {
	t.Helper()
	ln := check.Get(net.Listen("tcp", "127.0.0.1:0"))(t)
	w := &wire{url: "http://" + ln.Addr().String(), target: strings.TrimPrefix(base, "http://"), changed: make(chan struct{}), conns: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		w.set(toxic{})
		running.Wait()
	})
	return w
}

// set changes what the wire does and cuts what is under way.
func (w *wire) set(x toxic) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = x
	close(w.changed)
	w.changed = make(chan struct{})
	for c := range w.conns {
		_ = c.Close()
	}
}

func (w *wire) state() (toxic, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.changed
}

func (w *wire) keep(c net.Conn, there bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if there {
		w.conns[c] = true
	} else {
		delete(w.conns, c)
	}
}

func (w *wire) carry(down net.Conn) {
	w.keep(down, true)
	defer w.keep(down, false)
	defer down.Close()
	x, changed := w.state()
	switch {
	case x.refuse:
		return
	case x.stall:
		<-changed
		return
	}
	up, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	w.keep(up, true)
	defer w.keep(up, false)
	defer up.Close()
	var both sync.WaitGroup
	both.Go(func() {
		defer up.Close()
		_, _ = io.Copy(up, down)
	})
	w.back(down, up, x, changed)
	_ = down.Close()
	both.Wait()
}

// back carries the answers.
func (w *wire) back(down, up net.Conn, x toxic, changed <-chan struct{}) {
	left := x.limit
	piece := make([]byte, 4096)
	for {
		n, err := up.Read(piece)
		if err != nil {
			return
		}
		if x.latency > 0 {
			late := time.NewTimer(x.latency)
			select {
			case <-late.C:
			case <-changed:
				late.Stop()
				return
			}
		}
		if ends := x.limit > 0 || x.reset; ends && n >= left {
			_, _ = down.Write(piece[:left])
			if tcp, ok := down.(*net.TCPConn); ok && x.reset {
				_ = tcp.SetLinger(0)
			}
			if x.slowClose {
				<-changed
			}
			return
		}
		left -= n
		if _, err := down.Write(piece[:n]); err != nil {
			return
		}
	}
}
