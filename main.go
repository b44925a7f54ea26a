// Command cloudip_exporter watches the IP address space of clouds and exposes
// it as Prometheus metrics; further commands look up, list and assign addresses.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/common/version"

	"cloudip_exporter/cli"
)

func main() {
	// net/http logs what a server sends without a request, which may hold a token.
	log.SetOutput(io.Discard)
	version.Version = cli.Version() // --version and the metric of the build read it there
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	process := cli.Process{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Reloads: hangups}
	os.Exit(cli.Run(ctx, process, os.Args[1:]))
}

// hangups returns the SIGHUPs of the process until ctx ends. Only a command that
// asks for them catches them: the others end by SIGHUP.
func hangups(ctx context.Context) <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	context.AfterFunc(ctx, func() { signal.Stop(signals) })
	return signals
}
