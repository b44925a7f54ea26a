// Package simulator is a simulated cloud over real HTTP: Huawei Cloud, Open
// Telekom Cloud (OTC) and plain OpenStack. It logs in with tokens and checks
// signatures of its own, serves a seedable estate of any size with the odd
// cases of the real ones. It serves the demo, the simulate command and, with the
// faults and the truth of package simtest, the tests. It shares no code with the
// client, so that one cannot excuse the other, and imports only package estate and
// the standard library.
package simulator
