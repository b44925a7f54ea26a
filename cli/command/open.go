package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/text"
)

// LoadConfig reads the configuration, and what it names of other files and of
// the environment.
func (e *Env) LoadConfig() (*config.Config, error) {
	return config.Load(e.ConfigFile, config.Options{Collectors: collector.Catalogue(), Check: cloudapi.CheckAuth})
}

// Open reads the configuration and opens its clouds, which asks no cloud
// anything; done closes them. All its errors are faults of the configuration.
func (e *Env) Open() (cfg *config.Config, done func(), err error) {
	if cfg, err = e.LoadConfig(); err != nil {
		return nil, nil, exit.AsUsage(err)
	}
	e.ReadTimeout = cfg.Collection().Timeout
	var opened []*cloudapi.Cloud
	done = func() {
		for _, c := range opened {
			c.Close()
		}
	}
	var limiters wire.Limiters
	for _, c := range cfg.Clouds() {
		cloud, err := cloudapi.Open(c, cloudapi.Options{Logger: e.Logger, Limiters: &limiters, UserAgent: e.UserAgent})
		if err != nil { // what it names has changed since it was checked
			done()
			return nil, nil, exit.AsUsage(err)
		}
		opened = append(opened, cloud)
		e.Clouds = append(e.Clouds, Opened(cloud))
	}
	return cfg, done, nil
}

// WithClouds returns run with the configured clouds opened before it. It sets no
// deadline: run may also ask the user, and change something.
func WithClouds(run Run) Run {
	return func(ctx context.Context, e *Env) error {
		cfg, done, err := e.Open()
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; a running daemon answers on its page, by its API, and to history --server=URL", err)
		}
		if err != nil {
			return err
		}
		defer done()
		for _, w := range cfg.Warnings() {
			e.Logger.Warn("configuration", "warning", w)
		}
		return run(ctx, e)
	}
}

// Reading adds the flags of a command that changes nothing and asks no question. It
// returns run with the configured clouds opened before it and the time of one
// collection, again and again with --watch.
func Reading(c *kingpin.CmdClause, o *table.Output, run Run) Run {
	OutputFlags(c, o)
	return WithClouds(Watched(c, func(ctx context.Context, e *Env) error {
		ctx, cancel := e.Reading(ctx)
		defer cancel()
		return run(ctx, e)
	}))
}

// Watched adds --watch and returns run with what it does.
func Watched(c *kingpin.CmdClause, run Run) Run {
	every := c.Flag("watch", "Repeat the command after this time, such as 10s, until you interrupt it.").PlaceHolder("DURATION").Duration()
	return func(ctx context.Context, e *Env) error {
		if *every == 0 {
			return run(ctx, e)
		}
		return e.watch(ctx, *every, func(e *Env) error { return run(ctx, e) })
	}
}

// watch repeats what once prints until ctx ends. A failure is said and does not
// end it, except one of usage.
func (e *Env) watch(ctx context.Context, every time.Duration, once func(*Env) error) error {
	if every < time.Second {
		return exit.Usagef("--watch=%s: must be 1s or more", every)
	}
	for {
		var shown, said bytes.Buffer
		again := *e
		again.Stdout, again.Stderr = &shown, &said
		err := once(&again)
		if ctx.Err() != nil {
			return nil
		}
		if exit.Code(err) == exit.Usage {
			return err
		}
		if e.StdoutTerminal {
			fmt.Fprintf(e.Stdout, "\x1b[H\x1b[2J%s, every %s\n\n", e.Now().Format(time.DateTime), every)
		}
		if _, failed := e.Stdout.Write(shown.Bytes()); failed != nil {
			return fmt.Errorf("write result: %w", failed)
		}
		_, _ = e.Stderr.Write(said.Bytes())
		if err != nil && !errors.Is(err, exit.ErrReported) {
			fmt.Fprintln(e.Stderr, text.Message(err))
		}
		if e.Sleep(ctx, every) != nil {
			return nil
		}
	}
}

// Opened returns an open cloud of the cloud client as a Cloud.
func Opened(c *cloudapi.Cloud) Cloud {
	return Cloud{Config: c.Config(), Labels: c.Labels, Requests: c.Requests, Projects: func(ctx context.Context) ([]Project, error) {
		all, err := c.Projects(ctx)
		projects := make([]Project, len(all))
		for i, p := range all {
			projects[i] = p
		}
		return projects, err
	}}
}
