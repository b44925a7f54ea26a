package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/alecthomas/kingpin/v2"
	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/simulator"
)

// mostSimulated is how many things of a kind a simulated cloud may have: more than any
// cloud, and few enough for the memory of one machine.
const mostSimulated = 5_000_000

func simulateCommand() command.Command {
	return command.Command{
		Name: "simulate", Help: "Serve simulated clouds alone, and print a configuration that watches them.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o simulator.Options
			address := c.Flag("listen-address", "Address to serve them on.").Default("127.0.0.1:9878").String()
			c.Flag("seed", "The same seed makes the same clouds.").Default("0").Uint64Var(&o.Seed)
			c.Flag("subnets", "Subnets of each cloud; at least a few that show every special case.").IntVar(&o.Subnets)
			c.Flag("ports", "Ports of each cloud.").IntVar(&o.Ports)
			c.Flag("servers", "Servers of each cloud.").IntVar(&o.Servers)
			c.Flag("address-groups", "Address groups of each cloud.").IntVar(&o.AddressGroups)
			c.Flag("latency", "How long each answer takes.").DurationVar(&o.Latency)
			c.Flag("token-ttl", "How long a token is valid; 0s is as in a real cloud.").DurationVar(&o.TokenTTL)
			return func(ctx context.Context, e *command.Env) error { return runSimulate(ctx, e, *address, o) }
		},
	}
}

func runSimulate(ctx context.Context, e *command.Env, address string, o simulator.Options) error {
	if err := checkListenAddress("--listen-address", address); err != nil {
		return exit.AsUsage(err)
	}
	for flag, n := range map[string]int{"subnets": o.Subnets, "ports": o.Ports, "servers": o.Servers, "address-groups": o.AddressGroups} {
		if n < 0 || n > mostSimulated {
			return exit.Usagef("--%s=%d: give a number from 0 to %d", flag, n, mostSimulated)
		}
	}
	clouds := simulator.NewAll(o)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nameListenFlag("--listen-address", fmt.Errorf("simulating clouds: %w", err))
	}
	servers, ctx := errgroup.WithContext(ctx) // one that fails ends all
	serve := func(l net.Listener, h http.Handler) *http.Server {
		server := &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout}
		servers.Go(func() error { return server.Serve(l) })
		return server
	}
	running := []*http.Server{serve(listener, clouds)}
	e.Logger.Info("simulated clouds are served", "address", listener.Addr().String())
	for i, c := range clouds.Clouds() {
		own, err := listenBeside(listener.Addr(), i+1)
		if err != nil {
			return fmt.Errorf("simulating clouds: %w", err)
		}
		running = append(running, serve(own, c))
		fmt.Fprintf(e.Stdout, "# the %s cloud alone, for clients that take no path: %s\n", c.Provider(), local(own.Addr().String()))
	}
	fmt.Fprint(e.Stdout, clouds.ConfigYAML(local(listener.Addr().String())))
	stop := context.AfterFunc(ctx, func() {
		for _, server := range running {
			_ = server.Close() // a simulation has no answer worth waiting for
		}
	})
	defer stop()
	if err := servers.Wait(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("simulating clouds: %w", err)
	}
	return nil
}

// listenBeside listens at the nth port after that of an address, or at any free
// one where that is taken. A cloud has a port of its own because some clients
// drop the path of an endpoint.
func listenBeside(a net.Addr, n int) (net.Listener, error) {
	at := *a.(*net.TCPAddr) // as of every listener for tcp
	at.Port += n
	if l, err := net.ListenTCP("tcp", &at); err == nil {
		return l, nil
	}
	at.Port = 0
	return net.ListenTCP("tcp", &at)
}
