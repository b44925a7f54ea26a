package web

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
)

// errorLog takes what promhttp cannot answer. A client that goes away in the
// middle of an answer is no error of ours, and would fill the log with a line
// for each family that was still to come.
type errorLog struct{ logger *slog.Logger }

// Println logs what promhttp says.
func (l errorLog) Println(said ...any) {
	if slices.ContainsFunc(said, clientIsGone) {
		return
	}
	l.logger.Error("answering a scrape failed", "err", strings.TrimSpace(fmt.Sprintln(said...)))
}

func clientIsGone(said any) bool {
	err, _ := said.(error)
	gone := []error{syscall.EPIPE, syscall.ECONNRESET, net.ErrClosed, os.ErrDeadlineExceeded, io.ErrClosedPipe}
	return slices.ContainsFunc(gone, func(g error) bool { return errors.Is(err, g) })
}
