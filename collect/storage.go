package collect

import "cloudip_exporter/inventory"

// Storage remembers targets across restarts. No method waits for anything to be
// written.
type Storage interface {
	// Restore returns the last complete answers of a target, with their own times,
	// that may still stand in.
	Restore(identity, cloud, project string) []inventory.State
	// Projects returns the projects of which Restore has answers.
	Projects(identity string) []string
	// IdleSince says since when addresses of a target are idle; nil: nobody knows.
	IdleSince(cloud, project string) inventory.IdleSince
	// Record takes over what is known after a collection, whole.
	Record(identity string, snap *inventory.Snapshot)
}
