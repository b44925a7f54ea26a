package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// commandFirst moves the words that name a command to the front, so that the
// flags of a command may stand before it as well as after it.
func commandFirst(m *kingpin.ApplicationModel, args []string) []string {
	takesValue := valueFlags(m)
	commands := m.Commands
	var words, rest []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		at := slices.IndexFunc(commands, func(c *kingpin.CmdModel) bool { return c.Name == arg })
		switch {
		case arg == "--":
			return slices.Concat(words, rest, args[i:])
		case takesValue[arg] && i+1 < len(args):
			rest = append(rest, arg, args[i+1])
			i++
		case strings.HasPrefix(arg, "-"):
			rest = append(rest, arg)
		case at >= 0:
			words = append(words, arg)
			commands = commands[at].Commands
		default: // an argument: no command follows
			commands = nil
			rest = append(rest, arg)
		}
	}
	return append(words, rest...)
}

// valueFlags returns the flags, as written, whose value is the next argument.
func valueFlags(m *kingpin.ApplicationModel) map[string]bool {
	all := map[string]bool{}
	add := func(g *kingpin.FlagGroupModel) {
		for _, f := range g.Flags {
			if f.IsBoolFlag() {
				continue
			}
			all["--"+f.Name] = true
			if f.Short != 0 {
				all["-"+string(f.Short)] = true
			}
		}
	}
	add(m.FlagGroupModel)
	for _, c := range m.FlattenedCommands() {
		add(c.FlagGroupModel)
	}
	return all
}
