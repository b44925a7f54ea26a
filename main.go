// Command cloudip_exporter watches the IP address space of clouds and exposes
// it as Prometheus metrics; further commands look up, list and assign addresses.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/version"

	"cloudip_exporter/cli"
)

func main() {
	// net/http writes there what a server sent unasked, which may be our token.
	log.SetOutput(io.Discard)
	version.Version = versionName() // where the build did not say it
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := newApp()
	command, code, done := app.parse(args, stdout, stderr)
	if done {
		return code
	}
	app.log.Writer = stderr
	env := &environment{
		stdin: stdin, stdout: stdout, stderr: stderr,
		logger: promslog.New(&app.log), configFile: *app.configFile,
	}
	err := command(ctx, env)
	if err != nil && !errors.Is(err, errTold) {
		fmt.Fprintln(stderr, cli.Message(err))
	}
	return cli.ExitCode(err)
}
