package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// CheckConfigOptions are for CheckConfig.
type CheckConfigOptions struct {
	Output
	Online   bool     // log in, and try each API
	Warnings []string // of the configuration
}

// CheckConfig reports on a configuration that was found valid: its warnings,
// its targets, and the API calls that one collection of each costs. Online it
// logs in and tries each API of each target as well, and fails when a collector
// could not work: with ExitPermission when the credential is refused or a
// permission is missing.
func (e *Env) CheckConfig(ctx context.Context, o CheckConfigOptions) error {
	costs, trials := &result{columns: costColumns(), whole: true}, &result{columns: trialColumns(), whole: true}
	r := costs
	if o.Online {
		r = trials
	}
	if err := o.Output.check(r.columns); err != nil {
		return err
	}
	var faults []error
	for _, c := range e.Clouds {
		if o.Online {
			rows, errs := checkCloud(ctx, c)
			trials.rows, faults = append(trials.rows, rows...), append(faults, errs...)
		}
		costs.rows = append(costs.rows, costRows(c)...)
	}
	if o.Format == "table" || o.Format == "" {
		fmt.Fprintf(e.Stdout, "%s is valid.\n", e.ConfigFile)
		for _, w := range o.Warnings {
			fmt.Fprintln(e.Stdout, "warning: "+w)
		}
	}
	if o.Online {
		if err := e.printCosts(costs, trials, &o.Output); err != nil {
			return err
		}
	}
	if err := e.print(r, o.Output); err != nil {
		return err
	}
	return verdict(faults)
}

// printCosts prints what a collection costs above the trials, which for people
// do not repeat it in each row.
func (e *Env) printCosts(costs, trials *result, o *Output) error {
	if o.Format != "table" && o.Format != "" {
		return nil
	}
	if err := e.print(costs, Output{Wide: o.Wide}); err != nil {
		return err
	}
	fmt.Fprintln(e.Stdout)
	if err := trials.filter(o.Filter); err != nil {
		return err
	}
	if err := trials.sort(o.Sort); err != nil {
		return err
	}
	o.Filter, o.Sort = nil, nil
	for i := range trials.rows {
		trials.rows[i] = slices.Delete(trials.rows[i], costColumn, costColumn+1)
	}
	trials.columns = slices.Delete(trials.columns, costColumn, costColumn+1)
	return nil
}

const costColumn = 4

func costColumns() []column {
	return []column{{key: "cloud"}, {key: "project"}, {key: "provider"}, {key: "collector"}, {key: "api_calls"}}
}

func trialColumns() []column {
	return append(costColumns(), column{key: "api"}, column{key: "permission"}, column{key: "result"})
}

func costRows(cloud Cloud) [][]any {
	c := cloud.Config
	projects := c.Projects
	if cloud.Labels != nil {
		projects = cloud.Labels()
	}
	var rows [][]any
	for _, p := range projects {
		switch p {
		case "":
			p = "(own scope of the credential)"
		case "*":
			p = "* (all that the credential sees)"
		}
		for _, name := range c.Collectors {
			rows = append(rows, []any{c.Name, p, c.Provider, name, cost(c, name)})
		}
	}
	return rows
}

// verdict makes of all faults one error: the code of the worst, which is a
// missing permission, so that scripts can tell it from an outage.
func verdict(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	code := ExitFailure
	for _, err := range faults {
		if c := ExitCode(err); c == ExitPermission || code == ExitFailure {
			code = c
		}
	}
	return &ExitError{Code: code, Err: fmt.Errorf("check configuration online: %w", errors.Join(faults...))}
}
