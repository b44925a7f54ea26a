// Package command holds what all commands share: what a command is, the
// environment that it runs in, the flags and the choice of clouds and projects,
// questions to the user, and reading whole listings.
package command

import (
	"context"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/table"
)

// Command is one command of the program, or a group of commands.
type Command struct {
	Name, Help string
	Default    bool // it runs where the command line names none
	// Flags adds the flags and returns what the command does with their values.
	// A group returns nil, or has no Flags at all.
	Flags    func(*kingpin.CmdClause) Run
	Commands []Command // of a group
}

// Run does the work of a command.
type Run func(ctx context.Context, e *Env) error

// TargetFlags adds the flags that choose clouds and projects of a command.
func TargetFlags(c *kingpin.CmdClause, t *Target) {
	c.Flag("cloud", "Only this cloud.").PlaceHolder("NAME").StringVar(&t.Cloud)
	c.Flag("project", "Only this project.").PlaceHolder("NAME").StringVar(&t.Project)
}

// OutputFlags adds the flags that say how a result is printed.
func OutputFlags(c *kingpin.CmdClause, o *table.Output) {
	c.Flag("output", "Form of the result: table, json or csv.").Short('o').Default("table").EnumVar(&o.Format, "table", "json", "csv")
	c.Flag("wide", "Show all columns and cut nothing.").BoolVar(&o.Wide)
	c.Flag("columns", "Show these columns, in this order.").PlaceHolder("KEY,KEY").StringVar(&o.Columns)
	c.Flag("filter", "Show rows that match KEY=VALUE, KEY!=VALUE, KEY~PART or a part of any cell. Repeatable: all must match.").PlaceHolder("EXPR").StringsVar(&o.Filter)
	c.Flag("sort", "Sort by this column, downwards with - before it. Repeatable.").PlaceHolder("KEY").StringsVar(&o.Sort)
}
