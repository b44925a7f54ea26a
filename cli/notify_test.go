package cli

import (
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSystemdIsToldWhenTheDaemonIsReadyReloadsAndEnds(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	told := func(want string) {
		t.Helper()
		message := make([]byte, 1024)
		n, err := c.Read(message)
		if err != nil || !strings.HasPrefix(string(message[:n]), want) {
			t.Errorf("told %q, %v, want %s", message[:n], err, want)
		}
	}
	d := startServing(t, "serve", "--demo")
	told("READY=1")
	d.reloads <- syscall.SIGHUP
	told("RELOADING=1\nMONOTONIC_USEC=")
	told("READY=1")
	d.end()
	told("STOPPING=1")
}
