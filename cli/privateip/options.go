package privateip

import (
	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/table"
)

// Options are the flags of the commands; each uses its own.
type Options struct {
	command.Target
	table.Output
	JournalFile string // "" is DefaultJournal
	Yes, DryRun bool

	Subnet     string // as people call it; for the list "" is all
	Address    string // "" takes a free one
	addressSet bool
	ID         string // of the private IP to release; on OpenStack of the port
	Force      bool   // release what may be in use but is not known to be
}
