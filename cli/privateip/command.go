// Package privateip is the command private-ip: it lists, assigns and releases
// private IPs, and reconciles changes whose outcome is unknown. A change is: look,
// ask, journal the intent, send one request, read back where its outcome is
// unknown, journal the outcome.
package privateip

import (
	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
)

// Command returns the group private-ip.
func Command() command.Command {
	journal := new(string)
	return command.Command{
		Name: "private-ip", Help: "Assign, list and release private IPs.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			c.Flag("journal.file", "Journal of assignments and releases; default cloudip_exporter/journal.jsonl below $XDG_STATE_HOME or ~/.local/state.").PlaceHolder("FILE").StringVar(journal)
			return nil
		},
		Commands: []command.Command{assignCommand(journal), listCommand(), releaseCommand(journal), reconcileCommand(journal)},
	}
}
