package cli

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/test/check"
)

// played are the command lines of all scripts, words that name a command first.
func played(t *testing.T, m *kingpin.ApplicationModel) [][]string {
	t.Helper()
	var lines [][]string
	for _, text := range scriptLines(t) {
		if _, args, ok := strings.Cut(text, "cloudip_exporter "); ok && !strings.HasPrefix(text, "#") {
			lines = append(lines, commandFirst(m, strings.Fields(strings.ReplaceAll(args, "'", " "))))
		}
	}
	return lines
}

func scriptLines(t *testing.T) (lines []string) {
	t.Helper()
	for _, file := range check.Files(t, "testdata/script/*.txtar") {
		lines = append(lines, strings.Split(check.Read(t, file), "\n")...)
	}
	return lines
}

// uses reports whether the line gives the flag.
func uses(line []string, f *kingpin.FlagModel) bool {
	return slices.ContainsFunc(line, func(word string) bool {
		word, _, _ = strings.Cut(word, "=")
		return word == "--"+f.Name || f.IsBoolFlag() && word == "--no-"+f.Name || f.Short != 0 && word == "-"+string(f.Short)
	})
}

// ofACollector reports whether the flag switches one collector: all of these are
// made from the list of collectors in one way, and serve.txtar plays some.
func ofACollector(f *kingpin.FlagModel) bool { return strings.HasPrefix(f.Name, "collector.") }

func TestScriptsPlayEveryFlagOfEveryCommand(t *testing.T) {
	m := newApp().Model()
	lines := played(t, m)
	var walk func(words []string, flags *kingpin.FlagGroupModel, commands *kingpin.CmdGroupModel)
	walk = func(words []string, flags *kingpin.FlagGroupModel, commands *kingpin.CmdGroupModel) {
		for _, f := range flags.Flags {
			if !slices.ContainsFunc(lines, func(line []string) bool {
				return len(line) >= len(words) && slices.Equal(line[:len(words)], words) && uses(line, f)
			}) && !ofACollector(f) {
				t.Errorf("no script plays %s --%s", strings.Join(words, " "), f.Name)
			}
		}
		for _, c := range commands.Commands {
			walk(append(slices.Clone(words), c.Name), c.FlagGroupModel, c.CmdGroupModel)
		}
	}
	walk(nil, m.FlagGroupModel, m.CmdGroupModel)
}

func TestScriptsPlayEveryExitCode(t *testing.T) {
	all := strings.Join(scriptLines(t), "\n")
	for _, code := range []int{
		exit.OK, exit.Failure, exit.Usage, exit.Permission, exit.NotFound, exit.Conflict, exit.Throttled, exit.Unknown,
	} {
		if !regexp.MustCompile(`(?m)^(exits|interrupted) ` + strconv.Itoa(code) + ` `).MatchString(all) {
			t.Errorf("no script ends with %d", code)
		}
	}
}
