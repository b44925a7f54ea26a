package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

// checkConfigCommand reports faults on stdout: they are its result.
func checkConfigCommand() command.Command {
	return command.Command{
		Name: "check-config", Help: "Validate the configuration; show its targets and how many calls a collection costs.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			var o checkConfigOptions
			c.Flag("online", "Log in, try each API, name each missing permission, and count the calls of one collection.").BoolVar(&o.Online)
			schema := c.Flag("print-schema", "Print the JSON schema of the configuration, for editors, and nothing else.").Bool()
			command.OutputFlags(c, &o.Output)
			return func(ctx context.Context, e *command.Env) error {
				if *schema {
					return printSchema(e)
				}
				cfg, done, err := e.Open()
				if err != nil {
					fmt.Fprintln(e.Stdout, err)
					return exit.AsUsage(exit.ErrReported)
				}
				defer done()
				o.Warnings = cfg.Warnings()
				return runCheckConfig(ctx, e, o)
			}
		},
	}
}

func printSchema(e *command.Env) error {
	text, err := config.Schema(collector.Catalogue())
	if err == nil {
		_, err = e.Stdout.Write(text)
	}
	if err != nil {
		return fmt.Errorf("print schema: %w", err)
	}
	return nil
}

type checkConfigOptions struct {
	table.Output
	Online   bool     // log in, and try each API
	Warnings []string // of the configuration
}

// runCheckConfig reports on a configuration that was found valid: its warnings,
// its targets, and the API calls that one collection of each costs. Online it
// logs in, tries each API of each target and collects it once as well, and fails when a collector
// could not work: with exit.Permission when the credential is refused or a
// permission is missing.
func runCheckConfig(ctx context.Context, e *command.Env, o checkConfigOptions) error {
	costs, trials := &table.Table{Columns: table.Columns(costColumns), Whole: true}, &table.Table{Columns: table.Columns(trialColumns), Whole: true}
	r := costs
	if o.Online {
		r = trials
	}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	var faults []error
	var calls []string
	for _, c := range e.Clouds {
		if o.Online {
			rows, took, errs := checkCloud(ctx, e, c)
			trials.Rows, calls, faults = append(trials.Rows, rows...), append(calls, took...), append(faults, errs...)
		}
		costs.Rows = append(costs.Rows, costRows(c)...)
	}
	if o.Format == "table" || o.Format == "" {
		fmt.Fprintf(e.Stdout, "%s is valid.\n", e.ConfigFile)
		for _, w := range o.Warnings {
			fmt.Fprintln(e.Stdout, "warning: "+w)
		}
		if o.Online { // for people the trials do not repeat it in each row
			if err := e.Print(costs, table.Output{Wide: o.Wide}); err != nil {
				return err
			}
			for _, line := range calls {
				fmt.Fprintln(e.Stdout, line)
			}
			fmt.Fprintln(e.Stdout)
		}
	} else {
		for _, w := range o.Warnings {
			e.Say("warning: %s", w)
		}
	}
	if err := e.Print(r, o.Output); err != nil {
		return err
	}
	return verdict(faults)
}

const (
	costColumns  = "cloud project provider collector api_calls"
	trialColumns = "cloud project provider collector api_calls:wide api permission result"
)

func costRows(cloud command.Cloud) [][]any {
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
		for _, enabled := range collector.Enabled(c) {
			rows = append(rows, []any{c.Name, p, c.Provider, enabled.Name, enabled.Cost(c)})
		}
	}
	return rows
}

// verdict joins all faults into one error with the code of the worst, which is a
// missing permission, so that scripts can distinguish it from an outage.
func verdict(faults []error) error {
	if len(faults) == 0 {
		return nil
	}
	code := exit.Failure
	for _, err := range faults {
		if c := exit.Code(err); c == exit.Permission || code == exit.Failure {
			code = c
		}
	}
	return &exit.Error{Code: code, Err: fmt.Errorf("check configuration online: %w", errors.Join(faults...))}
}
