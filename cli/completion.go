package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

// The scripts ask the program for the words that may stand where the cursor is.
// kingpin's own answer stops at the default command. A word that ends with =
// needs no blank behind it. Files stand in where the program has no answer.
const (
	completionBash = `_cloudip_exporter() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$(printf %q "$word")")
    done < <("${COMP_WORDS[0]}" --completion-bash "${COMP_WORDS[@]:1:$COMP_CWORD}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && $word != *= && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _cloudip_exporter cloudip_exporter
`
	completionZsh = `#compdef cloudip_exporter
_cloudip_exporter() {
    local -a found
    found=("${(@f)$("${words[1]}" --completion-bash "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
    found=(${found:#})
    compadd -S '' -- ${(M)found:#*=}
    compadd -- ${found:#*=}
    (( $#found )) || { compset -P '*='; _files }
}
if [ "$funcstack[1]" = "_cloudip_exporter" ]; then
    _cloudip_exporter
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _cloudip_exporter cloudip_exporter
fi
`
	completionFish = `function __cloudip_exporter_words
    cloudip_exporter --completion-bash (commandline -opc)[2..] (commandline -ct)
end
complete -c cloudip_exporter -f -a '(__cloudip_exporter_words)'
complete -c cloudip_exporter -n 'not __cloudip_exporter_words | string length -q' -F
`
)

// complete prints what completion asks for: a script, or words.
func (a *app) complete(args []string) (answer string, asked bool) {
	for name, script := range map[string]string{"bash": completionBash, "zsh": completionZsh, "fish": completionFish} {
		if slices.Contains(args, "--completion-script-"+name) {
			return script, true
		}
	}
	if len(args) == 0 || args[0] != "--completion-bash" {
		return "", false
	}
	var b strings.Builder
	for _, word := range a.words(joined(args[1:])) {
		b.WriteString(word + "\n")
	}
	return b.String(), true
}

// typed is a command line up to the cursor.
type typed struct {
	words   []string
	current string // the word at the cursor
	prefix  string // of the answers: --flag= where the shell takes that for a part of the word
}

// joined puts --flag, = and value together, which bash takes for three words.
func joined(args []string) typed {
	t := typed{}
	for i, word := range args {
		switch n := len(t.words); {
		case word == "=" && n > 0:
			t.words[n-1] += "="
		case i > 0 && args[i-1] == "=" && n > 0:
			t.words[n-1] += word
		default:
			t.words = append(t.words, word)
		}
	}
	if n := len(t.words); n > 0 {
		t.current, t.words = t.words[n-1], t.words[:n-1]
	}
	if name, _, found := strings.Cut(t.current, "="); found && !slices.Contains(args, "=") {
		t.prefix = name + "="
	}
	return t
}

func (a *app) words(t typed) []string {
	m := a.Model()
	command, _, arguments := split(m, t.words)
	name, value, given := strings.Cut(t.current, "=")
	if last := len(t.words) - 1; last >= 0 && valueFlags(m)[t.words[last]] { // --flag value
		name, value, given = t.words[last], t.current, true
	}
	var all []string
	switch clause := a.clauses[strings.Join(command, " ")]; {
	case given && strings.HasPrefix(name, "-"):
		all = a.values(command, strings.TrimLeft(name, "-"), t.words)
	case strings.HasPrefix(t.current, "-"):
		all, value = a.flags(command), t.current
	case len(arguments) > 0:
	case clause != nil:
		all, value = clause.CmdCompletion(&kingpin.ParseContext{}), t.current
	default:
		value = t.current
		for _, c := range m.Commands {
			if !c.Hidden {
				all = append(all, c.Name)
			}
		}
	}
	var words []string
	for _, word := range all {
		if strings.HasPrefix(word, value) {
			words = append(words, t.prefix+word)
		}
	}
	return words
}

// level is the program, a group of commands or a command, with its flags.
type level struct {
	flags   *kingpin.FlagGroupModel
	choices func(flag, value string) (all []string, known, complete bool)
}

// levels are those that a command line has passed; the default command where it
// names none.
func (a *app) levels(command []string) []level {
	all := []level{{a.Model().FlagGroupModel, a.FlagCompletion}}
	if len(command) == 0 {
		command = []string{a.byDefault}
	}
	for i := range command {
		c := a.clauses[strings.Join(command[:i+1], " ")]
		all = append(all, level{c.Model().FlagGroupModel, c.FlagCompletion})
	}
	return all
}

func (a *app) flags(command []string) (all []string) {
	for _, l := range a.levels(command) {
		for _, f := range l.flags.Flags {
			switch {
			case f.Hidden:
			case !f.IsBoolFlag():
				all = append(all, "--"+f.Name+"=")
			case slices.Contains(f.Default, "true"):
				all = append(all, "--no-"+f.Name)
			default:
				all = append(all, "--"+f.Name)
				if strings.HasPrefix(f.Name, "collector.") {
					all = append(all, "--no-"+f.Name)
				}
			}
		}
	}
	return all
}

// values are what a flag may have: the clouds and projects of the configuration,
// and the choices of others.
func (a *app) values(command []string, flag string, words []string) []string {
	if flag == "cloud" || flag == "project" {
		return configured(flag, words)
	}
	for _, l := range a.levels(command) {
		for _, f := range l.flags.Flags {
			if f.Name == flag || string(f.Short) == flag {
				all, _, _ := l.choices(f.Name, "")
				return all
			}
		}
	}
	return nil
}

// configured returns the clouds of the configuration that the words name, or the
// projects of those clouds that --cloud chooses.
func configured(what string, words []string) (names []string) {
	file, chosen := "config.yml", ""
	for i, word := range words {
		name, value, given := strings.Cut(word, "=")
		if !given && i+1 < len(words) {
			value = words[i+1]
		}
		switch name {
		case "--config.file":
			file = value
		case "--cloud":
			chosen = value
		}
	}
	cfg, err := config.Load(file, config.Options{Collectors: collector.Catalogue()})
	if err != nil {
		return nil
	}
	for _, c := range cfg.Clouds() {
		switch {
		case what == "cloud":
			names = append(names, c.Name)
		case chosen == "" || chosen == c.Name:
			names = append(names, slices.DeleteFunc(c.Projects, func(p string) bool { return p == "" || p == "*" })...)
		}
	}
	return names
}
