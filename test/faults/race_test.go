//go:build race

package faults

// buildFlags build the program like the test that runs it.
var buildFlags = []string{"-race"}
