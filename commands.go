package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"

	"cloudip_exporter/cli"
)

// environment is what every command works with.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	logger         *slog.Logger
	configFile     string
}

// command is what a command line asks for.
type command func(ctx context.Context, env *environment) error

// errTold is the error of a command that has said on stdout what is wrong.
var errTold = errors.New("")

// app is the command line.
type app struct {
	*kingpin.Application
	log        promslog.Config
	configFile *string
	commands   map[string]command // by full name, such as "private-ip assign"
}

func newApp() *app {
	a := &app{
		Application: kingpin.New("cloudip_exporter", "Watches the IP address space of Huawei Cloud, Open Telekom Cloud and OpenStack."),
		commands:    map[string]command{},
	}
	a.Version(versionText())
	a.HelpFlag.Short('h')
	a.configFile = a.Flag("config.file", "Path of the configuration file.").Default("config.yml").PlaceHolder("FILE").String()
	promslogflag.AddFlags(a.Application, &a.log)
	a.addServe()
	a.addSimulate()
	a.addCheckConfig()
	a.addInventory()
	a.addLookup()
	a.addPrivateIP()
	a.addServer()
	return a
}

// add gives a command what it does.
func (a *app) add(c *kingpin.CmdClause, do command) { a.commands[c.FullCommand()] = do }

// terminated is thrown where kingpin wants to end the process: after --help,
// --version and the like.
type terminated int

// parse returns what the arguments ask for; done says that all is said already,
// with the exit code.
func (a *app) parse(args []string, stdout, stderr io.Writer) (do command, code int, done bool) {
	a.addFishCompletion(stdout)
	a.UsageWriter(stdout)
	a.ErrorWriter(stderr)
	a.Terminate(func(code int) { panic(terminated(code)) })
	defer func() {
		switch p := recover().(type) {
		case nil:
		case terminated:
			do, code, done = nil, int(p), true
		default:
			panic(p)
		}
	}()
	name, err := a.Parse(commandFirst(a.Model(), args))
	if err != nil {
		fmt.Fprintf(stderr, "cloudip_exporter: %v: try --help\n", err)
		return nil, cli.ExitUsage, true
	}
	return a.commands[name], cli.ExitOK, false
}
