package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/test/golden"
)

// TestTheDocumentOfTheCommandsIsThatOfTheProgram holds the lists of docs/cli.md
// against the commands and their flags.
func TestTheDocumentOfTheCommandsIsThatOfTheProgram(t *testing.T) {
	m := newApp().Model()
	golden.Blocks(t, "../docs/cli.md", map[string]string{"commands": commandList(m), "flags": flagList(m)})
}

// leaves are the commands that are no groups.
func leaves(g *kingpin.CmdGroupModel) (all []*kingpin.CmdModel) {
	for _, c := range g.Commands {
		switch {
		case c.Hidden:
		case len(c.Commands) > 0:
			all = append(all, leaves(c.CmdGroupModel)...)
		default:
			all = append(all, c)
		}
	}
	return all
}

func commandList(m *kingpin.ApplicationModel) string {
	var b strings.Builder
	for _, c := range leaves(m.CmdGroupModel) {
		help, _, _ := strings.Cut(c.Help, "\n")
		args := ""
		for _, a := range c.Args {
			name := strings.ToUpper(a.Name)
			if !a.Required {
				name = "[" + name + "]"
			}
			if many, ok := a.Value.(interface{ IsCumulative() bool }); ok && many.IsCumulative() {
				name += "…"
			}
			args += " " + name
		}
		fmt.Fprintf(&b, "- `%s%s`: %s\n", c.FullCommand, args, help)
	}
	return b.String()
}

// flagList lists the flags, those that the same commands have together.
func flagList(m *kingpin.ApplicationModel) string {
	var order []string // lines
	commands := map[string][]string{}
	add := func(command string, g *kingpin.FlagGroupModel) {
		for _, f := range g.Flags {
			if f.Hidden || f.Name == "help" || f.Name == "version" {
				continue
			}
			line := flagLine(f)
			if n := len(commands[line]); n == 0 {
				order = append(order, line)
			} else if commands[line][n-1] == command {
				continue
			}
			commands[line] = append(commands[line], command)
		}
	}
	add("all commands", m.FlagGroupModel)
	var walk func(g *kingpin.CmdGroupModel)
	walk = func(g *kingpin.CmdGroupModel) {
		for _, c := range g.Commands {
			add("`"+c.FullCommand+"`", c.FlagGroupModel)
			walk(c.CmdGroupModel)
		}
	}
	walk(m.CmdGroupModel)
	var groups []string
	lines := map[string]string{}
	for _, line := range order {
		of := strings.Join(commands[line], " and ")
		if len(commands[line]) > 3 {
			of = "several commands"
		}
		if lines[of] == "" {
			groups = append(groups, of)
		}
		lines[of] += line
	}
	var b strings.Builder
	for _, of := range groups {
		fmt.Fprintf(&b, "Of %s:\n\n%s\n", of, lines[of])
	}
	return b.String()
}

func flagLine(f *kingpin.FlagModel) string {
	name, help := "--"+f.Name, f.Help
	switch {
	case strings.HasPrefix(f.Name, "collector."):
		name, help = "--[no-]collector.NAME", "Switch a collector on or off. Wins over the configuration."
	case !f.IsBoolFlag() && len(f.Default) > 0:
		name += "=" + f.Default[0]
	case !f.IsBoolFlag():
		name += "=" + strings.Trim(f.FormatPlaceHolder(), `"`)
	case len(f.Default) > 0 && f.Default[0] == "true":
		name = "--[no-]" + f.Name
	}
	return fmt.Sprintf("- `%s`: %s\n", name, help)
}
