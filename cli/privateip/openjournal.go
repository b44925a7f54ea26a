package privateip

import (
	"context"
	"os/user"
	"path/filepath"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cli/terminal"
)

// DefaultJournal returns the journal's path unless one is given:
// $XDG_STATE_HOME/cloudip_exporter/journal.jsonl, else below ~/.local/state. It
// is "" for a user without home: what depends on the working directory would not
// be found again.
func DefaultJournal(getenv func(string) string) string {
	dir := getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) { // so says the base directory specification
		home := getenv("HOME")
		if home == "" {
			if u, err := user.Current(); err == nil {
				home = u.HomeDir
			}
		}
		if !filepath.IsAbs(home) {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "cloudip_exporter", "journal.jsonl")
}

// openJournal opens the journal and warns of an unfinished last line.
func openJournal(ctx context.Context, e *command.Env, path string) (*journal.Journal, error) {
	if path == "" {
		if path = DefaultJournal(e.Getenv); path == "" {
			return nil, exit.Usagef("the journal has no place, as you have no home directory: give --journal.file, or set HOME or XDG_STATE_HOME")
		}
	}
	j, err := journal.Open(ctx, path, e.Now)
	if err != nil {
		return nil, err
	}
	if n := j.Torn(); n > 0 {
		e.Say("warning: the last line of journal %s is unfinished (%d bytes): a run was killed while it wrote; the next entry removes it", path, n)
	}
	return j, nil
}

// commandToReconcile returns what a person runs to decide open intents.
func commandToReconcile(e *command.Env, journalFile string) string {
	if journalFile == "" {
		journalFile = DefaultJournal(e.Getenv)
	}
	command := "cloudip_exporter private-ip reconcile"
	if e.ConfigFile != "" {
		command += " --config.file=" + terminal.Quote(e.ConfigFile)
	}
	return command + " --journal.file=" + terminal.Quote(journalFile)
}
