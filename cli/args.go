package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// commandFirst moves the words that name a command to the front, so that the
// flags of a command may stand before it as well as after it, and its arguments
// behind a --, so that one of them may be a dash.
func commandFirst(m *kingpin.ApplicationModel, args []string) []string {
	takesValue := valueFlags(m)
	commands := m.Commands
	var words, flags, rest []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		at := slices.IndexFunc(commands, func(c *kingpin.CmdModel) bool { return c.Name == arg })
		switch {
		case arg == "--":
			rest, i = append(rest, args[i+1:]...), len(args)
		case takesValue[arg] && i+1 < len(args):
			flags = append(flags, arg, args[i+1])
			i++
		case strings.HasPrefix(arg, "-") && arg != "-":
			flags = append(flags, arg)
		case at >= 0:
			words = append(words, arg)
			commands = commands[at].Commands
		default: // an argument: no command follows
			commands = nil
			rest = append(rest, arg)
		}
	}
	if len(rest) > 0 {
		rest = append([]string{"--"}, rest...)
	}
	return slices.Concat(words, flags, rest)
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
