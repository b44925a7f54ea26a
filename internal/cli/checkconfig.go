package cli

import (
	"context"
	"errors"
	"fmt"
)

// CheckConfigOptions are for CheckConfig.
type CheckConfigOptions struct {
	Output
	Online   bool     // log in, and try each API
	Warnings []string // of the configuration
}

// CheckConfig reports on a configuration that was found valid: its warnings,
// its targets, and the API calls that one collection of each costs. Online it
// logs in and tries each API of each target, and fails when a collector could
// not work: with ExitPermission when the credential is refused or a permission
// is missing.
func (e *Env) CheckConfig(ctx context.Context, o CheckConfigOptions) error {
	columns := checkColumns(o.Online)
	if err := o.Output.check(columns); err != nil {
		return err
	}
	r := &result{columns: columns}
	var faults []error
	for _, c := range e.Clouds {
		if o.Online {
			rows, errs := checkCloud(ctx, c)
			r.rows, faults = append(r.rows, rows...), append(faults, errs...)
			continue
		}
		r.rows = append(r.rows, costRows(c)...)
	}
	if o.Format == "table" || o.Format == "" {
		fmt.Fprintf(e.Stdout, "%s is valid.\n", e.ConfigFile)
		for _, w := range o.Warnings {
			for _, line := range wrap("warning: "+w, e.tableWidth(o.Output)) {
				fmt.Fprintln(e.Stdout, line)
			}
		}
	}
	if err := e.printByTarget(r, o.Output); err != nil {
		return err
	}
	return verdict(faults)
}

func checkColumns(online bool) []column {
	columns := []column{{key: "cloud"}, {key: "project"}, {key: "provider"}, {key: "collector"}, {key: "api_calls"}}
	if online {
		columns[4] = column{key: "api"}
		columns = append(columns, column{key: "permission"}, column{key: "result"})
	}
	return columns
}

func costRows(cloud Cloud) [][]any {
	c := cloud.Config()
	projects := c.Projects
	if known, ok := cloud.(interface{ Labels() []string }); ok {
		projects = known.Labels()
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
