// Package cli is the command line: the list of all commands, parsing, and the
// commands that are not large enough for a package of their own. It alone, with
// the packages below it, knows the flags.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/history"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/text"
)

// commands returns all commands in the order of the help.
func commands() []command.Command {
	return []command.Command{
		serveCommand(),
		simulateCommand(),
		checkConfigCommand(),
		inventoryCommand(),
		lookupCommand(),
		overlapsCommand(),
		history.Command(),
		privateip.Command(),
		serverCommand(),
		healthcheckCommand(),
	}
}

// Process is what the process gives to a command.
type Process struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Reloads returns a channel that asks the daemon to read its configuration
	// again, until the context ends; nil: nothing ever asks.
	Reloads func(context.Context) <-chan os.Signal
}

// Run runs the command that the arguments ask for, until ctx ends at the latest,
// and returns the exit code.
func Run(ctx context.Context, p Process, args []string) int {
	app := newApp()
	run, code, done := app.parse(args, p.Stdout, p.Stderr)
	if done {
		return code
	}
	app.log.Writer = p.Stderr
	e := command.NewEnv(p.Stdin, p.Stdout, p.Stderr, promslog.New(&app.log))
	e.ConfigFile, e.UserAgent = *app.configFile, "cloudip_exporter/"+Version()
	if e.Reloads = p.Reloads; e.Reloads == nil {
		e.Reloads = func(context.Context) <-chan os.Signal { return nil }
	}
	err := run(ctx, e)
	if err != nil && !errors.Is(err, exit.ErrReported) {
		fmt.Fprintln(p.Stderr, text.Message(err))
	}
	return exit.Code(err)
}

// app is the command line.
type app struct {
	*kingpin.Application
	log        promslog.Config
	configFile *string
	runs       map[string]command.Run // by full name, such as "private-ip assign"
	clauses    map[string]*kingpin.CmdClause
	byDefault  string // the command that runs where none is named
}

func newApp() *app {
	a := &app{
		Application: kingpin.New("cloudip_exporter", "Watches the IP address space of Huawei Cloud, Open Telekom Cloud and OpenStack."),
		runs:        map[string]command.Run{}, clauses: map[string]*kingpin.CmdClause{},
	}
	a.Version(version.Print("cloudip_exporter"))
	a.HelpFlag.Short('h')
	a.configFile = a.Flag("config.file", "The configuration file.").Default("config.yml").String()
	promslogflag.AddFlags(a.Application, &a.log)
	for _, c := range commands() {
		a.add(a.Application, c)
	}
	return a
}

func (a *app) add(group interface {
	Command(name, help string) *kingpin.CmdClause
}, c command.Command) {
	clause := group.Command(c.Name, c.Help)
	a.clauses[clause.FullCommand()] = clause
	if c.Default {
		clause.Default()
		a.byDefault = c.Name
	}
	if c.Flags != nil {
		a.runs[clause.FullCommand()] = c.Flags(clause)
	}
	for _, sub := range c.Commands {
		a.add(clause, sub)
	}
}

// terminated is the panic that replaces the exit of kingpin: after --help,
// --version and the like.
type terminated int

// parse returns what the arguments ask for; done reports that everything is
// printed already, with the exit code.
func (a *app) parse(args []string, stdout, stderr io.Writer) (run command.Run, code int, done bool) {
	if answer, asked := a.complete(args); asked {
		fmt.Fprint(stdout, answer)
		return nil, exit.OK, true
	}
	if slices.Contains(args, "--help-man") {
		page, err := a.manual()
		if err != nil {
			fmt.Fprintln(stderr, err)
			return nil, exit.Failure, true
		}
		fmt.Fprint(stdout, page)
		return nil, exit.OK, true
	}
	a.UsageWriter(stdout)
	a.ErrorWriter(stderr)
	a.Terminate(func(code int) { panic(terminated(code)) })
	defer func() {
		switch p := recover().(type) {
		case nil:
		case terminated:
			if run, code, done = nil, exit.OK, true; p != 0 { // help of an unknown command
				code = exit.Usage
			}
		case *fs.PathError: // it could not write the help
			fmt.Fprintf(stderr, "write help: %v\n", p)
			run, code, done = nil, exit.Failure, true
		default:
			panic(p)
		}
	}()
	name, err := a.Parse(commandFirst(a.Model(), args))
	if err != nil {
		try := "try --help"
		if near := a.nearest(args); near != "" {
			try = "did you mean " + near + "?"
		}
		plain := strings.NewReplacer("enum value must be", "must be", ", got ", ", not ").Replace(err.Error())
		fmt.Fprintf(stderr, "cloudip_exporter: %s: %s\n", text.Terminal(flagOf(a.Model(), args, plain)+plain), try)
		return nil, exit.Usage, true
	}
	return a.runs[name], exit.OK, false
}
