package inventory

import (
	"net/netip"
	"slices"
	"strings"
)

// Candidate is a thing that people may mean.
type Candidate struct {
	ID, Name string
	Prefix   string // of a subnet
}

// Called returns what people call so: the one with that id, else each with that name or
// prefix, or whose id begins so.
func Called(called string, all []Candidate) (found []Candidate) {
	const beginning = 8 // characters of an id that name what has it
	prefix, _ := netip.ParsePrefix(called)
	for _, c := range all {
		if c.ID == called {
			return []Candidate{c}
		}
		fits := c.Name == called || c.Prefix == prefix.Masked().String() || len(called) >= beginning && strings.HasPrefix(c.ID, called)
		if fits && !slices.ContainsFunc(found, func(f Candidate) bool { return f.ID == c.ID }) {
			found = append(found, c)
		}
	}
	return found
}
