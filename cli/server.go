package cli

import (
	"context"
	"fmt"
	"net/http"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/table"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

func serverCommand() command.Command {
	return command.Command{
		Name: "server", Help: "Show the addresses and the console of one server.",
		Commands: []command.Command{
			{Name: "console", Help: "Print the login address of the serial console; it is a secret.", Flags: func(c *kingpin.CmdClause) command.Run {
				o := serverFlags(c)
				return command.WithClouds(func(ctx context.Context, e *command.Env) error { return runServerConsole(ctx, e, *o) })
			}},
			{Name: "ips", Help: "List the addresses of one server.", Flags: func(c *kingpin.CmdClause) command.Run {
				o := serverFlags(c)
				return command.Reading(c, &o.Output, func(ctx context.Context, e *command.Env) error { return runServerIPs(ctx, e, *o) })
			}},
		},
	}
}

type serverOptions struct {
	command.Target
	table.Output
	Server string // as people call it
}

func serverFlags(c *kingpin.CmdClause) *serverOptions {
	o := new(serverOptions)
	c.Arg("server", "Server, by id, beginning of the id (8 characters or more) or name.").Required().StringVar(&o.Server)
	command.TargetFlags(c, &o.Target)
	return o
}

func (o *serverOptions) find(ctx context.Context, e *command.Env) (p command.Project, id string, err error) {
	if p, err = e.ChooseProject(ctx, o.Target); err == nil {
		id, err = e.FindServer(ctx, p, o.Server)
	}
	return p, id, err
}

func serverIPColumns() []table.Column {
	return table.Columns("cloud project server_id:spare address ip_version:spare network")
}

func runServerIPs(ctx context.Context, e *command.Env, o serverOptions) error {
	r := &table.Table{Columns: serverIPColumns()}
	if err := o.Output.Check(r.Columns); err != nil {
		return err
	}
	p, id, err := o.find(ctx, e)
	if err != nil {
		return err
	}
	addresses, err := p.ServerAddresses(ctx, id)
	if err != nil {
		return exit.Advised(fmt.Errorf("list addresses of server %q: %w", o.Server, err))
	}
	for _, a := range addresses {
		r.Rows = append(r.Rows, []any{p.Cloud(), p.Label(), id, a.Addr.String(), inventory.IPVersion(a.Addr), a.Network})
	}
	return e.Print(r, o.Output)
}

// runServerConsole prints the login address of a server's serial console. It is a
// credential: it goes to stdout and nowhere else, errors included.
func runServerConsole(ctx context.Context, e *command.Env, o serverOptions) error {
	address, err := console(ctx, e, o)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(e.Stdout, address); err != nil {
		return fmt.Errorf("write console address: %w", err)
	}
	return nil
}

func console(ctx context.Context, e *command.Env, o serverOptions) (string, error) {
	ctx, cancel := e.Reading(ctx)
	defer cancel()
	p, id, err := o.find(ctx, e)
	if err != nil {
		return "", err
	}
	console, err := p.SerialConsole(ctx, id)
	if err != nil {
		return "", consoleError(o.Server, err)
	}
	return console.Reveal()
}

// consoleError adds what the cloud's refusal means for a person.
func consoleError(server string, err error) error {
	what := ""
	switch {
	case apierr.IsCode(err, "APIGW.0101", "APIG.0101"):
	case apierr.IsStatus(err, http.StatusNotFound):
		what = "there is no such server in this project, or it has no serial console (Windows has none)"
	case apierr.IsStatus(err, http.StatusConflict):
		what = "the server is not running yet; try again once it is ACTIVE"
	case apierr.IsStatus(err, 501):
		what = "this cloud has serial consoles switched off"
	case apierr.IsStatus(err, 400):
		what = "this server has no serial console (Windows has none)"
	}
	err = fmt.Errorf("open console of server %q: %w", server, err)
	if what == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, what)
}
