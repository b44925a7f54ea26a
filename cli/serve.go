package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/daemon"
	"cloudip_exporter/simulator"
)

const (
	defaultAddress = ":9877"
	mostSpeed      = 86400 // of the demo: a day in each second
)

type serveFlags struct {
	demo       bool
	simulated  simulator.DemoOptions
	url        webURL
	collectors map[string]*forced
	options    daemon.Options
}

// forced is a flag that wins over the configuration where it is given.
type forced struct{ on, given bool }

func serveCommand() command.Command {
	return command.Command{
		Name: "serve", Help: "Serve the metrics; this is the default command.", Default: true,
		Flags: func(c *kingpin.CmdClause) command.Run {
			f := &serveFlags{options: daemon.Options{Listen: kingpinflag.AddFlags(c, defaultAddress)}, collectors: map[string]*forced{}}
			f.add(c)
			return func(ctx context.Context, e *command.Env) error { return runServe(ctx, e, f) }
		},
	}
}

func (f *serveFlags) add(c *kingpin.CmdClause) {
	c.Flag("demo", "Watch built-in simulated clouds: no configuration, no credentials, no network.").BoolVar(&f.demo)
	c.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").StringVar(&f.options.TelemetryPath)
	c.Flag("web.external-url", "URL under which others reach this server, such as behind a proxy.").PlaceHolder("URL").StringVar(&f.url.external)
	c.Flag("web.route-prefix", "Path below which everything is served; default that of --web.external-url.").PlaceHolder("PATH").StringVar(&f.url.prefix)
	c.Flag("web.enable-lifecycle", "Reload the configuration on POST /-/reload.").BoolVar(&f.options.EnableLifecycle)
	c.Flag("web.enable-pprof", "Serve profiles of this process at /debug/pprof/.").BoolVar(&f.options.EnablePprof)
	c.Flag("demo.speed", "Seconds that pass in the simulated clouds in one of ours.").Default("1").Float64Var(&f.simulated.Speed)
	c.Flag("demo.troubles", "Let the simulated APIs fail at times.").BoolVar(&f.simulated.Troubles)
	c.Flag("shard", "Shard of the targets to collect, from 0.").IntVar(&f.options.Shard.Index)
	c.Flag("total-shards", "Shards, each a replica of this program, that divide the targets.").Default("1").IntVar(&f.options.Shard.Total)
	for _, col := range collector.All() {
		force := new(forced)
		c.Flag("collector."+col.Name, col.Help+" Wins over the configuration.").IsSetByUser(&force.given).BoolVar(&force.on)
		f.collectors[col.Name] = force
	}
}

// force returns the collectors that flags switch on or off.
func (f *serveFlags) force() map[string]bool {
	force := map[string]bool{}
	for name, flag := range f.collectors {
		if flag.given {
			force[name] = flag.on
		}
	}
	return force
}

// runServe runs the daemon until ctx ends.
func runServe(ctx context.Context, e *command.Env, f *serveFlags) error {
	if err := f.check(); err != nil {
		return exit.AsUsage(err)
	}
	read, stop, err := f.source(e)
	if err != nil {
		return err
	}
	defer stop()
	o := f.options
	o.Listening = func(l net.Listener) {
		if f.demo && *o.Listen.WebConfigFile == "" { // which may ask for https
			e.Logger.Info("watching simulated clouds: open the page in a browser", "url", local(l.Addr().String())+strings.TrimSuffix(f.url.prefix, "/")+"/")
		}
	}
	o.Read, o.Reloads, o.InMemory = read, e.Reloads(ctx), f.demo
	o.RoutePrefix, o.ExternalURL = f.url.prefix, f.url.url
	o.Version, o.UserAgent, o.Logger = Version(), e.UserAgent, e.Logger
	d, err := daemon.New(o)
	if err != nil {
		return exit.AsUsage(err)
	}
	defer d.Close()
	return nameListenFlag("--web.listen-address", d.Serve(ctx))
}

// check finds the faults of the flags themselves.
func (f *serveFlags) check() error {
	faults := []error{f.options.Shard.Check(), f.url.check()}
	if s := f.simulated.Speed; !(s > 0 && s <= mostSpeed) { // NaN is neither
		faults = append(faults, fmt.Errorf("--demo.speed=%v: give a number above 0, at most %d", s, mostSpeed))
	}
	for _, address := range *f.options.Listen.WebListenAddresses {
		if !strings.HasPrefix(address, "vsock://") { // which has rules of its own
			faults = append(faults, checkListenAddress("--web.listen-address", address))
		}
	}
	return errors.Join(faults...)
}

// source returns the function that reads the configuration, and one to call at the end.
func (f *serveFlags) source(e *command.Env) (read func() (*config.Config, error), stop func(), err error) {
	load := e.LoadConfig
	stop = func() {}
	if f.demo {
		if load, stop, err = startDemo(f.simulated); err != nil {
			return nil, nil, err
		}
	}
	return func() (*config.Config, error) {
		cfg, err := load()
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; or run serve --demo, which needs none", err)
		}
		if err != nil {
			return nil, err
		}
		return cfg.WithCollectors(f.force())
	}, stop, nil
}
