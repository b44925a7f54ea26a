package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector"
)

// checkCloud logs in to a cloud and checks each of its projects; calls says what each
// collection took.
func checkCloud(ctx context.Context, e *command.Env, c command.Cloud) (rows [][]any, calls []string, faults []error) {
	listing, cancel := e.Reading(ctx)
	defer cancel()
	projects, err := c.Projects(listing)
	if err == nil && len(projects) == 0 {
		err = exit.Errorf(exit.Permission, "the credential sees no project")
	}
	if err != nil {
		rows = append(rows, []any{c.Config.Name, nil, c.Config.Provider, nil, nil, "identity", nil, err.Error()})
		return rows, nil, []error{fmt.Errorf("cloud %q: %w", c.Config.Name, err)}
	}
	for _, p := range projects {
		trying, cancel := e.Reading(ctx)
		tried, errs := tryProject(trying, p)
		cancel()
		rows, faults = append(rows, tried...), append(faults, errs...)
		if len(errs) > 0 {
			continue
		}
		sent := c.Requests()
		collecting, cancel := e.Reading(ctx)
		_, errs = collectOnce(collecting, p, collector.Enabled(c.Config))
		cancel()
		if err := errors.Join(errs...); err != nil {
			faults = append(faults, fmt.Errorf("cloud %q, project %q: %w", c.Config.Name, p.Label(), err))
		} else {
			calls = append(calls, fmt.Sprintf("A collection of %s / %s takes %d calls now.", c.Config.Name, p.Label(), c.Requests()-sent))
		}
	}
	return rows, calls, faults
}

// tryProject tries the APIs of a project.
func tryProject(ctx context.Context, p command.Project) (rows [][]any, faults []error) {
	cfg := p.Config()
	if _, err := p.ID(ctx); err != nil {
		rows = append(rows, []any{cfg.Name, p.Label(), cfg.Provider, nil, nil, "identity", nil, err.Error()})
		return rows, []error{fmt.Errorf("cloud %q, project %q: %w", cfg.Name, p.Label(), err)}
	}
	said := make(map[string]bool) // causes
	for _, c := range collector.Enabled(cfg) {
		for _, trial := range c.Trials(cfg) {
			text, err := tryAPI(ctx, p, trial)
			if err != nil && text == err.Error() { // not a permission, which each row names
				if cause := apierr.CauseOf(err); said[cause] {
					text, err = "fails for the same cause as an API above", nil
				} else {
					said[cause] = true
				}
			}
			rows = append(rows, []any{cfg.Name, p.Label(), cfg.Provider, c.Name, c.Cost(cfg), trial.Title, trial.Action(), text})
			if err != nil {
				faults = append(faults, fmt.Errorf("cloud %q, project %q, collector %s: %w", cfg.Name, p.Label(), c.Name, err))
			}
		}
	}
	return rows, faults
}

// tryAPI says in words how a trial went, with the permission that the cloud
// itself names, and returns an error when the collector cannot work.
func tryAPI(ctx context.Context, p command.Project, trial collector.Trial) (text string, fault error) {
	err := trial.Do(ctx, p)
	switch {
	case err == nil:
		return "ok", nil
	case errors.Is(err, collector.ErrNothingToTry), errors.Is(err, collector.ErrNotNeeded):
		return err.Error(), nil
	case trial.Optional && (errors.Is(err, collector.ErrRefused) || apierr.IsStatus(err, 403, 404)):
		return "refused: " + strings.ReplaceAll(trial.Refused, "`", ""), nil
	case errors.Is(err, collector.ErrRefused), apierr.IsStatus(err, 403):
		action := actionOf(err, trial.Action())
		return "missing permission " + action,
			exit.Errorf(exit.Permission, "%s: missing permission %s: grant it to the credential, see docs/permissions.md", trial.Title, action)
	}
	return err.Error(), err
}

// actionOf is the action that the refusal names, else the one that is known.
func actionOf(err error, known string) string {
	if status, ok := errors.AsType[*apierr.StatusError](err); ok {
		if m := regexp.MustCompile(`\b([a-z]+:[a-zA-Z]+:[a-zA-Z]+)\b`).FindString(status.Message); m != "" {
			return m
		}
	}
	return known
}
