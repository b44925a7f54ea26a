//go:build race

package faults

import "time"

// buildFlags build the program like the test that runs it.
var buildFlags = []string{"-race"}

// slack is how late an answer may be: the race detector makes all slow.
const slack = 2 * time.Second

// catalogueBytes is the size of an endless catalogue: the race detector makes it slow, and takes memory of its own.
const catalogueBytes = 1 << 20
