package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/test/golden"
)

// TestTheDocumentOfTheCommandsIsThatOfTheProgram holds the lists of docs/cli.md
// against the commands and their flags.
func TestTheDocumentOfTheCommandsIsThatOfTheProgram(t *testing.T) {
	m := newApp().Model()
	golden.Blocks(t, "../docs/cli.md", map[string]string{"commands": commandList(m)})
}

// commandList lists the commands, each with the flags that it has alone; before them
// those of all commands and of several.
func commandList(m *kingpin.ApplicationModel) string {
	commands := map[string]int{} // that have a flag, by its line
	var several []string
	var walk func(g *kingpin.CmdGroupModel, do func(*kingpin.CmdModel))
	walk = func(g *kingpin.CmdGroupModel, do func(*kingpin.CmdModel)) {
		for _, c := range g.Commands {
			if !c.Hidden {
				do(c)
				walk(c.CmdGroupModel, do)
			}
		}
	}
	walk(m.CmdGroupModel, func(c *kingpin.CmdModel) {
		for _, line := range flagLines(c.FlagGroupModel) {
			if commands[line]++; commands[line] == 2 {
				several = append(several, line)
			}
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "All commands:\n\n%s\nSeveral commands:\n\n%s\nEach command:\n\n", strings.Join(flagLines(m.FlagGroupModel), ""), strings.Join(several, ""))
	walk(m.CmdGroupModel, func(c *kingpin.CmdModel) {
		if len(c.Commands) > 0 && len(c.Flags) == 0 {
			return
		}
		help, _, _ := strings.Cut(c.Help, "\n")
		fmt.Fprintf(&b, "- `%s%s`: %s\n", c.FullCommand, argList(c), help)
		for _, line := range flagLines(c.FlagGroupModel) {
			if commands[line] == 1 {
				b.WriteString("  " + line)
			}
		}
	})
	return b.String()
}

func argList(c *kingpin.CmdModel) (args string) {
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
	return args
}

// flagLines describes flags, those of the collectors once.
func flagLines(g *kingpin.FlagGroupModel) (lines []string) {
	for _, f := range g.Flags {
		if line := flagLine(f); !f.Hidden && f.Name != "help" && f.Name != "version" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func flagLine(f *kingpin.FlagModel) string {
	name := "--" + f.Name
	help, _, _ := strings.Cut(f.Help, " Examples: ")
	switch {
	case strings.HasPrefix(f.Name, "collector."):
		name, help = "--[no-]collector.NAME", "Switch a collector on or off, whatever the configuration says."
	case !f.IsBoolFlag() && len(f.Default) > 0:
		name += "=" + f.Default[0]
	case !f.IsBoolFlag():
		name += "=" + strings.Trim(f.FormatPlaceHolder(), `"`)
	case len(f.Default) > 0 && f.Default[0] == "true":
		name = "--[no-]" + f.Name
	}
	if f.Short != 0 {
		name = "-" + string(f.Short) + "`, `" + name
	}
	return fmt.Sprintf("- `%s`: %s\n", name, help)
}
