package faults

import (
	"context"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"cloudip_exporter/cli"
	"cloudip_exporter/test/check"
)

const roleVariable = "CLOUDIP_FAULTS_NAME_SERVER"

// serveBy serves as the program does, in a process that asks the given name server.
func serveBy(t *testing.T, yaml, nameServer string) *daemon {
	t.Helper()
	file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), yaml)
	cmd := exec.Command(os.Args[0], "serve", "--config.file="+file, "--web.listen-address=127.0.0.1:0", "--log.level=debug")
	cmd.Env = append(os.Environ(), roleVariable+"="+nameServer)
	return launch(t, cmd)
}

// asProgram is the process behind serveBy.
func asProgram(nameServer string) int {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, nameServer)
	}}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Process{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}, os.Args[1:])
}
