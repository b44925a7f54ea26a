//go:build !race

package faults

var buildFlags []string

const slack = 0
