// Package estate holds what a simulated cloud has: projects, VPCs, networks,
// ports, servers, address groups and quotas. Package simulator serves it by the
// APIs of the clouds; package simtest counts the truth on it and changes it.
package estate
