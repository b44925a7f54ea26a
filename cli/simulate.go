package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/simulator"
)

func simulateCommand() command.Command {
	return command.Command{
		Name: "simulate", Help: "Serve the simulated clouds alone, and print a configuration that watches them.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o simulator.Options
			address := c.Flag("listen-address", "Address to serve the simulated clouds on.").Default("127.0.0.1:9878").String()
			c.Flag("seed", "The same seed makes the same clouds.").Default("0").Uint64Var(&o.Seed)
			c.Flag("subnets", "Subnets of each cloud; at least a few that show every special case.").IntVar(&o.Subnets)
			c.Flag("ports", "Ports of each cloud.").IntVar(&o.Ports)
			c.Flag("servers", "Servers of each cloud.").IntVar(&o.Servers)
			c.Flag("address-groups", "Address groups of each cloud.").IntVar(&o.AddressGroups)
			c.Flag("latency", "How long each answer takes.").DurationVar(&o.Latency)
			c.Flag("token-ttl", "How long a token is valid; 0s is as the real cloud.").DurationVar(&o.TokenTTL)
			return func(ctx context.Context, e *command.Env) error { return runSimulate(ctx, e, *address, o) }
		},
	}
}

// runSimulate serves the simulated clouds until ctx ends.
func runSimulate(ctx context.Context, e *command.Env, address string, o simulator.Options) error {
	if err := checkListenAddress("--listen-address", address); err != nil {
		return exit.AsUsage(err)
	}
	clouds := simulator.NewAll(o)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("simulating clouds: %w", err)
	}
	server := &http.Server{Handler: clouds, ReadHeaderTimeout: readHeaderTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	e.Logger.Info("simulated clouds are served", "address", listener.Addr().String())
	fmt.Fprint(e.Stdout, clouds.ConfigYAML("http://"+reachable(listener.Addr())))
	select {
	case err := <-failed:
		return fmt.Errorf("simulating clouds: %w", err)
	case <-ctx.Done():
	}
	_ = server.Close() // a simulation has no answer worth waiting for
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("simulating clouds: %w", err)
	}
	return nil
}

// reachable returns a listener's address as a client on this machine writes it.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return a.String()
}
