package web

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestClientsThatGoAwayDoNotFillTheLog(t *testing.T) {
	var out bytes.Buffer
	log := errorLog{slog.New(slog.NewTextHandler(&out, nil))}
	gone := &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
	for range 100 {
		log.Println("error encoding and sending metric family:", gone)
		log.Println("error encoding and sending metric family:", fmt.Errorf("compress: %w", syscall.ECONNRESET))
	}
	if out.Len() > 0 {
		t.Errorf("logged %q", out.String())
	}
	log.Println("error gathering metrics:", errors.New("two series with the same labels"))
	if !strings.Contains(out.String(), "two series with the same labels") {
		t.Errorf("an error of ours was not logged: %q", out.String())
	}
}
