//go:build !race

package faults

import "time"

var buildFlags []string

// slack is how late an answer may arrive here: the machine has other things
// to do, and the daemon keeps half a second for that.
const slack = 250 * time.Millisecond

// catalogueBytes is the size of an endless catalogue: as much as an identity service may answer, nearly.
const catalogueBytes = 7 << 20
