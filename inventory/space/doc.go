// Package space is the arithmetic of addresses, ranges and prefixes: how many there
// are, and what covers what.
package space
