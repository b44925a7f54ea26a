package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"cloudip_exporter/cli"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
	webui "cloudip_exporter/web"
)

const (
	defaultAddress = ":9877"
	// At the end of the process answers under way may take this long, and
	// collections that they wait for a little less.
	answersGrace     = 10 * time.Second
	collectionsGrace = 5 * time.Second
)

// serveFlags are the flags of serve.
type serveFlags struct {
	demo          *bool
	world         simulator.DemoOptions
	web           *web.FlagConfig
	telemetryPath *string
	lifecycle     *bool
	pprof         *bool
	shard         collect.Shard
	collectors    map[string]*forced
}

// forced is a flag that wins over the configuration where it is given.
type forced struct{ on, given bool }

func (a *app) addServe() {
	c := a.Command("serve", "Serve the metrics; this is the default command.").Default()
	f := &serveFlags{
		demo:          c.Flag("demo", "Watch a built-in simulated cloud: needs no configuration, no credentials and no network.").Bool(),
		web:           kingpinflag.AddFlags(c, defaultAddress),
		telemetryPath: c.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").PlaceHolder("PATH").String(),
		lifecycle:     c.Flag("web.enable-lifecycle", "Reload the configuration on POST /-/reload.").Bool(),
		pprof:         c.Flag("web.enable-pprof", "Serve profiles of this process at /debug/pprof/.").Bool(),
		collectors:    map[string]*forced{},
	}
	c.Flag("demo.speed", "How many seconds pass in the simulated cloud in one of ours.").Default("1").Float64Var(&f.world.Speed)
	c.Flag("demo.troubles", "Let the APIs of the simulated cloud fail at times.").BoolVar(&f.world.Troubles)
	c.Flag("shard", "Which shard of all targets to collect, from 0.").IntVar(&f.shard.Index)
	c.Flag("total-shards", "How many shards, each a replica of this program, the targets are divided over.").Default("1").IntVar(&f.shard.Total)
	for _, col := range collector.All() {
		f.collectors[col.Name] = forcedFlag(c, col)
	}
	a.add(c, func(ctx context.Context, env *environment) error { return serve(ctx, env, f) })
}

func forcedFlag(c *kingpin.CmdClause, col collector.Collector) *forced {
	var f forced
	c.Flag("collector."+col.Name, col.Help+" Wins over the configuration.").IsSetByUser(&f.given).BoolVar(&f.on)
	return &f
}

// force are the collectors that flags switch on or off.
func (f *serveFlags) force() map[string]bool {
	force := map[string]bool{}
	for name, flag := range f.collectors {
		if flag.given {
			force[name] = flag.on
		}
	}
	return force
}

// serve runs the daemon until ctx ends.
func serve(ctx context.Context, env *environment, f *serveFlags) error {
	if err := f.check(); err != nil {
		return usageError(err)
	}
	read, stop, err := f.source(env)
	if err != nil {
		return err
	}
	defer stop()
	if err := web.Validate(*f.web.WebConfigFile); err != nil {
		return usageError(fmt.Errorf("web configuration %s: %w", *f.web.WebConfigFile, err))
	}
	d, err := newDaemon(read, f.shard, env.logger)
	if err != nil {
		return usageError(err)
	}
	defer d.close()
	handler, err := webui.New(webui.Options{
		Runner: d.runner, Process: d.process, API: d.api, APIOf: d.requests.Of, Reload: d.reload,
		TelemetryPath: *f.telemetryPath, EnableLifecycle: *f.lifecycle, EnablePprof: *f.pprof,
		Version: versionName(), Logger: env.logger,
	})
	if err != nil {
		return usageError(err)
	}
	tuneMemory(ctx, env.logger)
	env.logger.Info("starting", "version", versionName(), "targets", len(d.runner.Targets()))
	go d.reloadOnHangup(ctx)
	return listen(ctx, newServer(handler, env.logger), d, f.web, env.logger)
}

// check finds the faults of the flags themselves.
func (f *serveFlags) check() error {
	faults := []error{f.shard.Check()}
	for _, address := range *f.web.WebListenAddresses {
		if !strings.HasPrefix(address, "vsock://") { // which has rules of its own
			faults = append(faults, checkListenAddress("--web.listen-address", address))
		}
	}
	return errors.Join(faults...)
}

// source is where the configuration comes from, and what to do at the end.
func (f *serveFlags) source(env *environment) (read func() (*config.Config, error), stop func(), err error) {
	load := func() (*config.Config, error) { return loadConfig(env.configFile) }
	stop = func() {}
	if *f.demo {
		if load, stop, err = startDemo(f.world); err != nil {
			return nil, nil, err
		}
	}
	return func() (*config.Config, error) {
		cfg, err := load()
		if err != nil {
			return nil, err
		}
		return cfg.WithCollectors(f.force())
	}, stop, nil
}

func usageError(err error) error { return &cli.ExitError{Code: cli.ExitUsage, Err: err} }

// newServer bounds what a client may cost.
func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       time.Minute,
		WriteTimeout:      webui.WriteTimeout,
		IdleTimeout:       5 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// listen serves until ctx ends; answers under way are finished then.
func listen(ctx context.Context, server *http.Server, d *daemon, flags *web.FlagConfig, logger *slog.Logger) error {
	d.runner.Start()
	failed := make(chan error, 1)
	go func() { failed <- web.ListenAndServe(server, flags, logger) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	logger.Info("ending, answers under way are finished")
	late := time.AfterFunc(collectionsGrace, d.close)
	defer late.Stop()
	grace, cancel := context.WithTimeout(context.Background(), answersGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		logger.Warn("some answers could not be finished", "err", err)
		_ = server.Close() // ends them; there is nothing left to do about an error
	}
	if err := <-failed; !closed(err) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// reloadOnHangup reloads at each SIGHUP until ctx ends.
func (d *daemon) reloadOnHangup(ctx context.Context) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			_ = d.reload() // told in the log and by the metrics
		}
	}
}
