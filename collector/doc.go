// Package collector has the collectors. A collector is a value in the list that
// All returns; a file of its own says what it needs of a provider, what it fetches
// and which metrics it publishes. Fetch makes a Part of a snapshot; the rows of
// metrics are pure functions of a View of a snapshot.
package collector
