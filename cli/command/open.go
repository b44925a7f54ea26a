package command

import (
	"context"
	"errors"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
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
	var faults []error // of what has changed since it was checked
	for _, c := range cfg.Clouds() {
		cloud, err := cloudapi.Open(c, cloudapi.Options{Logger: e.Logger, Limiters: &limiters, UserAgent: e.UserAgent})
		if err != nil {
			faults = append(faults, err)
			continue
		}
		opened = append(opened, cloud)
		e.Clouds = append(e.Clouds, Opened(cloud))
	}
	if len(faults) > 0 {
		done()
		return nil, nil, exit.AsUsage(errors.Join(faults...))
	}
	return cfg, done, nil
}

// WithClouds returns run with the configured clouds opened before it. It sets no
// deadline: run may also ask the user, and change something.
func WithClouds(run Run) Run {
	return func(ctx context.Context, e *Env) error {
		cfg, done, err := e.Open()
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

// WithDeadline returns run with the configured clouds opened before it and the
// time of one collection: for a command that changes nothing and asks no question.
func WithDeadline(run Run) Run {
	return WithClouds(func(ctx context.Context, e *Env) error {
		ctx, cancel := context.WithTimeout(ctx, e.ReadTimeout)
		defer cancel()
		return run(ctx, e)
	})
}

// Opened returns an open cloud of the cloud client as a Cloud.
func Opened(c *cloudapi.Cloud) Cloud {
	return Cloud{Config: c.Config(), Labels: c.Labels, Projects: func(ctx context.Context) ([]Project, error) {
		all, err := c.Projects(ctx)
		projects := make([]Project, len(all))
		for i, p := range all {
			projects[i] = p
		}
		return projects, err
	}}
}
