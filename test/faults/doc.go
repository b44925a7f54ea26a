// Package faults holds the fault matrix: one row for every fault that a cloud,
// a network, an operator or an attacker can produce, each a script that is
// played against the built program. Its table is written to
// docs/reliability.md; `make faults` prints it with what was measured.
package faults
