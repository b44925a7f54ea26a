package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

// loadConfig reads the configuration, and what it names of other files and of
// the environment.
func loadConfig(file string) (*config.Config, error) {
	return config.Load(file, config.Options{Collectors: collector.Catalogue(), Check: cloudapi.CheckAuth})
}

// openClouds reads the configuration and opens its clouds, which asks no cloud
// anything. All its errors are faults of the configuration.
func openClouds(env *environment) (e *cli.Env, cfg *config.Config, done func(), err error) {
	if cfg, err = loadConfig(env.configFile); err != nil {
		return nil, nil, nil, usageError(err)
	}
	e = cli.NewEnv(env.stdin, env.stdout, env.stderr, env.logger)
	e.ConfigFile, e.ReadTimeout = env.configFile, cfg.Collection().Timeout
	var opened []*cloudapi.Cloud
	done = func() {
		for _, c := range opened {
			c.Close()
		}
	}
	var limiters wire.Limiters
	var faults []error // of what has changed since it was checked
	for _, c := range cfg.Clouds() {
		cloud, err := cloudapi.Open(c, cloudapi.Options{Logger: env.logger, Limiters: &limiters, UserAgent: userAgent()})
		if err != nil {
			faults = append(faults, err)
			continue
		}
		opened = append(opened, cloud)
		e.Clouds = append(e.Clouds, cli.Session(cloud))
	}
	if len(faults) > 0 {
		done()
		return nil, nil, nil, usageError(errors.Join(faults...))
	}
	return e, cfg, done, nil
}

// reader is client for a command that changes nothing and waits for nobody: it
// has the time of one collection.
func (a *app) reader(c *kingpin.CmdClause, do func(ctx context.Context, e *cli.Env) error) {
	a.client(c, func(ctx context.Context, e *cli.Env) error {
		ctx, cancel := context.WithTimeout(ctx, e.ReadTimeout)
		defer cancel()
		return do(ctx, e)
	})
}

// client gives a command what it does with the configured clouds. It bounds by
// itself what it reads: it may also ask somebody, and change something.
func (a *app) client(c *kingpin.CmdClause, do func(ctx context.Context, e *cli.Env) error) {
	a.add(c, func(ctx context.Context, env *environment) error {
		e, cfg, done, err := openClouds(env)
		if err != nil {
			return err
		}
		defer done()
		for _, w := range cfg.Warnings() {
			e.Logger.Warn("configuration", "warning", w)
		}
		return do(ctx, e)
	})
}

func targetFlags(c *kingpin.CmdClause, t *cli.Target) {
	c.Flag("cloud", "Cloud, by its name in the configuration; optional when there is only one.").PlaceHolder("NAME").StringVar(&t.Cloud)
	c.Flag("project", "Project, by its name in the configuration; optional when there is only one.").PlaceHolder("NAME").StringVar(&t.Project)
}

func outputFlags(c *kingpin.CmdClause, o *cli.Output) {
	c.Flag("output", "Form of the result: table, json or csv.").Short('o').Default("table").EnumVar(&o.Format, "table", "json", "csv")
	c.Flag("wide", "Show all columns of a table and cut nothing.").BoolVar(&o.Wide)
	c.Flag("filter", "Show rows that match: KEY=VALUE, KEY!=VALUE, KEY~PART or a part of any cell. Repeatable: all must match.").PlaceHolder("EXPR").StringsVar(&o.Filter)
	c.Flag("sort", "Sort by this column, downwards with a - before it. Repeatable.").PlaceHolder("KEY").StringsVar(&o.Sort)
}

// addCheckConfig adds check-config, which reports faults on stdout: they are
// its result.
func (a *app) addCheckConfig() {
	var o cli.CheckConfigOptions
	c := a.Command("check-config", "Validate the configuration; show its targets and what a collection costs.")
	c.Flag("online", "Log in as well, try each API, and name each missing permission.").BoolVar(&o.Online)
	outputFlags(c, &o.Output)
	a.add(c, func(ctx context.Context, env *environment) error {
		e, cfg, done, err := openClouds(env)
		if err != nil {
			fmt.Fprintln(env.stdout, err)
			return &cli.ExitError{Code: cli.ExitUsage, Err: errTold}
		}
		defer done()
		o.Warnings = cfg.Warnings()
		return e.CheckConfig(ctx, o)
	})
}
