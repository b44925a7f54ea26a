package cli

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

const completionConfig = `clouds:
  - {name: otc-prod, provider: otc, region: eu-de, projects: [eu-de, eu-de_shared], auth: {type: access_key, access_key_id: x, secret_key: y}}
  - {name: lab, provider: openstack, projects: [demo one], auth: {type: password, url: "http://127.0.0.1:1/v3", username: u, password: p}}
`

// bash completes a command line as a real bash does: it takes = for a word of its
// own, calls the function that the program's script defines, and uses the answers.
const completeInBash = `
eval "$("$PROGRAM" --completion-script-bash)"
[[ $(complete -p cloudip_exporter) == *_cloudip_exporter* ]] || exit 1
compopt() { :; }
while IFS= read -r line; do
    read -ra COMP_WORDS <<< "${line//=/ = }"
    [[ $line == *" " || $line == *= ]] && COMP_WORDS+=("")
    COMP_WORDS[0]=$PROGRAM
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _cloudip_exporter
    echo "${COMPREPLY[*]}"
done
`

func TestCompletionInBash(t *testing.T) {
	file, dir := check.Get(built())(t), t.TempDir()
	check.Write(t, filepath.Join(dir, "config.yml"), completionConfig)
	check.Write(t, filepath.Join(dir, "other.yml"), strings.ReplaceAll(completionConfig, "lab", "lab2"))
	var all []string
	for _, c := range commands() {
		all = append(all, c.Name)
	}
	lines := []struct{ line, want string }{
		{"cloudip_exporter ", strings.Join(all, " ")},
		{"cloudip_exporter inv", "inventory"},
		{"cloudip_exporter ser", "serve server"},
		{"cloudip_exporter inventory priv", "private-ips"},
		{"cloudip_exporter inventory ports ", ""},
		{"cloudip_exporter inventory --out", "--output="},
		{"cloudip_exporter inventory --output=", "table json csv"},
		{"cloudip_exporter inventory -o j", "json"},
		{"cloudip_exporter inventory ports --cloud=", "otc-prod lab"},
		{"cloudip_exporter inventory ports --cloud=o", "otc-prod"},
		{"cloudip_exporter lookup 10.0.0.1 --cloud ", "otc-prod lab"},
		{"cloudip_exporter lookup 10.0.0.1 --cloud=otc-prod --project=", "eu-de eu-de_shared"},
		{"cloudip_exporter lookup --project=", `eu-de eu-de_shared demo\ one`},
		{"cloudip_exporter lookup --config.file=other.yml --cloud=l", "lab2"},
		{"cloudip_exporter lookup --config.file=none.yml --cloud=l", ""},
		{"cloudip_exporter --cloud=lab look", "lookup"},
		{"cloudip_exporter lookup --serv", ""},
		{"cloudip_exporter lookup --no-s", "--no-servers"},
		{"cloudip_exporter serve --no-collector.se", "--no-collector.servers"},
		{"cloudip_exporter --log.level=w", "warn"},
		{"cloudip_exporter private-ip a", "assign"},
		{"cloudip_exporter private-ip assign --journal", "--journal.file="},
		{"cloudip_exporter --dem", "--demo --demo.speed= --demo.troubles"},
		{"cloudip_exporter nope --clo", ""},
	}
	var typed strings.Builder
	for _, tt := range lines {
		typed.WriteString(tt.line + "\n")
	}
	bash := exec.CommandContext(t.Context(), "bash", "--norc", "-c", completeInBash)
	bash.Dir, bash.Stdin = dir, strings.NewReader(typed.String())
	bash.Env = []string{"PROGRAM=" + file, "PATH=/usr/bin:/bin"}
	out, err := bash.Output()
	answers := strings.Split(string(out), "\n")
	if err != nil || len(answers) != len(lines)+1 {
		t.Fatalf("%d answers to %d lines: %v", len(answers)-1, len(lines), err)
	}
	for i, tt := range lines {
		check.Equal(t, fmt.Sprintf("%q completes to", tt.line), tt.want, answers[i])
	}
}

// A terminal of its own, in which a key prints the line that zsh has completed.
const (
	keysInZsh = `autoload -Uz compinit && compinit -u -D
source ./script
show() { print -r -- "<$BUFFER>" }
zle -N show
bindkey '^X' show
`
	completeInZsh = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'source ./keys'
zpty -w -n z $'cloudip_exporter --config.file=inv\t\x18'
zpty -r z out '*<*>*'
print -r -- ${${out##*<}%>*}`
)

// Files stand in only where the program has no answer; zsh may not have loaded compdef.
func TestCompletionInFishAndZsh(t *testing.T) {
	if testing.Short() {
		t.Skip("two shells take two seconds")
	}
	file, dir := check.Get(built())(t), t.TempDir()
	check.Write(t, filepath.Join(dir, "invented.yml"), completionConfig)
	check.Write(t, filepath.Join(dir, "keys"), keysInZsh)
	for _, tt := range [][]string{
		{"fish", "complete -C 'cloudip_exporter inv'", "inventory\n"},
		{"fish", "complete -C 'cloudip_exporter --config.file=inv'", "--config.file=invented.yml\n"},
		{"zsh", "print $_comps[cloudip_exporter]", "_cloudip_exporter\n"},
		{"zsh", completeInZsh, "cloudip_exporter --config.file=invented.yml \n"},
	} {
		script := exec.CommandContext(t.Context(), file, "--completion-script-"+tt[0])
		text := check.Get(script.Output())(t)
		check.Write(t, filepath.Join(dir, "script"), string(text))
		shell, err := exec.LookPath(tt[0])
		if err != nil {
			continue // not on this machine
		}
		run := exec.CommandContext(t.Context(), shell, "-c", "source ./script; "+tt[1])
		run.Dir = dir
		run.Env = []string{"HOME=" + dir, "PATH=" + filepath.Dir(file) + ":/usr/bin:/bin"}
		check.Equal(t, tt[1], tt[2], string(check.Get(run.Output())(t)))
	}
}
