package cli

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/text"
)

// commandFirst moves the words that name a command to the front, so that the
// flags of a command may stand before it as well as after it, and its arguments
// behind a --, so that one of them may be a dash.
func commandFirst(m *kingpin.ApplicationModel, args []string) []string {
	command, flags, rest := split(m, args)
	if n := len(flags); n > 0 && flags[n-1] == args[len(args)-1] && valueFlags(m)[flags[n-1]] {
		return slices.Concat(command, flags) // it has no value, and must not take the -- for one
	}
	if len(rest) > 0 {
		rest = append([]string{"--"}, rest...)
	}
	return slices.Concat(command, flags, rest)
}

// split returns the words of a command line that name a command, its flags with
// their values, and the rest.
func split(m *kingpin.ApplicationModel, args []string) (command, flags, rest []string) {
	takesValue := valueFlags(m)
	commands := m.Commands
	for i := 0; i < len(args); i++ {
		arg := args[i]
		at := slices.IndexFunc(commands, func(c *kingpin.CmdModel) bool { return c.Name == arg })
		switch {
		case arg == "--":
			return command, flags, append(rest, args[i+1:]...)
		case takesValue[arg] && i+1 < len(args):
			flags = append(flags, arg, args[i+1])
			i++
		case strings.HasPrefix(arg, "-") && arg != "-":
			flags = append(flags, arg)
		case at >= 0:
			command = append(command, arg)
			commands = commands[at].Commands
		default: // an argument: no command follows
			commands = nil
			rest = append(rest, arg)
		}
	}
	return command, flags, rest
}

// nearest says what an unknown command or flag could have been; "" where nothing
// is near.
func (a *app) nearest(args []string) string {
	m := a.Model()
	command, flags, rest := split(m, args)
	var known []string
	if len(rest) > 0 {
		for _, name := range slices.Sorted(maps.Keys(a.clauses)) {
			if above := strings.Join(append(slices.Clone(command), ""), " "); strings.HasPrefix(name, above) {
				known = append(known, strings.TrimPrefix(name, above))
			}
		}
		if near := text.Near(rest[0], known); near != "" && !slices.Contains(known, rest[0]) {
			return near
		}
	}
	for _, word := range a.flags(command) {
		known = append(known, strings.TrimSuffix(word, "="))
	}
	for _, flag := range flags {
		name, _, _ := strings.Cut(flag, "=")
		if near := text.Near(name, known); strings.HasPrefix(name, "--") && !slices.Contains(known, name) && near != "" {
			return near
		}
	}
	return ""
}

// flagOf returns the flag whose value a message repeats, with a colon: kingpin does not
// name it.
func flagOf(m *kingpin.ApplicationModel, args []string, message string) string {
	_, flags, _ := split(m, args)
	for i, flag := range flags {
		name, value, given := strings.Cut(flag, "=")
		if !given && valueFlags(m)[flag] && i+1 < len(flags) {
			value = flags[i+1]
		}
		if strings.HasPrefix(name, "-") && value != "" && (strings.Contains(message, "'"+value+"'") || strings.Contains(message, strconv.Quote(value))) && !strings.Contains(message, name) {
			return name + ": "
		}
	}
	return ""
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
