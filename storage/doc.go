// Package storage keeps in one SQLite file what the daemon must not forget: the
// last complete answer of each collector, and tenures, which say who held which
// address from when to when. One goroutine writes; nobody waits for it. It knows
// no cloud and no HTTP.
package storage
