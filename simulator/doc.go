// Package simulator is a simulated cloud over real HTTP: Huawei Cloud, Open
// Telekom Cloud (OTC) and plain OpenStack. It logs in with tokens and checks
// signatures of its own, serves a seedable estate of any size with the odd
// cases of the real ones, takes scripted faults, records every request, and
// knows what a watcher must publish (Truth). It serves tests, the demo and the
// simulate command. It shares no code with the client, so that one cannot
// excuse the other, and imports only the standard library.
package simulator
