package config

import (
	"fmt"
	"slices"
	"strings"
)

// maxFaults is more than anybody reads; a file of one MiB can have 100,000.
const maxFaults = 1000

// Fault is one thing wrong with a configuration file. It never holds the
// value of a secret.
type Fault struct {
	File string
	Line int    // from 1
	Key  string // path such as clouds[0].auth.type; "yaml" when the file cannot be read as YAML
	Text string
}

// Error returns "FILE:LINE: KEY: what is wrong".
func (f Fault) Error() string { return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Key, f.Text) }

// Faults is everything wrong with a configuration file, in order of line.
type Faults []Fault

// Error returns one Fault a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

func (fs Faults) sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.Line - b.Line })
}
